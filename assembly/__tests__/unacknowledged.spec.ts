import {
  ENTRY_AGAIN,
  R_CLIENT,
  S_BASE,
  S_COUNT,
  S_FLAGS,
  S_NEXT,
  S_NEXT_FRAME,
  S_NEXT_TIME,
  SIDE_BYTES,
  SIDE_UNORDERED,
} from "../layout/flow-record";
import { gt } from "../seq";
import { limitRings, takeRecord } from "../flow/pool";
import { ackedBits, ackedFrame, ackedTime } from "../flow/acked";
import { looked } from "../flow/ring";
import { acknowledge, forget, hasTwin, oldestFrame, remember, spanInFlight } from "../flow/unacknowledged";

// The same in the plainest way: an unordered list of all segments, gone through for every question.
const LIST: u32 = 27 << 20;
let listed: u32 = 0;

function listRemember(seq: u32, next: u32, frame: u32): void {
  store<u32>(LIST + listed * 12, seq);
  store<u32>(LIST + listed * 12, next, 4);
  store<u32>(LIST + listed * 12, frame, 8);
  listed++;
}

function listAcknowledge(ack: u32): u32 {
  let found: u32 = 0;
  let kept: u32 = 0;
  for (let i: u32 = 0; i < listed; i++) {
    const seq = load<u32>(LIST + i * 12);
    const next = load<u32>(LIST + i * 12, 4);
    const frame = load<u32>(LIST + i * 12, 8);
    if (next == ack && found == 0) found = frame;
    if (!gt(next, ack)) continue;
    store<u32>(LIST + kept * 12, gt(ack, seq) ? ack : seq);
    store<u32>(LIST + kept * 12, next, 4);
    store<u32>(LIST + kept * 12, frame, 8);
    kept++;
  }
  listed = kept;
  return found;
}

function listSpan(base: u32): u32 {
  let low: u32 = -1;
  let high: u32 = 0;
  for (let i: u32 = 0; i < listed; i++) {
    low = min(low, load<u32>(LIST + i * 12) - base);
    high = max(high, load<u32>(LIST + i * 12, 4) - base);
  }
  return high - low;
}

function takeSide(): u32 {
  return takeRecord() + R_CLIENT;
}

/** As the analysis does it: remembers a segment and stores how far the side has come. */
function see(side: u32, seq: u32, end: u32, frame: u32, settled: u32): bool {
  const next = load<u32>(side, S_NEXT);
  const furthest = next == 0 || gt(end, next);
  const time = <i64>frame * 1000;
  const remembered = remember(side, seq, end, frame, 0, time, settled, furthest);
  if (furthest) {
    store<u32>(side, end, S_NEXT);
    store<u32>(side, frame, S_NEXT_FRAME);
    store<i64>(side, time, S_NEXT_TIME);
  }
  return remembered;
}

/** Holds an acknowledgment number against the ring and the list. @returns 1 where they tell another frame or time */
function acknowledgeBoth(side: u32, ack: u32, acked: u32): u32 {
  acknowledge(side, ack, ack == acked);
  const expected = listAcknowledge(ack);
  return ackedFrame != expected || (expected != 0 && ackedTime != <i64>expected * 1000) ? 1 : 0;
}

/** In how much of what they tell of those that wait the ring and the list differ. */
function differences(side: u32, base: u32): u32 {
  let wrong: u32 = 0;
  if (<u32>load<u16>(side, S_COUNT) != listed) wrong++;
  if (listed > 0 && spanInFlight(side) != listSpan(base)) wrong++;
  if (listed > 0 && oldestFrame(side) != load<u32>(LIST, 8)) wrong++;
  return wrong;
}

let state: u32 = 12345;
function random(n: u32): u32 {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state % n;
}

