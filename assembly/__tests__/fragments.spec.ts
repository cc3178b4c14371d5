import { openFrame } from "../cursor";
import { join, joinedLength, joinedNext, resetFragments, settle } from "../fragments";
import { MAX_DATAGRAM_AGE, MAX_DATAGRAMS } from "../layout/limits";
import { COUNT_FRAGMENTS_DROPPED, COUNT_REASSEMBLED } from "../layout/state";
import { ipHeader } from "../segment";
import { PACKET, clear, counter, fill } from "./packets";

const TCP: u32 = 6;
const LAST = false;
const MORE = true;

// A fragment of `n` bytes of one value. Returns the whole payload when this completes it.
function take(id: u32, offset: u32, n: u32, value: u8, more: bool, time: i64 = 0): u32 {
  const p = fill(value, n);
  openFrame(p, n, n, time);
  return join(4, id, TCP, offset, more);
}

// Whether `n` bytes from `p` on all have one value.
function all(p: u32, n: u32, value: u8): bool {
  for (let i: u32 = 0; i < n; i++) if (load<u8>(p + i) != value) return false;
  return true;
}

describe("fragments", () => {
  beforeEach(() => {
    clear();
    resetFragments();
    const addresses = fill(10, 8);
    ipHeader(4, addresses, addresses + 4, 64, 0);
  });

  it("in order make a datagram with the second", () => {
    expect<u32>(take(1, 0, 16, 0xaa, MORE)).toBe(0);
    const whole = take(1, 16, 5, 0xbb, LAST);
    expect<u32>(whole).not.toBe(0);
    expect<u32>(joinedLength).toBe(21);
    expect<u32>(joinedNext).toBe(TCP);
    expect(all(whole, 16, 0xaa)).toBe(true);
    expect(all(whole + 16, 5, 0xbb)).toBe(true);
    expect(counter(COUNT_REASSEMBLED)).toBe(1);
  });

  it("in reverse order make the same datagram", () => {
    expect<u32>(take(1, 16, 5, 0xbb, LAST)).toBe(0);
    const whole = take(1, 0, 16, 0xaa, MORE);
    expect<u32>(whole).not.toBe(0);
    expect<u32>(joinedLength).toBe(21);
    expect(all(whole, 16, 0xaa)).toBe(true);
    expect(all(whole + 16, 5, 0xbb)).toBe(true);
  });

  it("with a gap wait until it is filled", () => {
    expect<u32>(take(1, 0, 8, 1, MORE)).toBe(0);
    expect<u32>(take(1, 16, 8, 3, LAST)).toBe(0);
    expect<u32>(take(1, 8, 8, 2, MORE)).not.toBe(0);
    expect<u32>(joinedLength).toBe(24);
  });

  it("of two datagrams do not mix", () => {
    expect<u32>(take(1, 0, 8, 1, MORE)).toBe(0);
    expect<u32>(take(2, 8, 8, 2, LAST)).toBe(0);
    const whole = take(1, 8, 8, 1, LAST);
    expect(all(whole, 16, 1)).toBe(true);
  });

  it("wait two minutes for the rest: after that the identification is another datagram's", () => {
    const begun: i64 = 1_700_000_000_000_000_000;
    const waited: i64 = <i64>MAX_DATAGRAM_AGE * 1_000_000_000;
    expect<u32>(take(1, 0, 8, 1, MORE, begun)).toBe(0);
    expect<u32>(take(1, 8, 8, 2, LAST, begun + waited)).not.toBe(0);
    settle(false);
    expect<u32>(take(1, 0, 8, 3, MORE, begun)).toBe(0);
    expect<u32>(take(1, 8, 8, 5, LAST, begun + waited + 1)).toBe(0);
    expect(counter(COUNT_FRAGMENTS_DROPPED)).toBe(1);
    const whole = take(1, 0, 8, 4, MORE, begun + waited + 2);
    expect(all(whole, 8, 4)).toBe(true);
    expect(all(whole + 8, 8, 5)).toBe(true);
  });

  it("of other addresses are another datagram's", () => {
    expect<u32>(take(1, 0, 8, 1, MORE)).toBe(0);
    const addresses = fill(11, 8);
    ipHeader(4, addresses, addresses + 4, 64, 0);
    expect<u32>(take(1, 8, 8, 1, LAST)).toBe(0);
  });

  it("that overlap give a byte to the one that starts first", () => {
    take(1, 0, 16, 0xaa, MORE);
    const whole = take(1, 8, 16, 0xbb, LAST);
    expect<u32>(joinedLength).toBe(24);
    expect(all(whole, 16, 0xaa)).toBe(true);
    expect(all(whole + 16, 8, 0xbb)).toBe(true);
  });

  it("that overlap do so whichever came first", () => {
    take(1, 8, 16, 0xbb, LAST);
    const whole = take(1, 0, 16, 0xaa, MORE);
    expect(all(whole, 16, 0xaa)).toBe(true);
    expect(all(whole + 16, 8, 0xbb)).toBe(true);
  });

  it("that start together give a byte to the one that came first", () => {
    take(1, 0, 16, 0xaa, MORE);
    take(1, 0, 16, 0xbb, MORE);
    const whole = take(1, 16, 8, 0xcc, LAST);
    expect(all(whole, 16, 0xaa)).toBe(true);
  });

  it("that disagree about the length give the datagram up", () => {
    take(1, 16, 8, 1, LAST);
    expect<u32>(take(1, 8, 8, 1, LAST)).toBe(0);
    expect(counter(COUNT_FRAGMENTS_DROPPED)).toBe(1);
    expect<u32>(take(1, 0, 16, 1, MORE)).toBe(0);
  });

  it("behind the last one give the datagram up", () => {
    take(1, 8, 8, 1, LAST);
    expect<u32>(take(1, 16, 8, 1, MORE)).toBe(0);
    expect(counter(COUNT_FRAGMENTS_DROPPED)).toBe(1);
  });

  it("that would end past the longest datagram are not taken", () => {
    expect<u32>(take(1, 65528, 8, 1, LAST)).toBe(0);
    expect<u32>(take(1, 0, 32, 1, MORE)).toBe(0);
    expect<u32>(take(1, 32, 8, 1, LAST)).not.toBe(0);
  });

  it("but the last count in whole units of eight bytes", () => {
    expect<u32>(take(1, 0, 7, 1, MORE)).toBe(0);
    expect<u32>(take(1, 0, 15, 2, MORE)).toBe(0);
    const whole = take(1, 8, 8, 3, LAST);
    expect<u32>(joinedLength).toBe(16);
    expect(all(whole, 8, 2)).toBe(true);
    expect(all(whole + 8, 8, 3)).toBe(true);
  });

  it("of one datagram more than there is room for push the oldest out, and only that", () => {
    for (let id: u32 = 0; id <= <u32>MAX_DATAGRAMS; id++) take(id, 0, 8, 1, MORE);
    expect(counter(COUNT_FRAGMENTS_DROPPED)).toBe(1);
    expect<u32>(take(1, 8, 8, 1, LAST)).not.toBe(0);
    settle(false);
    expect<u32>(take(MAX_DATAGRAMS, 8, 8, 1, LAST)).not.toBe(0);
    settle(false);
    expect<u32>(take(0, 8, 8, 1, LAST)).toBe(0);
  });

  it("find nothing left of a datagram whose room they take", () => {
    for (let id: u32 = 0; id < <u32>MAX_DATAGRAMS; id++) take(id, 8, 64, 1, MORE);
    take(1000, 0, 8, 2, MORE);
    const whole = take(1000, 72, 8, 2, LAST);
    expect<u32>(whole).toBe(0);
    expect<u32>(take(1000, 8, 64, 2, MORE)).not.toBe(0);
  });
});
