import type { Address } from "../wire/address.ts";
import { addAddress, addWord, begin, digest, finish, type SipKey } from "./siphash.ts";

// The clock of RFC 9293 3.4.1: one step each 4 microseconds, so it comes round in 4.77 hours.
const STEPS_PER_MS = 250;

/** What `initialSequence` chose last. */
export const chosen = { isn: 0, timestampOffset: 0 };

/**
 * ISN = M + F(localip, localport, remoteip, remoteport, secretkey) (RFC 6528 3) with SipHash-2-4 as F: the
 * numbers of one pair of sockets climb with the clock, and tell nothing about those of another. The other
 * half of the hash becomes the offset of the timestamps (RFC 7323 5.4). Both are left in `chosen`.
 *
 * @param key secret, the same for all connections of a host
 * @param ports source and destination port in one word
 */
export function initialSequence(
  key: SipKey,
  local: Address,
  remote: Address,
  ports: number,
  now: number,
): void {
  begin(key);
  addAddress(local);
  addAddress(remote);
  addWord(ports);
  finish();
  chosen.isn = (Math.floor(now * STEPS_PER_MS) + digest.low) | 0;
  chosen.timestampOffset = digest.high;
}
