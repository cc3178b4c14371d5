export { Clock, type Task } from "./clock.ts";
export type { Bursts, Pick } from "./faults.ts";
export {
  CORRUPTED,
  type Deliver,
  DROPPED,
  DUPLICATED,
  fateNames,
  LOST,
  MARKED,
  Path,
  type PathCounters,
  type PathSettings,
  QUEUE_FULL,
  REORDERED,
  TOO_BIG,
  type Watch,
} from "./path.ts";
export { Random } from "./random.ts";
