/**
 * Which bytes win where a segment overlaps others that are held (not yet delivered, because bytes before
 * them are missing). Operating systems differ, and an attacker who knows it can show a watcher other bytes
 * than the receiver reads (Ptacek and Newsham 1998; Novak and Sturges, "Target-Based TCP Stream
 * Reassembly", 2007). Bytes already delivered are final under every policy, as they are in a real stack.
 *
 * - `first`: what arrived first stays.
 * - `last`: what arrived last stays.
 * - `bsd`: the new segment wins where it begins before the held one (FreeBSD, macOS, AIX).
 * - `windows`: as `bsd`, in every overlap published so far; a name of its own so that a later difference has a place.
 * - `linux`: as `bsd`, and also where both begin together and the new segment reaches further.
 * - `solaris`: the new segment wins where it reaches further than the held one, or begins no later and
 *   ends with it.
 */
export type OverlapPolicy = "first" | "last" | "bsd" | "linux" | "windows" | "solaris";

export const overlapPolicies: readonly OverlapPolicy[] = [
  "first",
  "last",
  "bsd",
  "linux",
  "windows",
  "solaris",
];

/**
 * Whether the new segment's bytes replace the held ones where they overlap. The bounds are those of the
 * segments as they arrived, whatever has been trimmed from them since.
 */
export function newWins(
  policy: OverlapPolicy,
  newStart: number,
  newEnd: number,
  heldStart: number,
  heldEnd: number,
): boolean {
  switch (policy) {
    case "first":
      return false;
    case "last":
      return true;
    case "bsd":
    case "windows":
      return newStart < heldStart;
    case "linux":
      return newStart < heldStart || (newStart === heldStart && newEnd > heldEnd);
    case "solaris":
      return newEnd > heldEnd || (newEnd === heldEnd && newStart <= heldStart);
  }
}
