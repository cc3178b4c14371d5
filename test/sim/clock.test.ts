// Virtual time.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Clock } from "../../src/sim/index.ts";

test("tasks run at their times, those of equal time in the order in which they were scheduled", () => {
  const clock = new Clock(100);
  const ran: string[] = [];
  const say = (name: string) => (now: number) => ran.push(`${now} ${name}`);
  clock.at(120, say("c"));
  clock.at(110, say("a"));
  clock.at(120, say("d"));
  clock.after(10, say("b"));
  clock.at(50, say("late"));
  clock.run(115);
  expect(ran).toEqual(["100 late", "110 a", "110 b"]);
  expect([clock.now, clock.pending, clock.next, clock.done]).toEqual([115, 2, 120, 3]);
  clock.run(200);
  expect(ran.slice(3)).toEqual(["120 c", "120 d"]);
  expect([clock.now, clock.next]).toEqual([200, Number.POSITIVE_INFINITY]);
});

test("a task gets the number it was scheduled with, and may schedule others for the same time", () => {
  const clock = new Clock();
  const seen: number[] = [];
  clock.at(
    5,
    (now, argument) => {
      seen.push(argument);
      clock.at(now, (_, next) => seen.push(next), argument + 1);
    },
    7,
  );
  clock.at(5, (_, argument) => seen.push(argument), 100);
  clock.run(5);
  expect(seen).toEqual([7, 100, 8]);
});

test("what is cancelled does not run, and a handle that is used up cancels nobody else", () => {
  const clock = new Clock();
  const ran: string[] = [];
  const first = clock.at(1, () => ran.push("first"));
  clock.cancel(first);
  clock.at(1, () => ran.push("second"));
  clock.cancel(first);
  clock.run(1);
  clock.cancel(first);
  expect(ran).toEqual(["second"]);
});

test("a task that keeps itself busy is told of", () => {
  const clock = new Clock();
  const again = (now: number) => void clock.at(now, again);
  clock.at(3, again);
  expect(() => clock.run(10, 1000)).toThrow("1000 tasks ran and it is only 3 ms");
});

test("no time is not a time", () => {
  for (const time of [Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => new Clock().at(time, () => {})).toThrow(RangeError);
  }
});

test("whatever is scheduled and cancelled, the rest runs sorted by time and then by order", () => {
  const commands = fc.array(
    fc.oneof(
      fc.record({ at: fc.integer({ min: 0, max: 20 }) }),
      fc.record({ cancel: fc.nat(300) }),
      fc.record({ run: fc.integer({ min: 0, max: 5 }) }),
    ),
    { maxLength: 300, size: "max" },
  );
  fc.assert(
    fc.property(commands, (list) => {
      const clock = new Clock();
      const ran: number[] = [];
      const waiting = new Map<number, number>();
      const handles: number[] = [];
      const expected: number[] = [];
      const run = (until: number) => {
        const due = [...waiting]
          .filter(([, time]) => time <= until)
          .sort((a, b) => a[1] - b[1] || a[0] - b[0]);
        for (const [id] of due) {
          expected.push(id);
          waiting.delete(id);
        }
        clock.run(until);
      };
      for (const command of list) {
        if ("at" in command) {
          waiting.set(handles.length, clock.now + command.at);
          handles.push(clock.after(command.at, (_, id) => ran.push(id), handles.length));
        } else if ("run" in command) {
          run(clock.now + command.run);
        } else if (handles.length > 0) {
          const id = command.cancel % handles.length;
          clock.cancel(handles[id]);
          waiting.delete(id);
        }
        expect(clock.pending).toBe(waiting.size);
      }
      run(1e9);
      expect(ran).toEqual(expected);
    }),
  );
});
