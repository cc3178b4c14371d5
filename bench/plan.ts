// The races of this machine, beside those of the package (src/bench/): native C, npm packages, programs.
import { join } from "node:path";
import type { Codec } from "../src/bench/adapter.ts";
import { type CaptureKind, captureKinds } from "../src/bench/captures.ts";
import { plainJavaScriptCodec, tcpwireCodec } from "../src/bench/codecs.ts";
import { ColumnDigest } from "../src/bench/digest.ts";
import { openCloseRace, transferKinds, transferRace } from "../src/bench/endpoint.ts";
import type { PlannedRace } from "../src/bench/plan.ts";
import type { Contender, Outcome } from "../src/bench/race.ts";
import { buildRace, parseRace, segmentKinds } from "../src/bench/single.ts";
import {
  batchContender,
  checksumRace,
  checksumSizes,
  residentBatch,
  residentChecksum,
} from "../src/bench/suite.ts";
import { readCaptureFileSync } from "../src/node/index.ts";
import { checksumKernel } from "./checksum-kernel.ts";
import { collisionRace } from "./collisions.ts";
import { readRecordsFromFile } from "./file-javascript.ts";
import { CONVERSATIONS, captureBytes, captureFile } from "./files.ts";
import { findingsRace } from "./findings.ts";
import { lookupRace, residentLookupRace, threadsRace } from "./flows.ts";
import { idleRace } from "./idle.ts";
import type { NativeCodec } from "./native.ts";
import { connectionRace } from "./net/connections.ts";
import { throughputRaces } from "./net/throughput.ts";
import { reassemblyRace } from "./reassembly.ts";
import { npmCodecs } from "./rivals/codecs.ts";
import type { Rivals } from "./rivals.ts";
import { startupRace } from "./startup.ts";
import { toolContenders } from "./tools.ts";

export interface Machine {
  readonly root: string;
  readonly cache: string;
  readonly native: NativeCodec | undefined;
  readonly rivals: Rivals;
  /** Frames of a capture, where that many come to no more than a quarter of a gigabyte. */
  readonly frames: number;
  /** Codecs given with --with. */
  readonly guests: readonly Codec[];
  /** Lines about what is not installed go here. */
  readonly missing: Set<string>;
  /** Milliseconds, of the kind that races are timed in. */
  readonly now: () => number;
  /** Whether that is processor time. */
  readonly processorTime: boolean;
}

const MOST_BYTES = 250e6;
const TOOL_FRAMES = 20_000;

export function machinePlan(machine: Machine): PlannedRace[] {
  const ours = tcpwireCodec();
  const others = [
    plainJavaScriptCodec(),
    ...npmCodecs(join(machine.root, "bench/rivals")),
    ...machine.guests,
  ];
  return [
    ...segmentKinds.map((kind) => ({
      name: `parse/${kind.name}`,
      make: () => parseRace(kind, ours, others),
    })),
    ...segmentKinds.map((kind) => ({
      name: `build/${kind.name}`,
      make: () => buildRace(kind, ours, others),
    })),
    ...checksumSizes.map((size) => ({
      name: `checksum/${size}`,
      make: () => checksumRace(size, ours, others),
    })),
    ...checksumSizes.map((size) => kernelRace(machine, size)),
    ...checksumSizes.map((size) => residentChecksumRace(machine, size)),
    ...captureKinds.map((kind) => batchRace(machine, kind, ours, others)),
    ...captureKinds.map((kind) => fileRace(machine, kind)),
    ...captureKinds.map((kind) => readersRace(machine, kind)),
    ...[...throughputRaces(machine.now), connectionRace(machine.now)].map((race) => ({
      ...race,
      apart: true,
      warm: STACK_WARM,
    })),
    ...[100, 100_000, 1_000_000].map(lookupRace),
    ...[100, 100_000, 1_000_000].map((flows) =>
      residentLookupRace(flows, machine.cache, machine.native, machine.now),
    ),
    collisionRace(),
    ...[1000, 100_000].map(reassemblyRace),
    findingsRace({ name: CONVERSATIONS, title: "conversations of small segments" }, machine.frames, machine),
    ...captureKinds
      .filter(({ name }) => name === "acks")
      .map((kind) => findingsRace(kind, framesOf(kind, machine.frames), machine)),
    ...captureKinds
      .filter(({ name }) => name === "acks" || name === "half-full")
      .map((kind) => {
        const frames = framesOf(kind, machine.frames);
        const path = () => captureFile(machine.cache, kind.name, frames);
        return threadsRace(machine.root, kind.name, path, frames);
      }),
    ...transferKinds.map(({ name, mtu }) => ({
      name: `endpoint/${name}`,
      apart: true,
      warm: STACK_WARM,
      make: () => transferRace(name, mtu, machine.guests),
    })),
    {
      name: "endpoint/connections",
      apart: true,
      warm: STACK_WARM,
      make: () => openCloseRace(machine.guests),
    },
    { name: "endpoint/idle", rounds: 3, make: () => idleRace(join(machine.cache, "idle.js")) },
    {
      name: "startup",
      make: () => startupRace(join(machine.root, "dist"), captureFile(machine.cache, "acks", 1000)),
    },
  ];
}

