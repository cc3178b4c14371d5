import { fold, sumWords } from "../checksum";

// A second way to the same number: one 16-bit word at a time (RFC 1071 4.1).
function slow(p: u32, n: u32): u32 {
  let sum: u64 = 0;
  for (let i: u32 = 0; i + 1 < n; i += 2) sum += <u64>load<u16>(p + i);
  if (n & 1) sum += <u64>load<u8>(p + n - 1);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return <u32>sum;
}

describe("checksum", () => {
  it("agrees with the word-at-a-time sum for every length to 300 at every alignment", () => {
    const p: u32 = 3 << 20;
    for (let i: u32 = 0; i < 400; i++) store<u8>(p + i, <u8>(i * 167 + 13));
    for (let shift: u32 = 0; shift < 16; shift++) {
      for (let n: u32 = 0; n <= 300; n++) {
        expect(fold(sumWords(p + shift, n))).toBe(slow(p + shift, n));
      }
    }
  });
});
