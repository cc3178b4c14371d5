// Most segments go a short way through the analysis (assembly/flow/straight.ts). What is said of them is what the
// long way says.
import fc from "fast-check";
import { expect, test } from "vitest";
import { SEEN_SACK } from "../../assembly/layout/columns.ts";
import { ACK, FIN, PSH, SYN } from "../../assembly/layout/wire.ts";
import { type Analysis, FlowTracker } from "../../src/flow/index.ts";
import { dice, wildRows } from "./conversations.ts";
import { type Row, segmentsOf } from "./segments.ts";
import { random } from "./talk.ts";

/** Conversations side by side, mostly as they should be: now and then something is lost, repeated or probed. */
function tameRows(seed: number, count: number): Row[] {
  const { below, chance, pick } = dice(seed);
  const rows: Row[] = [];
  const open = (port: number) => ({
    ends: pick(["10.0.0.1", "192.0.2.1"], ["192.0.2.1", "10.0.0.1"], ["2001:db8::1", "2001:db8::2"]),
    ports: [port, 80],
    next: [below(2 ** 32), 2 ** 32 - below(3000)],
    seen: [0, 0],
    clocks: chance(0.5),
    steps: chance(0.2) ? 3 : 0,
  });
  const all = Array.from({ length: 8 }, (_, i) => open(4000 + i));
  for (let time = 1_600_000_000_000_000_000n; rows.length < count; ) {
    const k = below(all.length);
    const talk = all[k];
    const step = talk.steps++;
    const d = step < 3 ? step % 2 : below(2);
    const open3 = [SYN, SYN | ACK, ACK][step];
    const ends = open3 === undefined && chance(0.01);
    const length = open3 !== undefined || chance(0.4) ? 0 : pick(1, 60, 1460, 1460);
    const flags = open3 ?? (ends ? FIN | ACK : ACK | (chance(0.3) ? PSH : 0));
    const wrong = open3 === undefined && chance(0.06);
    const seq = talk.next[d] + (wrong ? pick(-1, -1460, 1460, 5) : 0);
    const ack = flags & ACK ? (chance(0.8) ? talk.next[1 - d] : talk.seen[d]) + (chance(0.01) ? 9 : 0) : 0;
    const row: Row = {
      ...{
        time,
        src: talk.ends[d],
        dst: talk.ends[1 - d],
        srcPort: talk.ports[d],
        dstPort: talk.ports[1 - d],
      },
      ...{ seq: seq >>> 0, ack: ack >>> 0, flags, length, frame: rows.length + 1, checksum: below(65536) },
      ...{ window: chance(0.02) ? pick(0, 1460) : pick(65535, 65535, 64000), ttl: chance(0.01) ? 3 : 64 - d },
      ...(talk.clocks ? { tsval: Number(time / 1_000_000n) >>> 0, tsecr: 1 } : {}),
      ...(flags & SYN && chance(0.5) ? { windowScale: 7 } : {}),
    };
    for (let times = chance(0.03) ? 3 : 1; times > 0; times--) rows.push({ ...row, frame: rows.length + 1 });
    talk.seen[d] = row.ack ?? 0;
    if (!wrong) talk.next[d] = (talk.next[d] + length + (flags & (SYN | FIN) ? 1 : 0)) >>> 0;
    if (ends && chance(0.5)) all[k] = open(talk.ports[0] + 100);
    time += BigInt(pick(0, 1000, below(3_000_000), below(40_000_000)));
  }
  return rows.slice(0, count);
}

/** Everything that is said of the rows and of their conversations. With `long`, none goes the short way. */
function said(rows: readonly Row[], long: boolean) {
  const tracker = new FlowTracker({ random });
  const columns: Record<string, unknown[]> = {};
  // In pieces, so that groups of rows begin and end anywhere.
  for (let from = 0; from < rows.length; from += 75) {
    const segments = segmentsOf(rows.slice(from, from + 75));
    // A SACK option without a block says nothing.
    if (long) for (let i = 0; i < segments.length; i++) segments.optionsSeen[i] |= SEEN_SACK;
    const analysis = tracker.add(segments);
    for (const [name, column] of Object.entries(analysis) as [keyof Analysis, ArrayLike<unknown>][]) {
      if (name !== "length") columns[name] = [...(columns[name] ?? []), ...Array.from(column)];
    }
  }
  return { columns, records: [...tracker.flows()] };
}

test.each([
  ["conversations mostly as they should be", tameRows],
  ["wild conversations", wildRows],
])("the short way comes to what the long way comes to: %s", (_, rowsOf) => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const rows = rowsOf(seed, 400);
      expect(said(rows, false)).toEqual(said(rows, true));
    }),
    { numRuns: 40 },
  );
});
