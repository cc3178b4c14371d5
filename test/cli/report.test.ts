import { afterAll, describe, expect, test } from "vitest";
import type { Segments } from "../../src/capture/segments.ts";
import { Activity, BUCKETS } from "../../src/cli/report/activity.ts";
import { AddressPairs } from "../../src/cli/report/pairs.ts";
import { columns } from "../../src/cli/terminal/wrap.ts";
import { pcap, tcpFrame } from "../capture/captures.ts";
import { files, tcpwire } from "./harness.ts";

/** Just the columns that the report's counters read. */
function pairsOf(rows: readonly (readonly [src: number, dst: number, bytes?: number])[]): Segments {
  return {
    length: rows.length,
    ipVersion: new Uint8Array(rows.length).fill(4),
    src: Uint32Array.from(rows, ([src]) => src),
    dst: Uint32Array.from(rows, ([, dst]) => dst),
    frameLength: Uint32Array.from(rows, ([, , bytes = 60]) => bytes),
    addresses: new Uint8Array(0),
  } as unknown as Segments;
}

describe("address pairs", () => {
  test("both directions are one pair, told from the side that spoke first", () => {
    const pairs = new AddressPairs(1);
    pairs.add(
      pairsOf([
        [9, 1, 100],
        [1, 9, 60],
        [9, 1, 100],
        [5, 5, 60],
      ]),
    );
    expect(pairs.top(10)).toEqual([
      { a: "0.0.0.9", b: "0.0.0.1", ipVersion: 4, segments: [2, 1], bytes: [200, 60] },
      { a: "0.0.0.5", b: "0.0.0.5", ipVersion: 4, segments: [1, 0], bytes: [60, 0] },
    ]);
  });

  test("IPv4 and IPv6 addresses of the same bits are different", () => {
    const pairs = new AddressPairs(1);
    const six = pairsOf([[0, 1]]);
    (six.ipVersion as Uint8Array).fill(6);
    const addresses = new Uint8Array(32);
    addresses.set([0, 0, 0, 9], 0);
    addresses.set([0, 0, 0, 1], 16);
    pairs.add({ ...six, addresses });
    pairs.add(pairsOf([[9, 1]]));
    expect(pairs.top(10).map(({ a }) => a)).toEqual(["0:9::", "0.0.0.9"]);
  });

  test("a hundred thousand pairs stay in bounds, and the busy ones are not lost", () => {
    const pairs = new AddressPairs(1);
    const heavy: [number, number, number] = [7, 8, 1500];
    for (let batch = 0; batch < 100; batch++) {
      const rows = Array.from({ length: 1000 }, (_, i): [number, number] => [batch * 1000 + i + 100, 1]);
      pairs.add(pairsOf([...rows, heavy]));
    }
    expect(pairs.size).toBeLessThanOrEqual(1 << 15);
    expect(pairs.size + pairs.forgotten).toBe(100_001);
    expect(pairs.top(1)).toEqual([
      { a: "0.0.0.7", b: "0.0.0.8", ipVersion: 4, segments: [100, 0], bytes: [150_000, 0] },
    ]);
  });

  test("the seed changes nothing that is said", () => {
    const rows = pairsOf(Array.from({ length: 500 }, (_, i) => [i * 7919, i % 13, 60 + (i % 5)]));
    const [one, other] = [1, 0xdeadbeef].map((seed) => {
      const pairs = new AddressPairs(seed);
      pairs.add(rows);
      return pairs.top(500);
    });
    expect(other).toEqual(one);
  });
});

describe("activity", () => {
  const times = (...milliseconds: number[]) =>
    BigInt64Array.from(milliseconds, (ms) => BigInt(Math.round(ms * 1e6)));

  test("buckets widen as the capture turns out longer, and nothing is lost", () => {
    const activity = new Activity();
    for (let i = 0; i < 1000; i++) activity.add(times(i * 10), 1);
    expect(activity.width).toBe(256e6);
    expect(activity.counts.length).toBe(BUCKETS);
    expect(activity.counts.reduce((sum, n) => sum + n, 0)).toBe(1000);
    expect(activity.counts[0]).toBe(26);
  });

  test("a time before the first counts with it, a day later is no problem", () => {
    const activity = new Activity();
    activity.add(times(5000, 4000, 5000 + 86_400_000), 3);
    expect(activity.counts[0]).toBe(2);
    expect(activity.counts.reduce((sum, n) => sum + n, 0)).toBe(3);
  });
});

