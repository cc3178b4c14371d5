import { describe, expect, test } from "vitest";
import { Congestion, type CongestionControl } from "../../src/tcp/congestion/control.ts";
import { cubic } from "../../src/tcp/congestion/cubic.ts";
import { reno } from "../../src/tcp/congestion/reno.ts";
import { RoundTrip } from "../../src/tcp/rtt.ts";

const MSS = 1000;

/** A sender that is never short of data, one round trip after the other, each acknowledged segment by segment. */
class Sender {
  readonly cc: Congestion;
  readonly rtt = new RoundTrip(1000);
  now = 5_000_000;

  constructor(control: CongestionControl, segments: number, srtt: number) {
    this.cc = new Congestion(control);
    this.cc.cwnd = segments * MSS;
    this.rtt.measured(srtt, 1, 200, 60_000, this.now);
  }

  get segments(): number {
    return this.cc.cwnd / MSS;
  }

  lose(): void {
    this.cc.ssthresh = this.cc.control.reduce(this.cc, this.cc.cwnd, MSS);
    this.cc.cwnd = this.cc.ssthresh;
  }

  run(ms: number): void {
    for (const until = this.now + ms; this.now < until; ) {
      const count = Math.floor(this.segments);
      for (let i = 0; i < count; i++) {
        this.now += this.rtt.srtt / count;
        this.cc.control.avoid(this.cc, MSS, MSS, this.rtt, this.now);
      }
    }
  }
}

describe("Reno", () => {
  test("adds a segment a round trip and halves", () => {
    const sender = new Sender(reno, 100, 100);
    sender.run(1000);
    expect(sender.segments).toBeGreaterThanOrEqual(109);
    expect(sender.segments).toBeLessThanOrEqual(110);
    sender.lose();
    expect(sender.segments).toBeCloseTo(55, 0);
  });

  test("never falls below two segments", () => {
    const sender = new Sender(reno, 1, 100);
    sender.lose();
    expect(sender.segments).toBe(2);
  });
});

describe("CUBIC", () => {
  test("falls to seven tenths and follows C (t - K)^3 + W_max back and beyond", () => {
    const sender = new Sender(cubic, 1000, 100);
    sender.lose();
    expect(sender.segments).toBe(700);
    const k = Math.cbrt(300 / 0.4); // 9.1 s
    for (const t of [2, 5, 9, 12, 15]) {
      sender.run((t - (sender.now - 5_000_000) / 1000) * 1000);
      // cwnd chases the curve of one round trip ahead.
      const curve = 0.4 * (t - k) ** 3 + 1000;
      expect(sender.segments / curve, `after ${t} s`).toBeGreaterThan(0.97);
      expect(sender.segments / curve, `after ${t} s`).toBeLessThan(1.03);
    }
  });

  test("is no slower than Reno on a short path", () => {
    const sender = new Sender(cubic, 20, 10);
    sender.lose();
    // 14 segments; 0.53 a round trip up to 20, then 1 (RFC 9438 4.3).
    sender.run(1000);
    expect(sender.segments).toBeGreaterThan(14 + 6 + (100 - 6 / 0.53) * 0.9);
  });

  test("leaves room for others when it lost earlier than the last time (fast convergence)", () => {
    const early = new Sender(cubic, 100, 100);
    early.lose();
    early.lose();
    const late = new Sender(cubic, 70, 100);
    late.lose();
    early.run(3000);
    late.run(3000);
    expect(early.segments).toBeLessThan(late.segments);
  });

  test("does not count the time of an idle sender", () => {
    const busy = new Sender(cubic, 100, 100);
    busy.lose();
    busy.run(1000);
    const idle = new Sender(cubic, 100, 100);
    idle.lose();
    idle.run(1000);
    idle.now += 60_000;
    idle.cc.control.resume?.(idle.cc, 60_000);
    busy.run(500);
    idle.run(500);
    expect(idle.segments).toBeCloseTo(busy.segments, 1);
  });

  test("grows by half of itself in a round trip at most", () => {
    const sender = new Sender(cubic, 10, 100);
    sender.lose();
    sender.run(100);
    const before = sender.segments;
    sender.now += 100_000; // far up the curve
    sender.run(99);
    expect(sender.segments).toBeLessThanOrEqual(1.7 * before);
  });
});