/** Some thousand segments and ACKs from `base` on; `disorder` in 100 segments are out of order. */
function play(base: u32, disorder: u32): u32 {
  let wrong: u32 = 0;
  const side = takeSide();
  store<u32>(side, base, S_BASE);
  listed = 0;
  let next = base + 1;
  let acked = base + 1;
  for (let frame: u32 = 1; frame < 3000; frame++) {
    const what = random(100);
    if (what < 60) {
      let seq = next;
      const length = 1 + random(3000);
      if (random(100) < disorder) seq = next - random(20000) + random(6000);
      see(side, seq, seq + length, frame, acked);
      listRemember(seq, seq + length, frame);
      if (gt(seq + length, next)) next = seq + length;
    } else {
      const open = gt(next, acked) ? next - acked : 0;
      const ack = what < 80 ? acked + random(open + 1) : what < 95 ? acked : next + random(9) - 4;
      wrong += acknowledgeBoth(side, ack, acked);
      acked = ack;
    }
    wrong += differences(side, base);
  }
  forget(side);
  return wrong;
}

/**
 * The same with hundreds that wait, and ACKs that nobody would send: back and forth, half the number space away, for
 * single segments below all others. `disorder` in 100 segments are out of order; nothing lies below the base.
 */
function playLong(base: u32, disorder: u32): u32 {
  let wrong: u32 = 0;
  const side = takeSide();
  store<u32>(side, base, S_BASE);
  listed = 0;
  let next = base + 3000000;
  let acked = base + 1;
  longest = 0;
  for (let frame: u32 = 1; frame < 12000; frame++) {
    const what = random(1000);
    if (what < 700) {
      let seq = next;
      let length = 1 + random(100);
      if (random(100) < disorder) {
        seq = next - random(60000) + random(3000);
        if (random(4) == 0) length = random(50000) + 1;
      } else if (random(200) == 0) seq = acked - random(3000);
      see(side, seq, seq + length, frame, acked);
      listRemember(seq, seq + length, frame);
      if (gt(seq + length, next)) next = seq + length;
    } else {
      let ack = acked;
      if (what < 850) ack = acked + random(9);
      else if (what < 990 && listed > 0) {
        // Where one of the oldest segments begins or ends, or any.
        const i = random(random(300) == 0 ? listed : min(listed, 4));
        ack = load<u32>(LIST + i * 12 + (what & 4)) + random(2);
      } else if (what == 990) ack = next + 0x80000000 - 50000 + random(3000);
      else ack = acked - random(5000);
      wrong += acknowledgeBoth(side, ack, acked);
      acked = ack;
    }
    wrong += differences(side, base);
    if (listed > 200) {
      // One of the newest, as it was cut. Where nearly all places before the newest are holes, it is too far back.
      const twin = LIST + (listed - 2 - random(8)) * 12;
      sought++;
      if (!hasTwin(side, load<u32>(twin), load<u32>(twin, 4), 0, 0)) missed++;
      if (hasTwin(side, load<u32>(twin) - 70000, load<u32>(twin, 4), 0, 0)) wrong++;
    }
    longest = max(longest, listed);
  }
  forget(side);
  return wrong;
}
let longest: u32 = 0;
let sought: u32 = 0;
let missed: u32 = 0;

/** Segments as many as may wait, in an order that a hostile sender would choose; `first` is the lowest number. */
function pile(side: u32, first: u32): void {
  for (let i: u32 = 0; i < 9990; i++) {
    const seq = first + ((i * 7919) % 9990) * 100;
    see(side, seq, seq + 2000000, i + 1, first);
  }
}

