// Captures to columns: every column of every row, what the capture says of itself, and how it ends.
import { headerBytes, payloadBytes, readCapture, readCaptureSync } from "tcpwire/capture";
import { FlowTracker } from "tcpwire/flow";
import { digest } from "./digest.js";
import { conversations, frames, generator, pcap, pcapng } from "./vectors.js";

const list = frames(8, 3000);
const made = {
  conversations: pcap(conversations(12, 40, 12)),
  "pcap, little-endian, microseconds": pcap(list),
  "pcap, big-endian, nanoseconds": pcap(list, { bigEndian: true, nanoseconds: true }),
  "pcapng, little-endian": pcapng(list),
  "pcapng, big-endian": pcapng(list, { bigEndian: true }),
  "pcap, cut short": pcap(list).subarray(0, 200_001),
  "pcap, a length damaged": damaged(pcap(list)),
  "no capture": new TextEncoder().encode("This is no capture at all."),
  "nothing at all": new Uint8Array(0),
};

export function captureCases(captures) {
  const cases = {};
  for (const [name, bytes] of Object.entries({ ...made, ...captures })) {
    cases[name] = () => rows(readCaptureSync(bytes));
    cases[`${name}: findings`] = () => findings(readCaptureSync(bytes));
  }
  for (const [name, source] of Object.entries(sources(made["pcapng, little-endian"]))) {
    cases[`read from ${name}`] = async () => {
      const told = await rowsAsync(readCapture(await source()), name);
      const plain = rows(readCaptureSync(made["pcapng, little-endian"]));
      if ((await digest(told)) !== (await digest(plain)))
        throw new Error(`${name}: other rows than from bytes`);
      return told;
    };
  }
  return cases;
}

/** The same bytes by every way in. */
function sources(bytes) {
  return {
    "a Blob": () => new Blob([bytes.subarray(0, 70_001), bytes.subarray(70_001)]),
    "a stream of odd chunks": () => streamOf(chunks(bytes)),
    "an async iterable": async function* () {
      yield* chunks(bytes);
    },
    "gzip in a stream": () => streamOf(chunks(bytes)).pipeThrough(new CompressionStream("gzip")),
    "gzip in a Blob": () =>
      new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"))).blob(),
  };
}

function* chunks(bytes) {
  const random = generator(9);
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + 1 + random.below(5000));
    yield bytes.subarray(at, end);
    at = end;
  }
}

function streamOf(iterable) {
  const iterator = iterable[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const { done, value } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

/** What a reader gives: every row, its totals and sections, and how it ended. */
export function rows(reader) {
  const told = [];
  try {
    for (const batch of reader) add(told, batch);
  } catch (error) {
    told.push(ending(error));
  }
  return [...told, reader.totals, sectionsOf(reader.info)];
}

async function rowsAsync(reader) {
  const told = [];
  try {
    for await (const batch of reader) add(told, batch);
  } catch (error) {
    told.push(ending(error));
  }
  return [...told, reader.totals, sectionsOf(reader.info)];
}

/** Rows by value, without the addresses in memory and batches that depend on how the bytes came. */
function add(told, batch) {
  // Columns are getters of the batch's class.
  const plain = Object.getOwnPropertyNames(Object.getPrototypeOf(batch)).filter(
    (name) =>
      ArrayBuffer.isView(batch[name]) &&
      !/^(bytes|addresses|sackEdges|src|dst|frameOffset|headerOffset|sackStart)$/.test(name),
  );
  if (!plain.includes("time") || !plain.includes("status")) throw new Error("the columns are not found");
  for (let i = 0; i < batch.length; i++) {
    const row = plain.map((name) => `${name}=${batch[name][i]}`);
    const ends = [batch.src[i], batch.dst[i]].map((at) =>
      batch.ipVersion[i] === 6 ? batch.addresses.subarray(at * 16, at * 16 + 16).join(".") : at,
    );
    const edges = batch.sackEdges.subarray(
      batch.sackStart[i] * 2,
      (batch.sackStart[i] + batch.sackCount[i]) * 2,
    );
    const payload = payloadBytes(batch, i);
    let sum = 0;
    for (const byte of payload) sum = (sum * 31 + byte) | 0;
    told.push(
      [
        batch.fileOffset[i],
        ...row,
        ...ends,
        edges.join(),
        headerBytes(batch, i).join(),
        payload.length,
        sum,
      ].join(),
    );
  }
}

function findings(reader) {
  // The secret of the table's hash: what is found does not depend on it.
  const tracker = new FlowTracker({ random: (bytes) => bytes.fill(7), maxFlows: 5000 });
  const told = [];
  try {
    for (const batch of reader) {
      const analysis = tracker.add(batch);
      const names = Object.keys(analysis).filter((name) => ArrayBuffer.isView(analysis[name]));
      for (let i = 0; i < batch.length; i++)
        told.push(names.map((name) => `${name}=${analysis[name][i]}`).join());
    }
  } catch (error) {
    told.push(ending(error));
  }
  return [...told, tracker.streamCount];
}

function ending({ name, code, offset, message }) {
  return { name, code, offset, message };
}

function sectionsOf({ sections, names, format }) {
  return { sections, names, format };
}

function damaged(bytes) {
  const copy = bytes.slice();
  // The length of the second record, over whatever it was.
  const second = 24 + 16 + new DataView(bytes.buffer).getUint32(32, true);
  copy.fill(255, second + 8, second + 12);
  return copy;
}