/** Milliseconds until endpoints and hosts run as fast as they will. */
const STACK_WARM = 2000;

/** The same kernel as everywhere, in a loop of its own module, as C's kernels are in a loop of their program. */
function kernelRace({ native, cache }: Machine, size: number): PlannedRace {
  const name = `checksum-kernel/${size}`;
  return {
    name,
    make: async () =>
      native && {
        name,
        title: `Internet checksum of ${size} bytes, the loop over them on the same side`,
        amount: size,
        unit: "byte",
        reference: checksumKernel(join(cache, "sums.wasm"), size),
        others: await native.checksums(size, join(cache, "checksum.bytes")),
      },
  };
}

function residentChecksumRace({ native, cache }: Machine, size: number): PlannedRace {
  const name = `checksum-resident/${size}`;
  return {
    name,
    make: async () =>
      native && {
        name,
        title: `Internet checksum of ${size} bytes that lie in each one's own memory, a call from JavaScript each`,
        amount: size,
        unit: "byte",
        reference: residentChecksum(size),
        others: await native.checksums(size, join(cache, "checksum.bytes")),
      },
  };
}

function batchRace(machine: Machine, kind: CaptureKind, ours: Codec, others: readonly Codec[]): PlannedRace {
  const name = `batch/${kind.name}`;
  return {
    name,
    async make() {
      const frames = framesOf(kind, machine.frames);
      const bytes = captureBytes(machine.cache, kind.name, frames);
      const native = await machine.native?.residentBatch(captureFile(machine.cache, kind.name, frames));
      return {
        name,
        title: `${frames} frames in memory to columns, checksums verified: ${kind.title}`,
        amount: frames,
        unit: "packet",
        reference: residentBatch(bytes),
        others: [
          { ...batchContender(ours, bytes), name: "tcpwire, copied in" },
          ...(native ? [native] : []),
          ...others.filter((codec) => codec.parseBatch).map((codec) => batchContender(codec, bytes)),
        ],
      };
    },
  };
}

function fileRace(machine: Machine, kind: CaptureKind): PlannedRace {
  const name = `file/${kind.name}`;
  return {
    name,
    async make() {
      const frames = framesOf(kind, machine.frames);
      const path = captureFile(machine.cache, kind.name, frames);
      const { native } = machine;
      return {
        name,
        title: `${frames} frames from a file to columns, checksums verified: ${kind.title}`,
        amount: frames,
        unit: "packet",
        reference: fileContender(path),
        others: [
          ...(native ? [await native.file(path, "pread"), await native.file(path, "mmap")] : []),
          plainFileContender(path),
        ],
      };
    },
  };
}

/** Beside what other readers of captures there are: they take a hundred times as long, so rounds are few. */
function readersRace(machine: Machine, kind: CaptureKind): PlannedRace {
  const name = `readers/${kind.name}`;
  return {
    name,
    rounds: 5,
    async make() {
      const frames = framesOf(kind, machine.frames);
      const path = captureFile(machine.cache, kind.name, frames);
      const few = () => digestFile(captureFile(machine.cache, kind.name, TOOL_FRAMES));
      const { processorTime } = machine;
      const all = () => digestFile(path);
      const task = { kind: kind.name, frames: TOOL_FRAMES, amount: frames, processorTime, few, all };
      const tools = toolContenders(machine.cache, task);
      for (const line of [...(await machine.rivals.missing()), ...tools.missing]) machine.missing.add(line);
      return {
        name,
        title: `${frames} frames from a file, beside other readers: ${kind.title}`,
        amount: frames,
        unit: "packet",
        reference: fileContender(path),
        others: [...(await machine.rivals.contenders(path, frames)), ...tools.contenders],
      };
    },
  };
}

let sink = 0;

function fileContender(path: string): Contender {
  return {
    name: "tcpwire, from file",
    run(repeats) {
      for (let i = 0; i < repeats; i++) {
        for (const batch of readCaptureFileSync(path)) sink += batch.length;
      }
      return undefined;
    },
    outcome: () => digestFile(path),
  };
}

function digestFile(path: string): Outcome {
  const digest = new ColumnDigest();
  const reader = readCaptureFileSync(path);
  for (const batch of reader) digest.add(batch);
  return { frames: String(reader.totals.frames), ...digest.result() };
}

function plainFileContender(path: string): Contender {
  return {
    name: "plain JavaScript, from file",
    run(repeats) {
      for (let i = 0; i < repeats; i++) sink += readRecordsFromFile(path).frames;
      return undefined;
    },
    outcome() {
      const digest = new ColumnDigest();
      const { frames } = readRecordsFromFile(path, (batch) => digest.add(batch));
      return { frames: String(frames), ...digest.result() };
    },
  };
}

function framesOf(kind: CaptureKind, most: number): number {
  const size = 84 + 14.6 * kind.data + 0.3 * kind.unusual;
  return Math.min(most, Math.floor(MOST_BYTES / size));
}

/** Read by nobody; keeps the work from being optimized away. */
export function drain(): number {
  return sink;
}
