import {
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
import { ackedFrame, ackedTime, acknowledge, forget, oldestFrame, remember, spanInFlight } from "../flow/unacknowledged";

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
      acknowledge(side, ack, ack == acked);
      const expected = listAcknowledge(ack);
      if (ackedFrame != expected || (expected != 0 && ackedTime != <i64>expected * 1000)) wrong++;
      acked = ack;
    }
    if (<u32>load<u16>(side, S_COUNT) != listed) wrong++;
    if (listed > 0 && spanInFlight(side) != listSpan(base)) wrong++;
    if (listed > 0 && oldestFrame(side) != load<u32>(LIST, 8)) wrong++;
  }
  forget(side);
  return wrong;
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
