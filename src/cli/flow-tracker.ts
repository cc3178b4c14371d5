import { type FlowRecord, FlowTracker } from "../flow/index.ts";

/**
 * A flow tracker as the command line uses it: what it says is what tshark says, however long a silence was.
 * @param onEvicted told of conversations that were given up to keep within its bounds
 * @param wantsEvicted asked before whether it is to be told
 */
export function flowTracker(
  onEvicted?: (record: FlowRecord) => void,
  wantsEvicted?: (stream: number, bytes: number) => boolean,
): FlowTracker {
  return new FlowTracker({ random: (bytes) => crypto.getRandomValues(bytes), onEvicted, wantsEvicted });
}
