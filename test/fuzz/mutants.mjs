// Mutated captures and headers, a million in CI, through the built package: whatever the bytes are, parsing ends, throws
// nothing but its own errors, stays inside its slice, and builds again what was in order.
//
//   npm run build && node test/fuzz/mutants.mjs [--count 1000000] [--seed 1]
//
// One in three is a capture. They run in a thread, since a hang in WebAssembly can be told from outside alone: the seed
// of the input at which it happens is printed, and `--seed N --count 1` runs that one.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import {
  CaptureError,
  PcapngWriter,
  PcapWriter,
  parseCapture,
  payloadBytes,
  rows,
} from "../../dist/capture.js";
import { buildSegment, malformation, parseSegment, SegmentView, WireError } from "../../dist/wire.js";
import { recordCounts } from "../../scripts/counts.mjs";

const HUNG = 20_000;

async function watch() {
  const { values } = parseArgs({
    options: { count: { type: "string", default: "1000000" }, seed: { type: "string", default: "1" } },
  });
  const [count, seed] = [Number(values.count), Number(values.seed)];
  const at = new Int32Array(new SharedArrayBuffer(4));
  const begun = performance.now();
  const worker = new Worker(new URL(import.meta.url), { workerData: { count, seed, at } });
  let end;
  worker.on("message", (message) => (end = message));
  worker.on("error", (error) => (end = { failure: error.stack }));
  worker.on("exit", (code) => (end ??= { failure: `the thread ended with ${code}` }));
  let seen = -1;
  let since = performance.now();
  while (end === undefined) {
    await wait(200);
    if (at[0] !== seen) [seen, since] = [at[0], performance.now()];
    else if (performance.now() - since > HUNG) end = { failure: `not done after ${HUNG / 1000} s` };
  }
  await worker.terminate();
  const took = Math.round((performance.now() - begun) / 1000);
  if (end.failure) console.log(`FAILED --seed ${seed + at[0]} --count 1: ${end.failure}`);
  else console.log(`ok ${count} from seed ${seed} in ${took} s: ${end.told}`);
  recordCounts({ passed: end.failure ? 0 : 1, failed: end.failure ? 1 : 0, skipped: 0 });
  process.exit(end.failure ? 1 : 0);
}

function work({ count, seed, at }) {
  const captures = seeds();
  const tally = { captures: 0, damaged: 0, rows: 0, headers: 0, refused: 0 };
  for (let i = 0; i < count; i++) {
    at[0] = i;
    const random = new Random(seed + i);
    if ((seed + i) % 3 === 0) tryCapture(random, captures, tally);
    else tryHeader(random, tally);
  }
  const { captures: files, damaged, rows: found, headers, refused } = tally;
  const told = `${files} captures, ${damaged} with an error and ${found} segments in them; ${headers} headers, ${refused} refused`;
  // A mutator that damages nothing, or everything, tests nothing.
  const idle = count >= 10_000 && (damaged < files / 20 || damaged > files * 0.9 || refused < headers / 50);
  parentPort.postMessage(idle ? { failure: `the mutants are too much alike: ${told}` } : { told });
}

/** Captures between real kernels and the sample, small ones, and each in other clothes. */
function seeds() {
  const folder = "test/kernel/captures";
  const small = readdirSync(folder)
    .filter((name) => name.endsWith(".pcap"))
    .map((name) => readFileSync(`${folder}/${name}`))
    .filter(({ length }) => length < 6000);
  const sample = readFileSync("sample/story.pcapng").subarray(0, 6000);
  return [...small.flatMap((bytes) => [bytes, ...inOtherClothes(bytes)]), sample];
}

function inOtherClothes(bytes) {
  const linkType = bytes.readUInt32LE(20);
  const pcap = new PcapWriter({ bigEndian: true, linkType });
  const pcapng = new PcapngWriter({ interfaces: [{ linkType }] });
  for (let at = 24; at < bytes.length; ) {
    const end = at + 16 + bytes.readUInt32LE(at + 8);
    const time = BigInt(bytes.readUInt32LE(at)) * 1_000_000_000n;
    const packet = { time, bytes: bytes.subarray(at + 16, end), length: bytes.readUInt32LE(at + 12) };
    pcap.write(packet);
    pcapng.write(packet);
    at = end;
  }
  const both = [pcap.take(), pcapng.take()].map((taken) => Buffer.from(taken));
  return [...both, gzipSync(both[1])];
}

function tryCapture(random, captures, tally) {
  const original = captures[random.below(captures.length)];
  let bytes = Buffer.from(original);
  for (let edits = 1 + random.below(8); edits > 0; edits--) bytes = edited(bytes, random);
  tally.captures++;
  const outcome = read(bytes);
  tally.rows += outcome.rows;
  if (outcome.error) tally.damaged++;
  // Of what was read before, and of what lies around it, nothing is seen.
  if (random.below(4) === 0) {
    const around = Buffer.alloc(bytes.length + 128, random.below(256));
    bytes.copy(around, 64);
    parseCapture(captures[random.below(captures.length)]);
    const again = read(around.subarray(64, 64 + bytes.length));
    if (again.digest !== outcome.digest) throw new Error("it reads otherwise after another capture");
  }
}

