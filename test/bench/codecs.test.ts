import { describe, expect, test } from "vitest";
import { asCodec, type Codec } from "../../src/bench/adapter.ts";
import { plainJavaScriptCodec, tcpwireCodec } from "../../src/bench/codecs.ts";
import { benchNames, runBench } from "../../src/bench/package.ts";
import { compare, type Outcome, type Race } from "../../src/bench/race.ts";
import { buildRace, parseRace, segmentKinds } from "../../src/bench/single.ts";
import { checksumRace, checksumSizes, residentChecksum } from "../../src/bench/suite.ts";

// As `--with` loads it.
const example = asCodec(await import(new URL("../../bench/adapters/dataview.js", import.meta.url).href));
const ours = tcpwireCodec();
const others = [plainJavaScriptCodec(), example];

/** Each contender's comparison with the reference, by name. */
async function compared(race: Race): Promise<Record<string, ReturnType<typeof compare>>> {
  const expected = await race.reference.outcome();
  const found: Record<string, ReturnType<typeof compare>> = {};
  for (const contender of race.others) found[contender.name] = compare(expected, await contender.outcome());
  return found;
}

describe.each(segmentKinds.map((kind) => [kind.name, kind] as const))("segments of kind %s", (_, kind) => {
  test("are parsed alike by tcpwire, WebAssembly, plain JavaScript and the example", async () => {
    const found = await compared(parseRace(kind, ours, others));
    expect(Object.keys(found)).toEqual([
      "tcpwire, SegmentView",
      "WebAssembly, a batch of one",
      "plain JavaScript",
      "DataView example",
    ]);
    for (const comparison of Object.values(found)) expect(comparison.differs).toBeUndefined();
    expect(found["plain JavaScript"]).toEqual({});
  });

  test("are built alike by tcpwire and plain JavaScript, with good checksums", async () => {
    const race = buildRace(kind, ours, others);
    expect(await compared(race)).toEqual({ "plain JavaScript": {} });
    expect(((await race.reference.outcome()) as Outcome).verdict).toBe(Array(16).fill("good").join(" "));
  });
});

test.each(checksumSizes)(
  "the checksums of %i bytes are the same, copied, resident and in JavaScript",
  async (size) => {
    const race = checksumRace(size, ours, others)!;
    expect(await compared(race)).toEqual({
      "WebAssembly, copied in": {},
      "plain JavaScript": {},
      "DataView example": {},
    });
    expect(await residentChecksum(size).outcome()).toEqual(await race.reference.outcome());
  },
);

describe("runBench", () => {
  let milliseconds = 0;
  const settings = {
    now: () => (milliseconds += 10),
    frames: 500,
    timing: { rounds: 2, sample: 10, warm: 10 },
  };

  test("runs every race of the package with a clock from outside, and the example loses no comparison", async () => {
    const names: string[] = [];
    const { results } = await runBench({
      ...settings,
      codecs: [example],
      onResult: (result) => void names.push(result.name),
    });
    expect(names).toEqual(benchNames);
    for (const { standings } of results) {
      for (const { failed, differs } of standings) expect({ failed, differs }).toEqual({});
    }
    const acks = results.find(({ name }) => name === "batch/acks")!;
    expect(acks.standings.map(({ name }) => name)).toEqual([
      "tcpwire",
      "tcpwire, resident",
      "plain JavaScript",
      "DataView example",
    ]);
    expect(acks.standings[3].lacks).toContain("tsval");
  });

  test("a codec that is wrong in one value gets no ratio", async () => {
    const wrong: Codec = { name: "wrong", checksum: (bytes) => (bytes[0] === 0 ? 0 : 1) };
    const { results } = await runBench({ ...settings, codecs: [wrong], only: ["checksum/1460"] });
    const standing = results[0].standings.find(({ name }) => name === "wrong")!;
    expect(standing.differs).toEqual(["checksums"]);
    expect(standing.ratio).toBeUndefined();
  });

  test("waits for a codec's init before it calls anything else", async () => {
    const calls: string[] = [];
    const codec: Codec = {
      name: "late",
      init: async () => {
        await Promise.resolve();
        calls.push("init");
      },
      checksum(bytes) {
        calls.push("checksum");
        return ours.checksum!(bytes);
      },
    };
    await runBench({ ...settings, codecs: [codec], only: ["checksum/20"] });
    expect(calls[0]).toBe("init");
    expect(calls[1]).toBe("checksum");
  });

  test("a name that no race has is refused", async () => {
    await expect(runBench({ ...settings, only: ["chekcsum"] })).rejects.toThrow(/"chekcsum"/);
  });
});

describe("asCodec", () => {
  test("takes a default export or the namespace itself", () => {
    const codec = { name: "c", checksum: () => 0 };
    expect(asCodec({ default: codec })).toBe(codec);
    expect(asCodec(codec)).toBe(codec);
  });

  test.each([
    ["nothing", undefined, /an object with a `name`/],
    ["no name", { checksum: () => 0 }, /an object with a `name`/],
    ["nothing to race", { name: "c" }, /codec c: none of/],
    ["a checksum that is no function", { name: "c", checksum: 7 }, /`checksum` is not a function/],
    ["a parser without fields", { name: "c", parseOne: () => 0 }, /`parseOne` needs `fields`/],
    ["a batch parser without columns", { name: "c", parseBatch: () => {} }, /`parseBatch` needs `columns`/],
  ])("refuses %s, saying what is missing", (_, module, message) => {
    expect(() => asCodec(module)).toThrow(message);
  });
});
