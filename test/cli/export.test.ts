import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromIPC } from "@uwdata/flechette";
import { parquetMetadata, parquetReadObjects, parquetSchema } from "hyparquet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseCapture, rows as rowsOf } from "../../src/capture/index.ts";
import type { Cell } from "../../src/cli/export/column.ts";
import { partitionValue } from "../../src/cli/export/data-set.ts";
import { flowColumns } from "../../src/cli/export/flow-columns.ts";
import { GROUP_ROWS } from "../../src/cli/export/row-group.ts";
import { segmentColumns } from "../../src/cli/export/segment-columns.ts";
import { FlowTracker } from "../../src/flow/index.ts";
import { concat, NANO, pcap, pcapHeader, pcapRecord, tcpFrame } from "../capture/captures.ts";
import { tcpwire } from "./harness.ts";

const sample = "sample/story.pcapng";
const folder = mkdtempSync(join(tmpdir(), "tcpwire-export-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const put = (name: string, bytes: Uint8Array) => {
  writeFileSync(at(name), bytes);
  return at(name);
};

// What a table can get wrong: numbers above 2^31, nanoseconds, options that are there or not, headers cut short,
// VLANs, IPv6, SACK blocks; every other frame a day later than it should be.
const timestamps = [1, 1, 8, 10, 0xff, 0xff, 0xff, 0xfe, 0x80, 0, 0, 1];
const sack = [1, 1, 5, 10, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0xff, 0xf0];
const frames = [
  tcpFrame({ seq: 0xfffffff0, ack: 0x80000000, options: timestamps, payload: 100 }),
  tcpFrame({ ipVersion: 6, seq: 0x80000001, src: 9, options: sack }),
  tcpFrame({ vlan: 7, seq: 1, payload: 0 }),
  tcpFrame({ seq: 0xfffffff0, ack: 0x80000000, options: timestamps, payload: 100 }),
];
const odd = concat(
  pcapHeader({ magic: NANO }),
  ...frames.map((frame, i) =>
    pcapRecord(frame, { seconds: 1_900_000_000 + (i % 2) * 86_400, fraction: 123_456_789 + i }),
  ),
  pcapRecord(frames[0].subarray(0, 14 + 20 + 9), {
    seconds: 1_900_000_000,
    fraction: 999_999_999,
    length: frames[0].length,
  }),
);
const captures = { odd: put("odd.pcap", odd), sample };

type Table = Record<string, unknown>[];

/** The rows that the columns' own functions give, lists and all, to hold what was read back against. */
function expectedSegments(path: string): Record<string, Cell>[] {
  const segments = parseCapture(new Uint8Array(readFileSync(path)));
  const analysis = new FlowTracker({ random: () => {} }).add(segments);
  return Array.from({ length: segments.length }, (_, i) =>
    Object.fromEntries(segmentColumns.map(({ name, value }) => [name, value({ segments, analysis }, i)])),
  );
}

function expectedFlows(path: string): Record<string, Cell>[] {
  const tracker = new FlowTracker({ random: () => {} });
  tracker.add(parseCapture(new Uint8Array(readFileSync(path))));
  return [...tracker.flows()].map((record) =>
    Object.fromEntries(flowColumns.map(({ name, value }) => [name, value(record, 0)])),
  );
}

const readParquet = async (path: string): Promise<Table> => {
  const file = new Uint8Array(readFileSync(path)).buffer;
  const parsers = { timestampFromMicroseconds: (time: bigint) => time };
  const rows = await parquetReadObjects({ file, parsers: parsers as never });
  return rows.map((row) => mapped(row, (cell) => cell ?? undefined));
};

const readArrow = (path: string): Table => {
  const table = tableFromIPC(readFileSync(path), { useBigInt: true });
  return table
    .toArray()
    .map((row: Record<string, unknown>) =>
      mapped(row, (cell) => (ArrayBuffer.isView(cell) ? Array.from(cell as never) : (cell ?? undefined))),
    );
};

function mapped(row: Record<string, unknown>, change: (cell: unknown, name: string) => unknown) {
  return Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, change(cell, name)]));
}

const isTime = (name: string) => name === "time" || name === "start_time" || name === "end_time";