function read(bytes) {
  const hash = createHash("sha1");
  let error;
  let table;
  try {
    table = parseCapture(bytes, { payload: true });
    error = table.error;
  } catch (thrown) {
    error = thrown;
  }
  if (error !== undefined) {
    if (!(error instanceof CaptureError)) throw error;
    hash.update(`${error.code} ${error.offset} ${error.reason}`);
    if (!(error.offset >= 0)) throw new Error(`an error at byte ${error.offset}`);
  }
  let n = 0;
  if (table) {
    for (const row of rows(table)) {
      n++;
      hash.update(
        JSON.stringify([row.frame, row.src, row.dst, row.srcPort, row.seq, row.flags, row.options]),
      );
      hash.update(payloadBytes(table, row.index));
    }
    for (const name of [
      "time",
      "ack",
      "window",
      "status",
      "checksumStatus",
      "tsval",
      "tsecr",
      "mss",
      "payloadLength",
    ]) {
      const column = table[name];
      hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
    }
  }
  return { digest: hash.digest("hex"), rows: n, error };
}

function edited(bytes, random) {
  const at = random.below(bytes.length);
  switch (random.below(8)) {
    case 0:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.below(40))]);
    case 1:
      return Buffer.concat([bytes.subarray(0, at + random.below(120)), bytes.subarray(at)]);
    case 2:
      bytes.fill([0, 1, 0x7f, 0x80, 0xff][random.below(5)], at, Math.min(at + 4, bytes.length));
      return bytes;
    case 3:
      bytes[at] ^= 1 << random.below(8);
      return bytes;
    default:
      // Where headers and options are, more often than not, one of the bytes that mean something there.
      bytes[at] = random.below(2) ? random.below(256) : MEANT[random.below(MEANT.length)];
      return bytes;
  }
}

const MEANT = [0, 1, 2, 3, 4, 5, 8, 10, 18, 30, 34, 40, 0x45, 0x50, 0x60, 0x80, 0xf0, 253, 255];
const LENGTHS = [0, 1, 2, 2, 3, 4, 4, 6, 8, 10, 10, 12, 18, 20, 26, 34, 40];

function tryHeader(random, tally) {
  tally.headers++;
  const bytes = headerOf(random);
  const from = random.below(9);
  const around = new Uint8Array(bytes.length + 64).fill(random.below(256));
  around.set(bytes, from);
  const slice = around.subarray(from, from + bytes.length);
  let segment;
  try {
    segment = parseSegment(slice);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    if (!(error.offset <= bytes.length)) throw new Error(`an error at byte ${error.offset}`);
    tally.refused++;
    if (refusal(() => new SegmentView(slice)) === undefined)
      throw new Error("the view takes what parsing refuses");
    return;
  }
  const strict = refusal(() => parseSegment(slice, { strict: true }));
  const lax = malformation(segment);
  if (strict?.code !== lax?.code || strict?.offset !== lax?.offset) {
    throw new Error(`strict says ${strict?.message}, lax ${JSON.stringify(lax)}`);
  }
  if (Buffer.compare(buildSegment(segment), bytes) !== 0) throw new Error("built otherwise than it was");
  if (Buffer.compare(buildSegment(new SegmentView(slice).toSegment()), bytes) !== 0) {
    throw new Error("built otherwise from a view than it was");
  }
}

function refusal(parse) {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return error;
  }
}

/** A header with options that are often in order, cut short now and then. */
function headerOf(random) {
  const options = [];
  const wanted = random.below(41);
  while (options.length < wanted) {
    const kind = random.below(3) ? MEANT[random.below(MEANT.length)] : random.below(256);
    options.push(kind);
    if (kind < 2 && random.below(8)) continue;
    const length = random.below(4) ? LENGTHS[random.below(LENGTHS.length)] : random.below(256);
    options.push(length);
    for (let i = 2; i < length && options.length < 40; i++) options.push(random.below(256));
  }
  const words = Math.ceil(Math.min(options.length, 40) / 4);
  const bytes = new Uint8Array(20 + words * 4 + (random.below(2) ? random.below(30) : 0));
  for (let i = 0; i < 20; i++) bytes[i] = random.below(256);
  bytes[12] = ((5 + words) << 4) | random.below(16);
  bytes.set(options.slice(0, words * 4), 20);
  if (random.below(10) === 0) bytes[12] = random.below(256);
  return random.below(10) ? bytes : bytes.slice(0, random.below(bytes.length + 1));
}

/** Marsaglia's xorshift, begun so that neighbouring seeds differ. */
class Random {
  #state;

  constructor(seed) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ 0x85ebca6b) | 1;
    for (let i = 0; i < 4; i++) this.below(2);
  }

  below(n) {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return Math.floor(((this.#state >>> 0) / 2 ** 32) * n);
  }
}

if (isMainThread) await watch();
else work(workerData);