describe("the report", () => {
  const bad = tcpFrame({ seq: 3 });
  bad[50] ^= 0xff;
  const { path, clean } = files({
    "mixed.pcap": pcap([tcpFrame({ seq: 1 }), bad, new Uint8Array(20)]),
    "none.pcap": pcap([]),
    "wlan.pcap": pcap([new Uint8Array(40)], { linkType: 105 }),
  });
  afterAll(clean);
  const json = async (name: string) => JSON.parse((await tcpwire([path(name), "--json"])).out);

  test("counts checksums and says where they are bad", async () => {
    expect(await json("mixed.pcap")).toMatchObject({
      frames: { count: 3, withoutIp: 1 },
      segments: { count: 2, ipv4: 2, payloadBytes: 20 },
      checksums: { good: 1, bad: 1, partial: 0, badFrames: [2] },
      conversations: 1,
    });
    expect((await tcpwire([path("mixed.pcap")])).out).toMatch(/bad +1 +50 % .* frame 2\n/);
  });

  test("of an empty capture is short", async () => {
    const { status, out } = await tcpwire([path("none.pcap")]);
    expect(status).toBe(0);
    expect(out).toMatch(/frames +0/);
    expect(out).toMatch(/segments +none/);
    expect(out).not.toMatch(/Flags|Checksums|pairs|NaN|Infinity/);
  });

  test("says of a link type that it is not searched for TCP", async () => {
    expect((await tcpwire([path("wlan.pcap")])).out).toMatch(/IEEE802_11.*not searched for TCP/);
  });

  test("--top says how many pairs", async () => {
    const { out } = await tcpwire(["sample/story.pcapng", "--top", "2", "--json"]);
    expect(JSON.parse(out).pairs).toMatchObject({ count: 5, busiest: { length: 2 } });
    expect((await tcpwire(["sample/story.pcapng", "--top", "2"])).out).toContain("3 pairs more");
  });

  test("keeps within a terminal, colours or none; into a pipe, and with --wide, it is whole", async () => {
    const args = ["sample/story.pcapng", "-q"];
    const piped = (await tcpwire(args)).out;
    expect(Math.max(...piped.split("\n").map(columns))).toBeGreaterThan(100);
    expect(piped).not.toContain("\u00a0");
    for (const env of [{ NO_COLOR: "1" }, {}] as Record<string, string>[]) {
      const terminal = { terminal: true, env };
      for (const width of [80, 72]) {
        const { out } = await tcpwire(args, { ...terminal, width });
        expect(out.split("\n").filter((line) => columns(line) > width)).toEqual([]);
        // What is left out are columns of two tables: the rest is there, broken differently.
        const [before] = plain(out).split("Busiest conversations");
        expect(words(before)).toEqual(words(piped.split("Busiest conversations")[0]));
      }
      expect(plain((await tcpwire([...args, "--wide"], { ...terminal, width: 80 })).out)).toBe(piped);
    }
  });

  test("puts what it says of frames beneath, where a terminal has not the room, and no empty line", async () => {
    const narrow = { terminal: true, width: 44, env: { NO_COLOR: "1" } };
    const { out } = await tcpwire(["sample/story.pcapng", "-q"], narrow);
    expect(out).toMatch(/^ {2}keep-alive +10 +8\.2 % .*\n {4}frames 66, 90, 92, 94, 96 \.\.\.$/m);
    expect(out).not.toMatch(/^ +$/m);
  });

  test("tells which columns it had no room for", async () => {
    const { err } = await tcpwire(["sample/story.pcapng"], { terminal: true, width: 80 });
    expect(err).toContain("left out for want of room: duration, packets, bars; --wide shows all");
  });
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC is what begins a colour
const plain = (text: string) => text.replace(/\x1b\[[\d;]*m/g, "");
/** Bars may be shorter. */
const words = (text: string) => text.split(/\s+/).filter((word) => /\w/.test(word));
