import { IN_CHECKSUM, IN_FLAGS, IN_SEQ } from "../layout/flow-columns";

// What segments captured twice have in common: the checksum, and flags and sequence number. The checksum alone is a sum: an
// acknowledgment after a FIN adds to the number what the FIN had in its flags, while urgent data go out byte by byte the
// number rises by as much as the urgent pointer falls, and a clock that went on makes up for a PSH that is gone.

/** Of row `i` as a whole: 32 bits. */
// @ts-ignore: decorator
@inline
export function likeness(i: u32): u32 {
  const flags = <u32>load<u16>(i << 1, IN_FLAGS) << 16;
  return (load<u32>(i << 2, IN_SEQ) * MIX) ^ flags ^ <u32>load<u16>(i << 1, IN_CHECKSUM);
}

/** Of row `i` among those of its range: 16 bits. */
// @ts-ignore: decorator
@inline
export function printOf(i: u32): u32 {
  const flags = <u32>load<u16>(i << 1, IN_FLAGS);
  return <u32>load<u16>(i << 1, IN_CHECKSUM) ^ ((flags * MIX) & 0xffff);
}

// 2^32 over the golden ratio, odd: neighbouring numbers differ in both halves.
const MIX: u32 = 0x9e3779b1;
