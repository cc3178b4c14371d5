// The flow module's only exported surface: a tracker is an instance, with a memory of its own. Columns lie
// where layout/flow-columns.ts says, records look as layout/flow-record.ts says.
import { held, streams } from "./flow/conversation";
import { separate } from "./flow/keys";
import { reserved } from "./flow/memory";
import { keyOf, limitRings, recordAt, recordCount } from "./flow/pool";
import { countKnown, runRows, untracked } from "./flow/run";
import { departed, releaseDeparted, setLimits } from "./flow/eviction";
import { statisticsOf } from "./flow/statistics";
import { openTable } from "./flow/table";

export { countKnown, keyOf, recordAt, recordCount, statisticsOf };

/**
 * Makes the tracker ready; the hash's secret lies at FLOW_KEY by then. At most `flows` conversations are
 * held, those silent for more than `idle` nanoseconds given up (0: never), and segments that wait for an
 * ACK take at most `ringBytes`. Returns false when memory is out.
 */
export function configure(flows: u32, idle: i64, ringBytes: f64, vlans: bool, tunnels: bool): bool {
  setLimits(flows, idle);
  limitRings(<u64>ringBytes);
  separate(vlans, tunnels);
  return openTable();
}

/** Follows rows 0 to `n` - 1 of the IN_ columns and fills the OUT_ columns. */
export function run(n: u32): void {
  runRows(n);
}

/** How many records at FLOW_DEPARTED the last `run` gave up. */
export function departedCount(): u32 {
  return departed;
}

/** Frees them. To be called after each `run`. */
export function release(): void {
  releaseDeparted();
}

/** Conversations seen so far. */
export function streamCount(): u32 {
  return streams;
}

/** Conversations held. */
export function heldCount(): u32 {
  return held;
}

/** Rows for whose conversation there was no memory. */
export function untrackedCount(): f64 {
  return <f64>untracked;
}

/** Bytes of memory in use or kept for reuse. */
export function bytesReserved(): u32 {
  return reserved();
}
