import { afterAll, describe, expect, test } from "vitest";
import { LINKTYPE_RAW } from "../../assembly/layout/capture.ts";
import { Largest } from "../../src/cli/flows/largest.ts";
import { columns } from "../../src/cli/terminal/wrap.ts";
import type { FlowRecord } from "../../src/flow/index.ts";
import { tcpPacket } from "../../src/sim/boxes/ip.ts";
import { SYN } from "../../src/wire/index.ts";
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

describe("flows on a terminal", () => {
  const widest = (text: string) => Math.max(...text.split("\n").map(columns));

  test.each([60, 80, 120])("of %i columns keeps within it, and says what it leaves out", async (width) => {
    const { out, err } = await tcpwire(["flows", sample], { terminal: true, width, env: { NO_COLOR: "1" } });
    expect(widest(out)).toBeLessThanOrEqual(width);
    const [head] = out.split("\n");
    const names = {
      state: "state",
      data: "data →",
      duration: "duration",
      packets: "pkts →",
      history: "history",
    };
    for (const [name, title] of Object.entries(names))
      expect([name, head.includes(title)]).toEqual([name, !err.includes(name)]);
    expect(err).toBe(
      {
        60: "tcpwire: left out for want of room: data, duration, packets, rtt, history; --wide shows all, as does a pipe\n",
        80: "tcpwire: left out for want of room: resent, packets, rtt, history; --wide shows all, as does a pipe\n",
        120: "",
      }[width],
    );
    // What is remarkable is never left out: it goes on beneath.
    expect(out.replaceAll(/\s+/g, " ")).toContain("10 keep-alive probes of the client after 1 min");
  });

  test("--wide shows what a pipe gets, and -q says nothing of what is missing", async () => {
    const env = { NO_COLOR: "1" };
    const [wide, piped, quiet] = [
      await tcpwire(["flows", sample, "--wide"], { terminal: true, width: 60, env }),
      await tcpwire(["flows", sample]),
      await tcpwire(["flows", sample, "-q"], { terminal: true, width: 60, env }),
    ];
    expect(wide).toEqual(piped);
    expect(quiet.err).toBe("");
  });

  test("later rows that need more room than the first have a header of their own", async () => {
    const frames = Array.from({ length: 300 }, (_, i) => tcpFrame({ srcPort: 2000 + i }));
    frames.push(tcpFrame({ ipVersion: 6, srcPort: 9 }));
    const { path, clean } = files({ "a.pcap": pcap(frames) });
    const { out, err } = await tcpwire(["flows", path("a.pcap")], {
      terminal: true,
      width: 64,
      env: { NO_COLOR: "1" },
    });
    const heads = out.split("\n").filter((line) => line.includes("client"));
    expect(heads).toHaveLength(2);
    expect(heads[1]).not.toBe(heads[0]);
    expect(widest(out)).toBeLessThanOrEqual(64);
    expect(err).toContain("left out");
    clean();
  });

  test("addresses too long for it lose their middle and keep their ports, and that is said", async () => {
    const frame = tcpFrame({ ipVersion: 6, src: 9, srcPort: 61234, dstPort: 443 });
    const long = Uint8Array.from({ length: 16 }, (_, i) => 0x21 + i);
    frame.set(long, 14 + 8);
    frame.set(
      long.map((byte) => byte + 0x40),
      14 + 24,
    );
    const { path, clean } = files({ "a.pcap": pcap([frame]) });
    const { out, err } = await tcpwire(["flows", path("a.pcap")], {
      terminal: true,
      width: 60,
      env: { NO_COLOR: "1" },
    });
    expect(out.split("\n")[1]).toMatch(/^0 +\[2122:\S+…\S+\]:61234 \[6162:\S+…\S+\]:443( |$)/);
    expect(widest(out)).toBeLessThanOrEqual(60);
    expect(err).toContain("parts of addresses");
    clean();
  });
});

describe("flows", () => {
  test("prints a header and a row per conversation, aligned among each other", async () => {
    const { status, out } = await tcpwire(["flows", path("many.pcap")]);
    const lines = out.trimEnd().split("\n");
    expect([status, lines.length]).toEqual([0, 701]);
    expect(lines[0]).toMatch(/^ +# +client +server +state/);
    const at = lines[0].indexOf("state");
    expect(new Set(lines.slice(1).map((line) => line.slice(at, at + 3)))).toEqual(new Set(["OTH"]));
  });

  test("says of a conversation whose addresses and ports another one has after it that they are used again", async () => {
    const [from, to] = ["192.0.2.7", "198.51.100.3"];
    const syns = [100, 900_000].map((seq) =>
      tcpPacket(from, to, { srcPort: 5000, dstPort: 80, seq, flags: SYN }),
    );
    const raw = { linkType: LINKTYPE_RAW };
    const { path, clean } = files({
      "again.pcap": pcap(syns, raw),
      "once.pcap": pcap(syns.slice(0, 1), raw),
    });
    const [again, once] = await Promise.all(
      ["again.pcap", "once.pcap"].map(async (name) => (await tcpwire(["flows", path(name)])).out.split("\n")),
    );
    expect(again.map((line) => line.includes("ports reused"))).toEqual([false, true, false, false]);
    expect(once.some((line) => line.includes("ports reused"))).toBe(false);
    clean();
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