describe.each(Object.entries(captures))("every column of %s is read back as it was parsed", (name, path) => {
  test.each(["segments", "flows"])("Parquet, %s", async (kind) => {
    const out = at(`${name}-${kind}.parquet`);
    expect(await tcpwire(["export", path, "-o", out, ...(kind === "flows" ? ["--flows"] : [])])).toEqual({
      status: 0,
      out: "",
      err: expect.stringMatching(/^tcpwire: wrote \S+: \d+ rows, \d+\.\d+ kB\n$/),
    });
    const rows = kind === "flows" ? expectedFlows(path) : expectedSegments(path);
    expect(await readParquet(out)).toEqual(
      rows.map((row) => mapped(row, (cell, column) => (isTime(column) ? (cell as bigint) / 1000n : cell))),
    );
  });

  test.each(["segments", "flows"])("Arrow, %s", async (kind) => {
    const out = at(`${name}-${kind}.arrow`);
    const { status } = await tcpwire(["export", path, "-o", out, ...(kind === "flows" ? ["--flows"] : [])]);
    expect(status).toBe(0);
    const rows = kind === "flows" ? expectedFlows(path) : expectedSegments(path);
    const read = readArrow(out);
    // The reader gives timestamps as milliseconds, without what lies below: the type is held elsewhere.
    const untimed = (row: Record<string, unknown>) =>
      mapped(row, (cell, column) => (isTime(column) ? undefined : cell));
    expect(read.map(untimed)).toEqual(rows.map(untimed));
  });

  test("the segments are those of the library's rows", () => {
    const read = expectedSegments(path);
    const table = parseCapture(new Uint8Array(readFileSync(path)));
    let i = 0;
    for (const row of rowsOf(table)) {
      expect(read[i++]).toMatchObject({
        frame: row.frame,
        time_ns: row.time,
        src: row.src,
        dst: row.dst,
        src_port: row.srcPort,
        dst_port: row.dstPort,
        checksum_status: row.checksumStatus,
        status: row.status,
        ...(row.status === "OK" ? { seq: row.seq, flags: row.flags, flag_names: row.flagNames } : {}),
        sack_left: row.sack.length === 0 ? undefined : row.sack.map(({ left }) => left),
        sack_right: row.sack.length === 0 ? undefined : row.sack.map(({ right }) => right),
        vlans: row.vlans.length === 0 ? undefined : row.vlans,
      });
    }
    expect(i).toBe(read.length);
  });
});

describe("numbers that tables like to spoil", () => {
  test("in Parquet", async () => {
    const [first, second, third, , cut] = await readParquet(at("odd-segments.parquet"));
    expect(first).toMatchObject({
      time_ns: 1_900_000_000_123_456_789n,
      time: 1_900_000_000_123_456n,
      seq: 0xfffffff0,
      ack: 0x80000000,
      tsval: 0xfffffffe,
      tsecr: 0x80000001,
    });
    expect(second).toMatchObject({ sack_left: [0xffffff00], sack_right: [0xfffffff0], tsval: undefined });
    expect(third).toMatchObject({ vlans: [7], mss: undefined, payload_length: 0 });
    // Nine bytes of a header: ports and sequence number are there, nothing behind them.
    expect(cut).toMatchObject({ seq: 0xfffffff0, ack: undefined, flags: undefined, window: undefined });
  });

  test("unsigned columns say that they are", () => {
    const bytes = new Uint8Array(readFileSync(at("odd-segments.parquet"))).buffer;
    const schema = parquetSchema(parquetMetadata(bytes)).children.map(({ element }) => element);
    const typeOf = (name: string) => {
      const found = schema.find((element) => element.name === name)!;
      return [found.type, found.converted_type];
    };
    expect(typeOf("seq")).toEqual(["INT32", "UINT_32"]);
    expect(typeOf("src_port")).toEqual(["INT32", "UINT_16"]);
    expect(typeOf("time_ns")).toEqual(["INT64", undefined]);
    const { schema: arrow } = tableFromIPC(readFileSync(at("odd-segments.arrow")));
    const types = Object.fromEntries(arrow.fields.map(({ name, type }) => [name, type]));
    expect(types.seq).toMatchObject({ bitWidth: 32, signed: false });
    expect(types.time_ns).toMatchObject({ bitWidth: 64, signed: true });
    expect(types.time).toMatchObject({ unit: 3, timezone: "UTC" });
  });

  test("timestamps of Arrow keep their nanoseconds", () => {
    const { data } = tableFromIPC(readFileSync(at("odd-segments.arrow"))).getChild("time");
    expect(data[0].values[0]).toBe(1_900_000_000_123_456_789n);
  });
});

