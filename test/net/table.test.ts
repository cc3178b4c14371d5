import fc from "fast-check";
import { expect, test } from "vitest";
import { ConnectionTable } from "../../src/net/table.ts";
import { seeded } from "./virtual.ts";

type Key = [local: number, w0: number, w1: number, w2: number, w3: number, ports: number];

test("a table finds what was added, gives ids again, and never takes one for another", () => {
  // Few values, so that keys meet again, and differ in one word alone.
  const word = fc.constantFrom(0, 1, -1, 0x0a000001, 0x7fffffff, -0x80000000);
  const key = fc.tuple(fc.nat(2), word, word, word, word, word);
  const step = fc.record({ key, remove: fc.boolean() });
  fc.assert(
    fc.property(fc.integer(), fc.array(step, { maxLength: 300, size: "max" }), (seed, steps) => {
      const table = new ConnectionTable(seeded(seed));
      const plain = new Map<string, { key: Key; id: number }>();
      for (const { key, remove } of steps) {
        const name = key.join();
        const known = plain.get(name);
        expect(table.find(...key)).toBe(known?.id ?? -1);
        if (known === undefined) {
          const id = table.add(...key);
          expect([...plain.values()].some((each) => each.id === id)).toBe(false);
          plain.set(name, { key, id });
        } else if (remove) {
          table.remove(known.id);
          plain.delete(name);
        }
      }
      expect(table.size).toBe(plain.size);
      for (const { key, id } of plain.values()) {
        expect(table.find(...key)).toBe(id);
        expect(table.is(id, ...key)).toBe(true);
      }
    }),
  );
});

test("ten thousand connections that come and go leave a table no larger than they were at most", () => {
  const table = new ConnectionTable(seeded(1));
  for (let i = 0; i < 10_000; i++) {
    const id = table.add(2, i, 0, 0, 0, 80);
    expect(id).toBe(0);
    table.remove(id);
    expect(table.find(2, i, 0, 0, 0, 80)).toBe(-1);
  }
  expect(table.size).toBe(0);
});
