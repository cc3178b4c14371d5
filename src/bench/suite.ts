import { SLACK } from "../../assembly/layout/limits.ts";
import { instantiateCodec } from "../wasm/load.ts";
import { CodecMemory } from "../wasm/memory.ts";
import type { Codec } from "./adapter.ts";
import { CodecBatches } from "./codec-batches.ts";
import { ColumnDigest } from "./digest.ts";
import type { Contender, Outcome, Race } from "./race.ts";
import { Random } from "./random.ts";

/** Sizes whose checksums are raced, in bytes: headers, small and full segments, a jumbo frame, 64 KiB. */
export const checksumSizes: readonly number[] = [20, 32, 64, 96, 128, 192, 256, 576, 1460, 9000, 65536];

// What a run leaves here cannot be optimized away.
let sink = 0;

/** What was computed for nothing but the clock. */
export function drain(): number {
  return sink;
}

/** The Internet checksum of `size` bytes: each call gets another place in a buffer of random bytes. */
export function checksumRace(size: number, ours: Codec, others: readonly Codec[]): Race | undefined {
  const inputs = checksumInputs(size);
  const able = others.filter((codec) => codec.checksum);
  if (!ours.checksum || able.length === 0) return undefined;
  return {
    name: `checksum/${size}`,
    title: `Internet checksum of ${size} bytes in JavaScript memory`,
    amount: size,
    unit: "byte",
    reference: checksumContender(ours, inputs),
    others: [forcedCopy(inputs), ...able.map((codec) => checksumContender(codec, inputs))],
  };
}

function checksumContender(codec: Codec, inputs: readonly Uint8Array[]): Contender {
  const call = codec.checksum!.bind(codec);
  return {
    name: codec.name,
    run(repeats) {
      for (let i = 0; i < repeats; i++) sink ^= call(inputs[i & 15]);
      return undefined;
    },
    outcome: () => outcomes(inputs.map((bytes) => call(bytes))),
  };
}

/** The copy into WebAssembly and the sum there, whatever the size: what `checksum` avoids for small ones. */
function forcedCopy(inputs: readonly Uint8Array[]): Contender {
  const memory = new CodecMemory(instantiateCodec());
  const at = memory.allocate(inputs[0].length + SLACK);
  const { exports, u8 } = memory;
  const call = (bytes: Uint8Array) => {
    u8.set(bytes, at);
    return complement(exports.checksumPart(at, bytes.length, 0));
  };
  return {
    name: "WebAssembly, copied in",
    run(repeats) {
      for (let i = 0; i < repeats; i++) sink ^= call(inputs[i & 15]);
      return undefined;
    },
    outcome: () => outcomes(inputs.map((bytes) => call(bytes))),
  };
}

/** The sum of bytes that are in the codec's memory already: what the batch parser and the endpoint do. */
export function residentChecksum(size: number): Contender {
  const memory = new CodecMemory(instantiateCodec());
  const inputs = checksumInputs(size);
  // One behind the other, as segments lie in a capture: not at addresses that suit vectors.
  const start = memory.allocate(inputs.length * size + SLACK);
  const at = inputs.map((bytes, i) => {
    memory.u8.set(bytes, start + i * size);
    return start + i * size;
  });
  const { exports } = memory;
  return {
    name: "WebAssembly, resident",
    run(repeats) {
      for (let i = 0; i < repeats; i++) sink ^= exports.checksumPart(at[i & 15], size, 0);
      return undefined;
    },
    outcome: () => outcomes(at.map((p) => complement(exports.checksumPart(p, size, 0)))),
  };
}

/** The sixteen inputs of a checksum race, one behind the other in one buffer, as packets lie in a capture. */
export function checksumInputs(size: number): readonly Uint8Array[] {
  const random = new Random(size);
  const pool = new Uint8Array(size * 16);
  for (let i = 0; i < pool.length; i++) pool[i] = random.next();
  return Array.from({ length: 16 }, (_, i) => pool.subarray(size * i, size * (i + 1)));
}

/** A capture in JavaScript memory to columns. */
export function batchContender(codec: Codec, capture: Uint8Array): Contender {
  const take = () => {
    sink++;
  };
  return {
    name: codec.name,
    run(repeats) {
      for (let i = 0; i < repeats; i++) codec.parseBatch!(capture, take);
      return undefined;
    },
    outcome() {
      const digest = new ColumnDigest();
      codec.parseBatch!(capture, (batch) => digest.add(codec.columns!(batch)));
      return digest.result();
    },
  };
}

/** The same with the bytes in the codec's memory already. */
export function residentBatch(capture: Uint8Array, batches = new CodecBatches()): Contender {
  batches.load(capture);
  return {
    name: "tcpwire, resident",
    run(repeats) {
      for (let i = 0; i < repeats; i++) sink += batches.parseResident(true);
      return undefined;
    },
    outcome() {
      const digest = new ColumnDigest();
      batches.parseResident(true, (rows) => digest.add(batches.segments(rows)));
      return digest.result();
    },
  };
}

function complement(sum: number): number {
  return ~((sum << 8) | (sum >>> 8)) & 0xffff;
}

function outcomes(values: readonly number[]): Outcome {
  return { checksums: values.join(" ") };
}