describe("segments that wait for an ACK", () => {
  it("are told as a plain list tells them, in order", () => {
    limitRings(1 << 30);
    expect(play(1000, 0)).toBe(0);
  });

  it("are told as a plain list tells them, out of order", () => {
    expect(play(1000, 5)).toBe(0);
    expect(play(77777, 40)).toBe(0);
  });

  it("are told so where sequence numbers pass 2^31 and 2^32, and where relative ones do", () => {
    expect(play(0x7ffff000, 10)).toBe(0);
    expect(play(0xfffff000, 0)).toBe(0);
    expect(play(0xfffff000, 10)).toBe(0);
    expect(play(0xffffff00, 40)).toBe(0);
  });

  it("are told so when there are hundreds, whatever is acknowledged", () => {
    expect(playLong(1000, 5)).toBe(0);
    expect(longest).toBeGreaterThan(300);
    expect(playLong(1000, 1)).toBe(0);
    expect(playLong(1000, 60)).toBe(0);
    expect(playLong(0x7fc00000, 10)).toBe(0);
    expect(playLong(0xffc00000, 10)).toBe(0);
    expect(longest).toBeGreaterThan(300);
    expect(sought).toBeGreaterThan(10000);
    expect(missed).toBeLessThan(sought / 500);
  });

  it("cost a few steps an ACK when 10,000 wait out of order, whatever is acknowledged", () => {
    const side = takeSide();
    const first: u32 = 1000000;
    pile(side, first);
    expect(<u32>load<u16>(side, S_COUNT)).toBe(9990);
    let before = looked;
    // Each cuts into nearly all of them, and takes none.
    for (let i: u32 = 1; i <= 10000; i++) acknowledge(side, first + 1000000 + i, false);
    expect(<u32>load<u16>(side, S_COUNT)).toBe(9990);
    expect(looked - before).toBeLessThan(10000 * 8);
    before = looked;
    // One below all others comes, and is acknowledged by itself.
    for (let i: u32 = 1; i <= 10000; i++) {
      see(side, first + 1010000 + i, first + 1010001 + i, 20000 + i, first + 1010000 + i);
      acknowledge(side, first + 1010001 + i, false);
      if (ackedFrame != 20000 + i) throw new Error("not found");
    }
    expect(<u32>load<u16>(side, S_COUNT)).toBe(9990);
    expect(looked - before).toBeLessThan(10000 * 120);
    before = looked;
    // Old ones that come again, between two that are far apart.
    for (let i: u32 = 1; i <= 5000; i++) {
      see(side, first, first + 100, 40000 + i, first + 1100000);
      acknowledge(side, first + 1030000 + (i & 1) * 20000, false);
    }
    expect(looked - before).toBeLessThan(10000 * 120);
    before = looked;
    // From the back, by numbers half the space away, one by one.
    let all = <u32>load<u16>(side, S_COUNT);
    for (let i: u32 = 9989; i > 0; i--) acknowledge(side, first + i * 100 + 1999999 - 0x80000000, false);
    expect(<u32>load<u16>(side, S_COUNT)).toBeLessThan(200);
    expect(looked - before).toBeLessThan(all * 120);
    forget(side);
  });

  it("cost a few steps an ACK when the order of 10,000 is lost again and again", () => {
    const side = takeSide();
    for (let i: u32 = 0; i < 9000; i++) see(side, 1000 + i * 100, 1100 + i * 100, i + 1, 1000);
    const before = looked;
    for (let i: u32 = 0; i < 9000; i++) {
      see(side, 1000 + i * 100, 1001 + i * 100, 10000 + i, 1000 + i * 100);
      acknowledge(side, 1001 + i * 100, false);
      if (ackedFrame != 10000 + i) throw new Error("not found");
      acknowledge(side, 1100 + i * 100, false);
    }
    expect(<u32>load<u16>(side, S_COUNT)).toBe(0);
    expect(looked - before).toBeLessThan(18000 * 120);
  });

  it("are in order again where they are, before the last has gone", () => {
    const side = takeSide();
    for (let i: u32 = 0; i < 900; i++) see(side, 1000 + i * 100, 1100 + i * 100, i + 1, 1000);
    see(side, 1000, 1100, 1000, 1000);
    acknowledge(side, 1100, false);
    expect(<u32>load<u16>(side, S_COUNT)).toBe(899);
    expect(load<u16>(side, S_FLAGS) & SIDE_UNORDERED).toBe(SIDE_UNORDERED);
    acknowledge(side, 1000 + 600 * 100, false);
    expect(<u32>load<u16>(side, S_COUNT)).toBe(300);
    expect(load<u16>(side, S_FLAGS) & SIDE_UNORDERED).toBe(0);
    expect(oldestFrame(side)).toBe(601);
    forget(side);
  });

  it("keep where each was cut when an older ACK comes after a newer one", () => {
    const side = takeSide();
    for (let i: u32 = 0; i < 300; i++) {
      const seq = 10000 + ((i * 7) % 300) * 10;
      see(side, seq, seq + 100000, i + 1, 10000);
    }
    const seq: u32 = 10000 + ((290 * 7) % 300) * 10;
    acknowledge(side, 50000, false);
    acknowledge(side, 20000, false);
    see(side, 30000, 130000, 301, 20000);
    see(side, 200000, 200100, 302, 20000);
    expect(hasTwin(side, 50000, seq + 100000, 0, 0)).toBe(true);
    expect(hasTwin(side, seq, seq + 100000, 0, 0)).toBe(false);
    expect(hasTwin(side, 30000, 130000, 0, 0)).toBe(true);
    expect(spanInFlight(side)).toBe(200100 - 30000);
    acknowledge(side, 40000, false);
    expect(hasTwin(side, 40000, 130000, 0, 0)).toBe(true);
    forget(side);
  });

  it("make a time ambiguous by what was sent again and is acknowledged with them", () => {
    const side = takeSide();
    for (let i: u32 = 0; i < 300; i++) {
      const seq = 10000 + ((i * 7) % 300) * 10;
      see(side, seq, seq + 100000, i + 1, 10000);
    }
    const end: u32 = 10000 + 100000;
    for (let again: u32 = 0; again < 2; again++) {
      remember(side, 20000, 30000, 400, again ? ENTRY_AGAIN : 0, 1, 10000, false);
      remember(side, 30000, 40000 + again, 401, 0, 2, 10000, false);
      acknowledge(side, 40000 + again, false);
      expect(ackedFrame).toBe(401);
      expect(ackedBits).toBe(again ? ENTRY_AGAIN : 0);
    }
    expect(<u32>load<u16>(side, S_COUNT)).toBe(300);
    acknowledge(side, end, false);
    expect(ackedFrame).toBe(1);
    forget(side);
  });

  it("cost a few steps an ACK half the number space away, in order", () => {
    const side = takeSide();
    for (let i: u32 = 0; i < 9000; i++) see(side, 1000 + i * 100, 1100 + i * 100, i + 1, 1000);
    const before = looked;
    for (let i: u32 = 8999; i > 0; i--) acknowledge(side, 1100 + i * 100 - 0x80000000, false);
    expect(<u32>load<u16>(side, S_COUNT)).toBe(1);
    expect(looked).toBe(before);
    expect(load<u16>(side, S_FLAGS) & SIDE_UNORDERED).toBe(0);
  });

  it("are 10,000 at most", () => {
    const side = takeSide();
    let remembered: u32 = 0;
    for (let i: u32 = 0; i < 12000; i++) {
      if (see(side, i, i + 1, i, 0)) remembered++;
    }
    expect(remembered).toBe(10000);
    acknowledge(side, 9999, false);
    expect(<u32>load<u16>(side, S_COUNT)).toBe(1);
    acknowledge(side, 10000, false);
    expect(<u32>load<u16>(side, S_COUNT)).toBe(0);
  });

  it("are not remembered beyond the limit of memory", () => {
    const side = takeSide();
    limitRings(0);
    let remembered: u32 = 0;
    // What earlier tests gave back is used again.
    for (let i: u32 = 0; i < 20000; i++) {
      const other = takeSide();
      // The second needs a ring, the first none.
      if (!see(other, 1, 2, 3, 0)) remembered += 1000;
      if (see(other, 2, 3, 4, 0)) remembered++;
    }
    expect(remembered).toBeLessThan(1000);
    expect(<u32>load<u16>(side, S_COUNT)).toBe(0);
    expect(SIDE_BYTES % 8).toBe(0);
    expect(load<u16>(side, S_FLAGS) & SIDE_UNORDERED).toBe(0);
    limitRings(1 << 30);
  });
});