describe("text formats", () => {
  test.each([
    ["export-segments.csv", ["-Y", "frame.number <= 12 || tcp.stream == 3"]],
    ["export-segments.ndjson", ["-Y", "tcp.analysis.retransmission || tcp.options.sack_le"]],
    ["export-flows.csv", ["--flows"]],
  ])("%s", async (name, options) => {
    const { status, out } = await tcpwire([
      "export",
      sample,
      "-o",
      "-",
      "--format",
      name.endsWith("csv") ? "csv" : "ndjson",
      ...options,
    ]);
    expect(status).toBe(0);
    await expect(out).toMatchFileSnapshot(`golden/${name}`);
  });

  test("--list-columns tells every name and type", async () => {
    for (const [args, columns] of [
      [[], segmentColumns],
      [["--flows"], flowColumns],
    ] as const) {
      const { out } = await tcpwire(["export", "--list-columns", ...args]);
      expect(
        out
          .trimEnd()
          .split("\n")
          .map((line) => line.split(/ +/).slice(0, 2)),
      ).toEqual(columns.map(({ name, type }) => [name, type]));
    }
    const names = [...segmentColumns, ...flowColumns].map(({ name }) => name);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
  });
});

describe("a capture of more rows than a group", () => {
  const length = GROUP_ROWS + 10_000;
  beforeAll(() => {
    const frame = tcpFrame({ payload: 0 });
    put("long.pcap", pcap(Array.from({ length }, () => frame)));
  });

  test("has groups in Parquet, and every row", async () => {
    const out = at("long.parquet");
    expect((await tcpwire(["export", at("long.pcap"), "-o", out])).status).toBe(0);
    const bytes = new Uint8Array(readFileSync(out)).buffer;
    expect(parquetMetadata(bytes).row_groups.length).toBe(2);
    const rows = await parquetReadObjects({ file: bytes, columns: ["frame"] });
    expect(rows.map(({ frame }) => frame)).toEqual(Array.from({ length }, (_, i) => i + 1));
  });

  test("has batches in Arrow, and every row", async () => {
    const out = at("long.arrow");
    expect((await tcpwire(["export", at("long.pcap"), "-o", out])).status).toBe(0);
    const frame = tableFromIPC(readFileSync(out)).getChild("frame");
    expect(frame.data.length).toBe(2);
    expect(Array.from(frame.toArray() as Uint32Array)).toEqual(Array.from({ length }, (_, i) => i + 1));
  });
});

describe("no rows at all", () => {
  test.each(["csv", "ndjson", "arrow", "parquet"])("make a %s that can be read", async (format) => {
    const out = at(`none.${format}`);
    const { status } = await tcpwire(["export", sample, "-o", out, "-Y", "tcp.port == 1"]);
    expect(status).toBe(0);
    if (format === "csv") expect(readFileSync(out, "utf8").split("\n").length).toBe(2);
    if (format === "ndjson") expect(readFileSync(out, "utf8")).toBe("");
    if (format === "arrow") {
      const table = tableFromIPC(readFileSync(out));
      expect([table.numRows, table.numCols]).toEqual([0, segmentColumns.length]);
    }
    if (format === "parquet") expect(await readParquet(out)).toEqual([]);
  });
});

