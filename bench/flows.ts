// Races of the flow table, and of several threads on one file.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROWS } from "../assembly/layout/columns.ts";
import { ACK } from "../assembly/layout/wire.ts";
import type { PlannedRace } from "../src/bench/plan.ts";
import type { Contender } from "../src/bench/race.ts";
import { Random } from "../src/bench/random.ts";
import type { Segments } from "../src/capture/segments.ts";
import { newColumns } from "../src/capture/table-columns.ts";
import { FlowTracker } from "../src/flow/index.ts";

const BATCHES = 16;

/** Segments of `flows` conversations that are known, in any order: a look-up each. */
export function lookupRace(flows: number): PlannedRace {
  const name = `lookup/${flows}`;
  return {
    name,
    make() {
      const random = new Random(flows);
      const known = Array.from({ length: Math.ceil(flows / ROWS) }, (_, k) =>
        segmentsOf(Array.from({ length: Math.min(ROWS, flows - k * ROWS) }, (_, i) => k * ROWS + i)),
      );
      const asked = Array.from({ length: BATCHES }, () =>
        segmentsOf(Array.from({ length: ROWS }, () => random.next() % (flows + (flows >> 3)))),
      );
      return {
        name,
        title: `look-ups among ${flows} conversations, one in nine unknown; ours with the copy of all columns`,
        amount: BATCHES * ROWS,
        unit: "segment",
        reference: tableContender(known, asked),
        others: [mapContender(known, asked)],
      };
    },
  };
}

function segmentsOf(numbers: readonly number[]): Segments {
  const columns = newColumns(numbers.length);
  columns.ipVersion.fill(4);
  columns.headerLength.fill(20);
  columns.flags.fill(ACK);
  for (const [i, n] of numbers.entries()) {
    columns.src[i] = 0x0a00_0000 + n;
    columns.dst[i] = 0xc000_0201;
    columns.srcPort[i] = 1024 + (n % 60_000);
    columns.dstPort[i] = 443;
  }
  const pools = { addresses: new Uint8Array(0), sackEdges: new Uint32Array(0), bytes: new Uint8Array(0) };
  return { ...columns, ...pools, length: numbers.length, holdsPayload: false };
}

function tableContender(known: readonly Segments[], asked: readonly Segments[]): Contender {
  const tracker = new FlowTracker({ random: (bytes) => crypto.getRandomValues(bytes) });
  for (const segments of known) tracker.add(segments);
  const count = (): number => asked.reduce((sum, segments) => sum + tracker.countKnown(segments), 0);
  return contender("flow table", count);
}

function mapContender(known: readonly Segments[], asked: readonly Segments[]): Contender {
  const flows = new Map<string, number>();
  for (const segments of known) {
    for (let i = 0; i < segments.length; i++) flows.set(keyOf(segments, i), flows.size);
  }
  return contender("Map with string keys", () => {
    let sum = 0;
    for (const segments of asked) {
      for (let i = 0; i < segments.length; i++) if (flows.has(keyOf(segments, i))) sum++;
    }
    return sum;
  });
}

/** Both directions have one key. */
function keyOf({ src, dst, srcPort, dstPort }: Segments, i: number): string {
  return src[i] < dst[i]
    ? `${src[i]}:${srcPort[i]}-${dst[i]}:${dstPort[i]}`
    : `${dst[i]}:${dstPort[i]}-${src[i]}:${srcPort[i]}`;
}

function contender(name: string, count: () => number): Contender {
  return {
    name,
    run(repeats) {
      for (let i = 0; i < repeats; i++) count();
      return undefined;
    },
    outcome: () => ({ known: count() }),
  };
}

/** A file parsed by one thread and by two, the columns handed over to this one. Starting the threads counts. */
export function threadsRace(root: string, kind: string, path: () => string, frames: number): PlannedRace {
  const name = `threads/${kind}`;
  return {
    name,
    rounds: 9,
    async make() {
      const built = join(root, "dist/node.js");
      if (!existsSync(built)) return undefined;
      const { readCaptureParallel } = await import(pathToFileURL(built).href);
      const by = (threads: number): Contender => {
        const read = async (): Promise<number> => {
          let rows = 0;
          for await (const batch of readCaptureParallel(path(), { threads })) rows += batch.length;
          return rows;
        };
        return {
          name: threads === 1 ? "one thread" : `${threads} threads`,
          maxRepeats: 4,
          async run(repeats) {
            const start = performance.now();
            for (let i = 0; i < repeats; i++) await read();
            return (performance.now() - start) * 1e6;
          },
          outcome: async () => ({ segments: await read() }),
        };
      };
      return {
        name,
        title: `${frames} frames from a file to columns`,
        amount: frames,
        unit: "packet",
        reference: by(2),
        others: [by(1)],
      };
    },
  };
}
