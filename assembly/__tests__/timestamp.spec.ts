import { nanoseconds } from "../timestamp";

const SECOND: i64 = 1_000_000_000;

describe("pcapng timestamps", () => {
  it("in microseconds, milliseconds and whole seconds are multiplied", () => {
    expect(nanoseconds(1_700_000_000_123_456, 6)).toBe(1_700_000_000_123_456_000);
    expect(nanoseconds(1_700_000_000_123, 3)).toBe(1_700_000_000_123_000_000);
    expect(nanoseconds(1_700_000_000, 0)).toBe(1_700_000_000 * SECOND);
  });

  it("in nanoseconds stay as they are, to the last that 63 bits hold", () => {
    expect(nanoseconds(1, 9)).toBe(1);
    expect(nanoseconds(<u64>i64.MAX_VALUE, 9)).toBe(i64.MAX_VALUE);
  });

  it("finer than nanoseconds are rounded down, to the last of 64 bits", () => {
    expect(nanoseconds(1_999, 12)).toBe(1);
    expect(nanoseconds(u64.MAX_VALUE, 12)).toBe(18_446_744_073_709_551);
    expect(nanoseconds(u64.MAX_VALUE, 28)).toBe(1);
  });

  it("too fine for 64 bits to reach a nanosecond are 0", () => {
    expect(nanoseconds(u64.MAX_VALUE, 29)).toBe(0);
    expect(nanoseconds(u64.MAX_VALUE, 127)).toBe(0);
  });

  it("in powers of two keep the seconds apart from the fraction", () => {
    expect(nanoseconds(3, 0x80 | 1)).toBe(1_500_000_000);
    expect(nanoseconds((1_700_000_000 << 10) | 256, 0x80 | 10)).toBe(1_700_000_000 * SECOND + 250_000_000);
    expect(nanoseconds((1_700_000_000 << 32) | 0x80000000, 0x80 | 32)).toBe(1_700_000_000 * SECOND + 500_000_000);
  });

  it("in powers of two above 32 do not overflow where fraction times a second takes 94 bits", () => {
    // The fraction is the largest there is: just less than a second.
    expect(nanoseconds(u64.MAX_VALUE, 0x80 | 33)).toBe(((1 << 31) - 1) * SECOND + 999_999_999);
    expect(nanoseconds(u64.MAX_VALUE, 0x80 | 48)).toBe(65_535 * SECOND + 999_999_999);
    expect(nanoseconds(u64.MAX_VALUE, 0x80 | 63)).toBe(SECOND + 999_999_999);
  });

  it("in powers of two from 64 on have no whole second", () => {
    expect(nanoseconds(u64.MAX_VALUE, 0x80 | 64)).toBe(999_999_999);
    expect(nanoseconds(u64.MAX_VALUE, 0x80 | 65)).toBe(499_999_999);
    expect(nanoseconds(u64.MAX_VALUE, 0x80 | 127)).toBe(0);
  });
});
