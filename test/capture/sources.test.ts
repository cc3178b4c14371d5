// Every kind of source, however its bytes are cut up, gives the same rows.
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ByteSource,
  type CaptureSource,
  readCapture,
  readCaptureSync,
} from "../../src/capture/index.ts";
import { concat, pcap, pcapng, tcpFrame } from "./captures.ts";
import { read, readSync, rowTexts } from "./rows.ts";

const frames = Array.from({ length: 300 }, (_, i) => tcpFrame({ seq: i, payload: i * 7 }));
const capture = pcap(frames);
const expected = readSync(capture).rows;

/** The same bytes as a source of each kind, in chunks of the given lengths (used again and again). */
const kinds: Record<string, (bytes: Uint8Array<ArrayBuffer>, lengths: number[]) => CaptureSource> = {
  "a Uint8Array": (bytes) => bytes,
  "a part of a larger buffer": (bytes) => concat([1, 2, 3], bytes, [4, 5]).subarray(3, 3 + bytes.length),
  "a DataView": (bytes) => new DataView(bytes.buffer),
  "an ArrayBuffer": (bytes) => bytes.buffer,
  "a SharedArrayBuffer": (bytes) => {
    const shared = new SharedArrayBuffer(bytes.length);
    new Uint8Array(shared).set(bytes);
    return shared;
  },
  "a Blob": (bytes) => new Blob([bytes]),
  "the stream of a Blob (BYOB)": (bytes) => new Blob([bytes]).stream(),
  "a stream of chunks": (bytes, lengths) => streamOf(chunks(bytes, lengths)),
  "a byte stream": (bytes, lengths) => {
    const parts = chunks(bytes, lengths);
    return new ReadableStream({
      type: "bytes",
      pull(controller) {
        const { value, done } = parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
        if (done) controller.byobRequest?.respond(0);
      },
    });
  },
  "a generator of chunks": chunks,
  "an array of chunks": (bytes, lengths) => [...chunks(bytes, lengths)],
  "an async generator of chunks": async function* (bytes, lengths) {
    yield* chunks(bytes, lengths);
  },
  "a stream of Node": (bytes, lengths) => Readable.from(chunks(bytes, lengths)),
  "a ByteSource": (bytes, lengths) => byteSource(bytes, lengths),
  "a ByteSource that makes one wait": (bytes, lengths) => {
    const source = byteSource(bytes, lengths);
    return { read: async (into) => source.read(into) };
  },
};

function* chunks(bytes: Uint8Array<ArrayBuffer>, lengths: number[]): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length];
    yield bytes.slice(at, at + length);
    at += length;
  }
}

function streamOf<T>(items: Iterable<T>): ReadableStream<T> {
  const iterator = items[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const { value, done } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

function byteSource(bytes: Uint8Array, lengths: number[]): ByteSource & { closed: number } {
  let at = 0;
  let i = 0;
  return {
    closed: 0,
    read(into) {
      const n = Math.min(lengths[i++ % lengths.length], into.length, bytes.length - at);
      into.set(bytes.subarray(at, at + n));
      at += n;
      return n;
    },
    close() {
      this.closed++;
    },
  };
}

describe.each(Object.entries(kinds))("%s", (_, make) => {
  test("gives the rows that the bytes in one piece give", async () => {
    expect(await read(make(capture, [4096]))).toEqual({ rows: expected, error: undefined });
  });

  test("gives the same taken out of gzip", async () => {
    expect(await read(make(new Uint8Array(gzipSync(capture)), [4096]))).toEqual({
      rows: expected,
      error: undefined,
    });
  });
});

describe("however the bytes are cut up", () => {
  const small = [pcap(frames.slice(0, 20)), pcapng(frames.slice(0, 20))];
  const chunked = Object.entries(kinds).filter(([, make]) => make.length === 2);

  test.each(chunked)("%s gives the same", async (_, make) => {
    const wholes = small.map((bytes) => readSync(bytes));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(small.length - 1),
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 20, size: "max" }),
        fc.boolean(),
        async (which, lengths, gzip) => {
          const bytes = gzip ? new Uint8Array(gzipSync(small[which])) : small[which];
          expect(await read(make(bytes, lengths))).toEqual(wholes[which]);
        },
      ),
      { numRuns: 20 },
    );
  });

  test("a byte at a time gives the same", async () => {
    const bytes = small[1];
    expect(await read(byteSource(bytes, [1]))).toEqual(readSync(bytes));
    const zipped = new Uint8Array(gzipSync(bytes));
    expect(await read(byteSource(zipped, [1]))).toEqual(readSync(bytes));
  });
});

describe("what is no source", () => {
  test.each([
    ["undefined", undefined],
    ["null", null],
    ["a text", "capture.pcap"],
    ["a number", 7],
    ["an empty object", {}],
  ])("%s is refused at once", (_, source) => {
    expect(() => readCapture(source as never)).toThrow(TypeError);
    expect(() => readCaptureSync(source as never)).toThrow(TypeError);
  });

  test("a Blob, a stream or an async iterable is refused by readCaptureSync, which names readCapture", () => {
    const blob = new Blob([capture]);
    for (const source of [blob, blob.stream(), (async function* () {})()]) {
      expect(() => readCaptureSync(source as never)).toThrow(/readCapture/);
    }
  });

  test("a source that makes one wait after all is refused by readCaptureSync", () => {
    const source = { read: async () => 0 };
    expect(() => [...readCaptureSync(source as never)]).toThrow(/use readCapture/);
  });

  test("chunks that are no bytes are refused", async () => {
    expect((await read(["text"] as never)).error).toBeInstanceOf(TypeError);
    expect((await read(streamOf([7]) as never)).error).toBeInstanceOf(TypeError);
  });

  test.each([[-1], [1e9], [0.5], [Number.NaN], [{}], [undefined]])(
    "a ByteSource that reads %s bytes is refused",
    async (n) => {
      expect((await read({ read: () => n as number })).error).toBeInstanceOf(TypeError);
      expect((await read({ read: async () => n as number })).error).toBeInstanceOf(TypeError);
    },
  );

  test("a stream locked to another reader is refused at once", () => {
    const stream = new Blob([capture]).stream();
    stream.getReader();
    expect(() => readCapture(stream)).toThrow(TypeError);
  });
});

