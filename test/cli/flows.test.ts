import { afterAll, describe, expect, test } from "vitest";
import { Largest } from "../../src/cli/flows/largest.ts";
import type { FlowRecord } from "../../src/flow/index.ts";
import { pcap, tcpFrame } from "../capture/captures.ts";
import { files, tcpwire } from "./harness.ts";

const sample = "sample/story.pcapng";

// 700 conversations of a segment or two: more than a block of the table.
const many = Array.from({ length: 700 }, (_, i) =>
  tcpFrame({ srcPort: 2000 + i, payload: i % 7 === 0 ? 900 : 10 }),
);
const { path, clean } = files({
  "many.pcap": pcap(many),
  "short.pcap": pcap(many).subarray(0, 24 + 970 + 200),
});
afterAll(clean);

const streams = (out: string) =>
  out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).stream as number);

describe("flows", () => {
  test("prints a header and a row per conversation, aligned among each other", async () => {
    const { status, out } = await tcpwire(["flows", path("many.pcap")]);
    const lines = out.trimEnd().split("\n");
    expect([status, lines.length]).toEqual([0, 701]);
    expect(lines[0]).toMatch(/^ +# +client +server +state/);
    const at = lines[0].indexOf("state");
    expect(new Set(lines.slice(1).map((line) => line.slice(at, at + 3)))).toEqual(new Set(["OTH"]));
  });

  test("--json is a record a line, its times as RFC 3339", async () => {
    const { out } = await tcpwire(["flows", sample, "--json", "-c", "1"]);
    expect(JSON.parse(out)).toMatchObject({
      stream: 0,
      start: "2026-03-02T09:00:00.020000000Z",
      connState: "SF",
      client: { address: "192.0.2.15", port: 51022, mss: 1460 },
      initialRtt: 18_460_000,
    });
  });

  test.each([
    ["bytes", [0, 4, 6]],
    ["packets", [1, 0, 4]],
    ["duration", [1, 2, 4]],
    ["idle", [2, 1, 4]],
    ["rtt", [5, 0, 3]],
    ["resent", [0, 5, 1]],
  ])("--sort %s has the largest first, and -c bounds how many", async (key, expected) => {
    const { out } = await tcpwire(["flows", sample, "--json", "--sort", key, "-c", "3"]);
    expect(streams(out)).toEqual(expected);
  });

  test("--sort goes through all of a large capture", async () => {
    const { out } = await tcpwire(["flows", path("many.pcap"), "--json", "-s", "bytes", "-c", "4"]);
    expect(streams(out)).toEqual([0, 7, 14, 21]);
  });

  test.each([
    ["tcp.flags.reset == 1", [2, 3]],
    ["tcp.analysis.zero_window", [4]],
    ["ipv6", [5]],
    ["tcp.dstport == 1", []],
  ])("-Y %s keeps conversations with a segment that fits", async (filter, expected) => {
    const { out } = await tcpwire(["flows", sample, "--json", "-Y", filter]);
    expect(out === "" ? [] : streams(out)).toEqual(expected);
  });

  test("what could be read of a capture that is cut short is printed, then the reason", async () => {
    const { status, out, err } = await tcpwire(["flows", path("short.pcap"), "--json"]);
    expect(status).toBe(3);
    expect(streams(out)).toEqual([0, 1, 2]);
    expect(err).toMatch(/short\.pcap: byte \d[\d,]*: cut short/);
  });

  test.each([
    [["flows"], "flows wants a FILE"],
    [["flows", "-", "-"], "standard input can be read once"],
    [["flows", "a", "--sort", "colour"], "--sort is one of bytes"],
    [["flows", "a", "-Y", "nonsense"], 'no field "nonsense"'],
  ])("%j is not understood", async (args, says) => {
    const { status, out, err } = await tcpwire(args);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain(says);
  });
});

test("the largest of many are kept in bounded memory, equals by number", () => {
  const largest = new Largest("packets", 3);
  for (let stream = 0; stream < 1000; stream++) {
    const packets = stream % 10;
    largest.add({ stream, client: { packets }, server: { packets: 0 } } as FlowRecord);
  }
  expect(largest.sorted().map(({ stream }) => stream)).toEqual([9, 19, 29]);
});
