import { SUM_MOST, copyAndSumWords, fold, isWhole, sumWords, sumWordsCalled } from "../checksum";

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

const SOURCE: u32 = 3 << 20;
const TARGET: u32 = 4 << 20;
const UNTOUCHED: u8 = 0x5a;

// Whether copying `n` bytes gives the bytes, their sum, and leaves what lies on both sides of them alone.
function copies(target: u32, source: u32, n: u32): bool {
  memory.fill(TARGET, UNTOUCHED, 512);
  if (fold(copyAndSumWords(target, source, n)) != fold(sumWords(source, n))) return false;
  if (memory.compare(target, source, n) != 0) return false;
  for (let p = TARGET; p < target; p++) if (load<u8>(p) != UNTOUCHED) return false;
  for (let p = target + n; p < TARGET + 512; p++) if (load<u8>(p) != UNTOUCHED) return false;
  return true;
}

describe("copying while summing", () => {
  it("equals copying and then summing for every length to 300, and writes nothing beside", () => {
    for (let i: u32 = 0; i < 400; i++) store<u8>(SOURCE + i, <u8>(i * 91 + 7));
    let wrong: i32 = -1;
    for (let n: u32 = 0; n <= 300 && wrong < 0; n++) if (!copies(TARGET + 64, SOURCE, n)) wrong = n;
    expect(wrong).toBe(-1, "the first length that went wrong");
  });

  it("takes odd addresses on either side", () => {
    for (let i: u32 = 0; i < 400; i++) store<u8>(SOURCE + i, <u8>(i * 91 + 7));
    let wrong: i32 = -1;
    for (let shift: u32 = 1; shift < 16 && wrong < 0; shift += 2) {
      for (let n: u32 = 0; n <= 300 && wrong < 0; n++) {
        if (!copies(TARGET + shift, SOURCE, n) || !copies(TARGET, SOURCE + shift, n)) wrong = n;
      }
    }
    expect(wrong).toBe(-1, "the first length that went wrong");
  });

  it("loses no carry of 300,001 bytes of ones", () => {
    const n: u32 = 300_001;
    memory.fill(SOURCE, 0xff, n);
    expect(fold(copyAndSumWords(TARGET, SOURCE, n))).toBe(slow(SOURCE, n));
    expect(memory.compare(TARGET, SOURCE, n)).toBe(0);
  });
});

// Whether the most that is summed at once, of two blocks in turn, comes out right, at each length below as well.
function longest(even: u64, odd: u64): bool {
  for (let i: u32 = 0; i < SUM_MOST; i += 32) {
    store<u64>(SOURCE + i, even);
    store<u64>(SOURCE + i, even, 8);
    store<u64>(SOURCE + i, odd, 16);
    store<u64>(SOURCE + i, odd, 24);
  }
  for (let n: u32 = SUM_MOST; n > 128; n >>= 1) if (fold(sumWords(SOURCE, n)) != slow(SOURCE, n)) return false;
  return true;
}

describe("long sums", () => {
  it("of 300,001 bytes of ones lose no carry", () => {
    const n: u32 = 300_001;
    memory.fill(SOURCE, 0xff, n);
    expect(fold(sumWordsCalled(SOURCE, n))).toBe(slow(SOURCE, n));
  });

  it("count their carries where the estimate of them is furthest off", () => {
    // Blocks of 16 bytes, even and odd: means that are rounded up at each level, or lose most below the top word.
    expect(longest(0, 0x0001000100010001)).toBe(true, "a unit in every second block");
    expect(longest(0xffffffffffffffff, 0xfffefffefffefffe)).toBe(true, "a unit less than all ones");
    expect(longest(0xffffffffffffffff, 0xffffffffffffffff)).toBe(true, "all ones");
    expect(longest(0x0000ffffffffffff, 0x0000ffffffffffff)).toBe(true, "all below the top word");
    expect(longest(0x8000ffffffffffff, 0x7fffffffffffffff)).toBe(true, "half way");
    expect(longest(0, 0)).toBe(true, "nothing");
  });

  it("count their carries of any bytes", () => {
    let x: u64 = 88172645463325252;
    for (let i: u32 = 0; i < SUM_MOST; i += 8) {
      x ^= x << 13;
      x ^= x >> 7;
      x ^= x << 17;
      store<u64>(SOURCE + i, x);
    }
    let wrong: i32 = -1;
    for (let n: u32 = 0; n <= SUM_MOST && wrong < 0; n += 4099) if (fold(sumWords(SOURCE, n)) != slow(SOURCE, n)) wrong = n;
    expect(wrong).toBe(-1, "the first length that went wrong");
  });

  it("are whole exactly when they fold to all ones", () => {
    expect(isWhole(0xffff)).toBe(true);
    expect(isWhole(0xffff * 0x12345)).toBe(true);
    expect(isWhole(0xfffe)).toBe(false);
    expect(isWhole(0x10000)).toBe(false);
    expect(isWhole(0xffff * 0x12345 + 1)).toBe(false);
  });
});