describe("a source", () => {
  test("is closed once at the end", async () => {
    const source = byteSource(capture, [5000]);
    await read(source);
    expect(source.closed).toBe(1);
  });

  test("is closed once when the loop is left", async () => {
    const source = byteSource(capture, [5000]);
    for await (const _ of readCapture(source)) break;
    expect(source.closed).toBe(1);
    const another = byteSource(capture, [5000]);
    for (const _ of readCaptureSync(another as never)) break;
    expect(another.closed).toBe(1);
  });

  test("is closed once when it fails, and its failure is what is thrown", async () => {
    const source = { ...byteSource(capture, [5000]), read: () => Promise.reject(new Error("disk on fire")) };
    expect((await read(source)).error).toEqual(new Error("disk on fire"));
    expect(source.closed).toBe(1);
  });

  test("that is a stream is cancelled when the loop is left", async () => {
    let cancelled = false;
    const stream = new ReadableStream({
      start: (controller) => controller.enqueue(capture),
      cancel: () => void (cancelled = true),
    });
    for await (const _ of readCapture(stream)) break;
    expect(cancelled).toBe(true);
    expect(stream.locked).toBe(false);
  });

  test("that is a stream is unlocked after the end", async () => {
    const stream = streamOf([capture]);
    await read(stream);
    expect(stream.locked).toBe(false);
  });

  test("is not asked again once it has ended", async () => {
    for (const bytes of [
      capture,
      new Uint8Array(gzipSync(capture)),
      capture.subarray(0, 1),
      capture.subarray(0, 100),
    ]) {
      let ended = 0;
      let at = 0;
      await read({
        read(into) {
          const n = Math.min(into.length, bytes.length - at);
          into.set(bytes.subarray(at, at + n));
          at += n;
          if (n === 0) ended++;
          return n;
        },
      });
      expect(ended).toBe(1);
    }
  });

  test("that reuses its chunk's buffer loses nothing: chunks are taken before the next is asked for", async () => {
    const scratch = new Uint8Array(1000);
    function* reusing(): Generator<Uint8Array> {
      for (let at = 0; at < capture.length; at += 1000) {
        scratch.fill(0xaa);
        const n = Math.min(1000, capture.length - at);
        scratch.set(capture.subarray(at, at + n));
        yield scratch.subarray(0, n);
      }
    }
    expect(readSync(reusing()).rows).toEqual(expected);
  });
});

describe("reading", () => {
  test("says how far it is, in bytes of the source", async () => {
    const zipped = gzipSync(capture);
    const steps: number[] = [];
    const source = streamOf(chunks(new Uint8Array(zipped), [1000]));
    for await (const _ of readCapture(source, { onProgress: (bytes) => steps.push(bytes) }));
    expect(steps.at(-1)).toBe(zipped.length);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  test("ends with the signal's reason, even while the source hangs", async () => {
    const abort = new AbortController();
    let closed = false;
    const source: ByteSource = { read: () => new Promise(() => {}), close: () => void (closed = true) };
    const reading = read(source, { signal: abort.signal });
    abort.abort(new Error("enough"));
    expect((await reading).error).toEqual(new Error("enough"));
    expect(closed).toBe(true);
  });

  test("does not begin under an aborted signal", async () => {
    const { rows, error } = await read(capture, { signal: AbortSignal.abort("no") });
    expect(rows).toEqual([]);
    expect(error).toBe("no");
  });

  test("gives a live source's packets as they come", async () => {
    const header = capture.subarray(0, 24);
    let send!: (bytes: Uint8Array) => void;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        send = (bytes) => controller.enqueue(bytes);
      },
    });
    const batches = readCapture(stream)[Symbol.asyncIterator]();
    send(header);
    for (const frame of frames.slice(0, 3)) {
      send(pcap([frame]).subarray(24));
      const { value } = await batches.next();
      expect(value?.length).toBe(1);
    }
    await batches.return();
  });

  test("happens once: a reader is not to be iterated again", async () => {
    const reader = readCapture(capture);
    for await (const _ of reader);
    await expect(reader[Symbol.asyncIterator]().next()).rejects.toThrow(TypeError);
    const sync = readCaptureSync(capture);
    for (const _ of sync);
    expect(() => [...sync]).toThrow(TypeError);
  });

  test("does not disturb other readings that are under way", () => {
    const others = Array.from({ length: 3 }, () =>
      readCaptureSync(chunks(capture, [20_000]))[Symbol.iterator](),
    );
    const rows: string[][] = [[], [], []];
    for (let done = 0; done < 3; ) {
      done = 0;
      for (const [i, batches] of others.entries()) {
        const step = batches.next();
        if (step.done) done++;
        else rows[i].push(...rowTexts(step.value));
      }
    }
    for (const each of rows) expect(each).toEqual(expected);
  });
});
