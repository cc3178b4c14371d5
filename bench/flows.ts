// Races of the flow table, and of several threads on one file.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROWS } from "../assembly/layout/columns.ts";
import {
  FLOW_KEY,
  FLOW_KEY_BYTES,
  FLOW_MAX_FLOWS,
  IN_DST,
  IN_DST_PORT,
  IN_SRC,
  IN_SRC_PORT,
} from "../assembly/layout/flow-columns.ts";
import type { PlannedRace } from "../src/bench/plan.ts";
import type { Contender } from "../src/bench/race.ts";
import { Random } from "../src/bench/random.ts";
import type { Segments } from "../src/capture/segments.ts";
import { InputColumns } from "../src/flow/columns.ts";
import { FlowTracker } from "../src/flow/index.ts";
import { instantiateFlow } from "../src/wasm/flow.ts";
import { batchesOf, flowKey, keyBytes } from "./flow-keys.ts";
import type { NativeCodec } from "./native.ts";

const BATCHES = 16;

/** Segments of `flows` conversations that are known, in any order: a look-up each. */
export function lookupRace(flows: number): PlannedRace {
  const name = `lookup/${flows}`;
  return {
    name,
    make() {
      const known = batchesOf(flows, flowKey);
      const asked = askedOf(flows);
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

/**
 * The same look-ups, the table alone against C's: each has a batch's keys in its columns before its clock
 * starts. `now` as the races are timed.
 */
export function residentLookupRace(
  flows: number,
  cache: string,
  native: NativeCodec | undefined,
  now: () => number,
): PlannedRace {
  const name = `lookup-resident/${flows}`;
  return {
    name,
    async make() {
      if (!native) return undefined;
      const known = batchesOf(flows, flowKey);
      const asked = askedOf(flows);
      return {
        name,
        title: `look-ups among ${flows} conversations, one in nine unknown; the keys in each one's own memory`,
        amount: BATCHES * ROWS,
        unit: "segment",
        reference: residentTable(known, asked, now),
        others: [await native.lookups(join(cache, "flow-keys"), keyBytes(known), flows, keyBytes(asked))],
      };
    },
  };
}

function residentTable(known: readonly Segments[], asked: readonly Segments[], now: () => number): Contender {
  const module = instantiateFlow();
  const key = crypto.getRandomValues(new Uint8Array(FLOW_KEY_BYTES));
  new Uint8Array(module.memory.buffer).set(key, FLOW_KEY);
  module.configure(FLOW_MAX_FLOWS, 0n, 0, 0, 0);
  for (const segments of known) {
    new InputColumns(module.memory.buffer as ArrayBuffer, false).take(segments, 0, segments.length);
    module.run(segments.length);
  }
  // What else a row has is the same in all: the four columns of keys are brought, as to the C program.
  const { buffer } = module.memory;
  new InputColumns(buffer as ArrayBuffer, false).take(asked[0], 0, ROWS);
  const src = new Uint32Array(buffer, IN_SRC, ROWS);
  const dst = new Uint32Array(buffer, IN_DST, ROWS);
  const srcPort = new Uint16Array(buffer, IN_SRC_PORT, ROWS);
  const dstPort = new Uint16Array(buffer, IN_DST_PORT, ROWS);
  const count = () => {
    let sum = 0;
    let time = 0;
    for (const segments of asked) {
      src.set(segments.src);
      dst.set(segments.dst);
      srcPort.set(segments.srcPort);
      dstPort.set(segments.dstPort);
      const start = now();
      sum += module.countKnown(segments.length);
      time += now() - start;
    }
    return { sum, time };
  };
  return {
    name: "flow table",
    run(repeats) {
      let time = 0;
      for (let i = 0; i < repeats; i++) time += count().time;
      return time * 1e6;
    },
    outcome: () => ({ known: count().sum }),
  };
}

/** Look-ups in any order, one in nine of a conversation that is not there. */
function askedOf(flows: number): Segments[] {
  const random = new Random(flows);
  return batchesOf(BATCHES * ROWS, () => flowKey(random.next() % (flows + (flows >> 3))));
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
