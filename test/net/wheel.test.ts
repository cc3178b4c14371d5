import fc from "fast-check";
import { expect, test } from "vitest";
import { NEVER, TimerWheel } from "../../src/net/wheel.ts";

test("timers ring once, in order, never early and less than a tick late", () => {
  const wheel = new TimerWheel(0.5);
  const rung: [number, number][] = [];
  const deadlines = [1, 1.2, 255, 256, 257, 65_535, 65_536, 70_000.5, 2 ** 24, 2 ** 24 + 300];
  for (const [id, at] of deadlines.entries()) wheel.set(id, at);
  for (let now = 0.5; wheel.next() !== NEVER; ) {
    now = wheel.next();
    wheel.advance(now, (id) => rung.push([id, now]));
  }
  expect(rung).toEqual(deadlines.map((at, id) => [id, Math.ceil(at)]));
});

test("a timer further off than the wheels reach rings all the same", () => {
  const wheel = new TimerWheel(7);
  const far = 3 * 2 ** 32 + 5;
  wheel.set(3, far);
  const rung: number[] = [];
  for (let now = 7; wheel.count > 0; ) {
    now = wheel.next();
    expect(now).toBeLessThanOrEqual(far);
    wheel.advance(now, () => rung.push(now));
  }
  expect(rung).toEqual([far]);
});

test("a timer set for the past rings at the next tick, also one that is set while another rings", () => {
  const wheel = new TimerWheel(1000);
  wheel.set(0, 5);
  const rung: string[] = [];
  wheel.advance(1001, (id) => {
    rung.push(`${id} at 1001`);
    wheel.set(1, 6);
  });
  expect(rung).toEqual(["0 at 1001"]);
  wheel.advance(1002, (id) => rung.push(`${id} at 1002`));
  expect(rung).toEqual(["0 at 1001", "1 at 1002"]);
});

// Against the plainest queue there is: set, move, clear and let time pass, ids beyond the first capacity too.
test("whatever is done to it, it rings what a sorted list would", () => {
  const step = fc.oneof(
    fc.record({ id: fc.nat(200), after: fc.oneof(fc.nat(600), fc.nat(200_000), fc.nat(2 ** 31)) }),
    fc.record({ id: fc.nat(200), clear: fc.constant(true) }),
    fc.record({ pass: fc.oneof(fc.nat(10), fc.nat(1000), fc.nat(10_000_000)) }),
  );
  fc.assert(
    fc.property(fc.nat(2 ** 33), fc.array(step, { maxLength: 80, size: "max" }), (origin, steps) => {
      const wheel = new TimerWheel(origin, 4);
      const plain = new Map<number, number>();
      let now = origin;
      for (const s of steps) {
        if ("after" in s) {
          wheel.set(s.id, now + s.after + 1);
          plain.set(s.id, now + s.after + 1);
        } else if ("clear" in s) {
          wheel.set(s.id, NEVER);
          plain.delete(s.id);
        } else {
          now += s.pass;
          const due = [...plain].filter(([, at]) => at <= now).sort(([, a], [, b]) => a - b);
          const rung: [number, number][] = [];
          wheel.advance(now, (id) => rung.push([id, plain.get(id)!]));
          expect(rung.map(([, at]) => at)).toEqual(due.map(([, at]) => at));
          expect(new Set(rung.map(([id]) => id))).toEqual(new Set(due.map(([id]) => id)));
          for (const [id] of due) plain.delete(id);
        }
        expect(wheel.count).toBe(plain.size);
        const first = Math.min(...plain.values(), NEVER);
        expect(wheel.next()).toBeLessThanOrEqual(first);
        expect(wheel.next() === NEVER).toBe(plain.size === 0);
        for (const [id, at] of plain) expect(wheel.deadline(id)).toBe(at);
      }
    }),
  );
});
