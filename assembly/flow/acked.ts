import { E_FRAME, E_SENT, E_TIME, ENTRY_AGAIN, ENTRY_PHANTOM } from "../layout/flow-record";

// What the last acknowledgment number acknowledged exactly.

/** The frame, 0 for none. */
export let ackedFrame: u32 = 0;
/** When that frame was seen. */
export let ackedTime: i64 = 0;
/**
 * Its ENTRY_ bits. ENTRY_AGAIN makes the time ambiguous (Karn, RFC 6298 3), and stands also where another segment that was
 * sent again or came late is acknowledged with it: the receiver waited for that one, so the time is not the way's.
 */
export let ackedBits: u32 = 0;

// @ts-ignore: decorator
@inline
export function nothingAcknowledged(): void {
  ackedFrame = 0;
}

/** The number ends where this entry does. Of several that do the oldest is told, and is to be the first. */
// @ts-ignore: decorator
@inline
export function found(at: u32): void {
  tell(load<u32>(at, E_FRAME), load<i64>(at, E_TIME), load<u32>(at, E_SENT) & (ENTRY_AGAIN | ENTRY_PHANTOM));
}

// @ts-ignore: decorator
@inline
export function tell(frame: u32, time: i64, bits: u32): void {
  if (ackedFrame) {
    ackedBits |= ENTRY_AGAIN;
    return;
  }
  ackedFrame = frame;
  ackedTime = time;
  ackedBits = bits;
}

/** What else was acknowledged with it had these bits. */
// @ts-ignore: decorator
@inline
export function foundBeside(bits: u32): void {
  ackedBits |= bits & ENTRY_AGAIN;
}
