import { describe, expect, test } from "vitest";
import { captureKinds, generateCapture } from "../../src/bench/captures.ts";
import { plainJavaScriptCodec, tcpwireCodec } from "../../src/bench/codecs.ts";
import { ColumnDigest, comparedColumns, type PartialSegments } from "../../src/bench/digest.ts";
import { compare } from "../../src/bench/race.ts";
import { batchContender, residentBatch } from "../../src/bench/suite.ts";

// More than two batches, and more than two windows of 1 MiB where frames are large.
const frames = 20_000;

describe.each(captureKinds.map((kind) => kind.name))("a generated capture of kind %s", (kind) => {
  const capture = generateCapture(kind, frames);

  test("is the same bytes each time", () => {
    expect(Buffer.compare(generateCapture(kind, 500), generateCapture(kind, 500))).toBe(0);
    expect(Buffer.compare(capture.subarray(0, 5000), generateCapture(kind, 500).subarray(0, 5000))).toBe(0);
  });

  test("gives the same columns through WebAssembly, copied or resident, and plain JavaScript", () => {
    const resident = residentBatch(capture).outcome();
    const copied = batchContender(tcpwireCodec(), capture).outcome();
    const plain = batchContender(plainJavaScriptCodec(), capture).outcome();
    expect(compare(resident as Record<string, string>, copied as Record<string, string>)).toEqual({});
    expect(compare(resident as Record<string, string>, plain as Record<string, string>)).toEqual({});
    expect(Object.keys(resident)).toEqual(["rows", ...comparedColumns]);
  });
});

test("a kind that does not exist is refused by name", () => {
  expect(() => generateCapture("jumbo", 1)).toThrow(/"jumbo"/);
});

describe("the digest", () => {
  const batch = (values: Partial<PartialSegments>, length = 2): PartialSegments => ({ length, ...values });

  test("does not depend on how rows are cut into batches", () => {
    const whole = new ColumnDigest();
    whole.add(batch({ seq: Uint32Array.of(1, 2, 3) }, 3));
    const cut = new ColumnDigest();
    cut.add(batch({ seq: Uint32Array.of(1) }, 1));
    cut.add(batch({ seq: Uint32Array.of(2, 3) }));
    expect(cut.result()).toEqual(whole.result());
  });

  test("changes with a value, with the order, and with the number of rows", () => {
    const of = (values: number[]) => {
      const digest = new ColumnDigest();
      digest.add(batch({ seq: Uint32Array.from(values) }, values.length));
      return digest.result();
    };
    const base = of([1, 2]);
    for (const other of [[1, 3], [2, 1], [1, 2, 0], [1]]) expect(of(other)).not.toEqual(base);
  });

  test("takes an IPv6 address by its bytes, not by its place in the pool", () => {
    const at = (index: number) => {
      const addresses = new Uint8Array(64);
      addresses.fill(7, index * 16, index * 16 + 16);
      const digest = new ColumnDigest();
      digest.add(batch({ src: Uint32Array.of(index), ipVersion: Uint8Array.of(6), addresses }, 1));
      return digest.result().src;
    };
    expect(at(3)).toBe(at(1));
  });

  test("drops a column that a later batch lacks", () => {
    const digest = new ColumnDigest();
    digest.add(batch({ seq: Uint32Array.of(1, 2), ack: Uint32Array.of(1, 2) }));
    digest.add(batch({ seq: Uint32Array.of(1, 2) }));
    expect(Object.keys(digest.result())).toEqual(["rows", "seq"]);
  });
});