describe("a folder becomes a data set", () => {
  const parts = (root: string) =>
    (readdirSync(root, { recursive: true }) as string[]).filter((path) => path.includes("part-")).sort();

  test("partitioned by capture and day, each row once", async () => {
    const out = `${at("set")}/`;
    expect((await tcpwire(["export", captures.odd, sample, "-o", out, "--format", "ndjson"])).status).toBe(0);
    expect(parts(out)).toEqual([
      "capture=odd.pcap/date=2030-03-17/part-0.ndjson",
      "capture=odd.pcap/date=2030-03-18/part-0.ndjson",
      "capture=story.pcapng/date=2026-03-02/part-0.ndjson",
    ]);
    const frames = (path: string) =>
      readFileSync(join(out, path), "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).frame);
    expect(frames("capture=odd.pcap/date=2030-03-17/part-0.ndjson")).toEqual([1, 3, 5]);
    expect(frames("capture=odd.pcap/date=2030-03-18/part-0.ndjson")).toEqual([2, 4]);
  });

  test("captures are found by content, in folders too; what is none is passed over", async () => {
    const { status } = await tcpwire(["export", "sample", "-o", `${at("found")}/`, "--format", "csv"]);
    expect(status).toBe(0);
    expect(parts(at("found"))).toEqual(["capture=story.pcapng/date=2026-03-02/part-0.csv"]);
  });

  test("an earlier export stays, unless --force replaces it", async () => {
    const args = ["export", sample, "-o", `${at("again")}/`, "--format", "csv"];
    await tcpwire(args);
    const { status, err } = await tcpwire(args);
    expect(status).toBe(2);
    expect(err).toContain("holds an export already; --force replaces it");
    expect((await tcpwire([...args, "--force", "-Y", "tcp.stream == 0"])).status).toBe(0);
    const [part] = parts(at("again"));
    expect(readFileSync(join(at("again"), part), "utf8").split("\n").length).toBe(1 + 24 + 1);
  });

  test("a capture that is damaged gives what it has, and does not keep others from being exported", async () => {
    put("short.pcap", odd.subarray(0, odd.length - 20));
    put("text.pcap", new TextEncoder().encode("no capture"));
    const paths = [at("text.pcap"), at("short.pcap"), sample];
    const { status, err } = await tcpwire(["export", ...paths, "-o", `${at("bad")}/`, "--format", "csv"]);
    expect(status).toBe(3);
    expect(err).toMatch(
      /text\.pcap: byte 0: .*\ntcpwire: wrote .*short\.pcap: 4 rows in 2 files, .*\ntcpwire: .*short\.pcap: byte \d+: cut short/,
    );
    expect(parts(at("bad")).length).toBe(3);
  });

  test.each([
    ["plain-1.pcap", "plain-1.pcap"],
    ["a/b=c d%.pcap", "a%2Fb%3Dc%20d%25.pcap"],
    ["..\\\u202ex\n\u0000", "..%5C%E2%80%AEx%0A%00"],
    ["müller", "müller"],
  ])("%j is %s in a path", (name, expected) => {
    expect(partitionValue(name)).toBe(expected);
    expect(decodeURIComponent(expected)).toBe(name);
  });
});

describe("files", () => {
  test("one that is there stays, unless --force replaces it", async () => {
    const out = put("kept.csv", new TextEncoder().encode("mine"));
    const { status, err } = await tcpwire(["export", sample, "-o", out]);
    expect([status, readFileSync(out, "utf8")]).toEqual([2, "mine"]);
    expect(err).toContain("is there already; --force replaces it");
    expect((await tcpwire(["export", sample, "-o", out, "--force"])).status).toBe(0);
    expect(readFileSync(out, "utf8")).toMatch(/^frame,time_ns,/);
  });

  test("of a capture that is cut short, what could be read is there, then the reason", async () => {
    put("short.pcap", odd.subarray(0, odd.length - 20));
    const { status, err } = await tcpwire(["export", at("short.pcap"), "-o", at("short.parquet")]);
    expect(status).toBe(3);
    expect(err).toMatch(/short\.pcap: byte \d+: cut short/);
    expect((await readParquet(at("short.parquet"))).length).toBe(4);
  });

  test.each([
    ["no/such/out.csv", "no such folder"],
    ["kept.csv/out.csv", "not a folder"],
  ])("%s cannot be written", async (name, reason) => {
    if (!existsSync(at("kept.csv"))) put("kept.csv", new Uint8Array(0));
    const { status, out, err } = await tcpwire(["export", sample, "-o", at(name)]);
    expect([status, out]).toEqual([3, ""]);
    expect(err).toBe(`tcpwire: ${at(name)}: cannot be written: ${reason}\n`);
  });

  test("nothing half done is left behind", () => {
    expect(
      (readdirSync(folder, { recursive: true }) as string[]).filter((name) => /partial/.test(name)),
    ).toEqual([]);
  });
});

describe("not understood", () => {
  test.each([
    [["export"], "export wants a FILE"],
    [["export", sample], "export wants an OUT"],
    [["export", sample, "-o", "out.xlsx"], "name it .csv, .ndjson, .arrow, .parquet, or say --format"],
    [["export", sample, "-o", "-"], "or say --format"],
    [["export", sample, "-o", "a.csv", "--format", "arrow"], "contradict each other"],
    [["export", sample, "-o", "a.csv", "--format", "xml"], "--format is one of csv"],
    [["export", sample, captures.odd, "-o", "a.csv"], "several captures go into a folder: -o a/"],
    [["export", "sample", "-o", "a.csv"], "several captures go into a folder"],
    [["export", sample, "-o", "a.csv", "-Y", "nonsense"], 'no field "nonsense"'],
    [["export", sample, sample, "-o", "d/", "--format", "csv"], "would both be capture=story.pcapng"],
  ])("%j", async (args, says) => {
    const { status, out, err } = await tcpwire(args);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain(says);
  });
});
