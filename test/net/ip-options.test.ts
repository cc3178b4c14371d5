// What a socket says in its IP headers: Diffserv codepoint and TTL (RFC 9293 3.9.2, MUST-48, MUST-49).
import { expect, test } from "vitest";
import { parseSegment, RST, SYN } from "../../src/wire/index.ts";
import { A4, A6, type Pair, pair, turns } from "./virtual.ts";

interface Seen {
  readonly from: "a" | "b";
  readonly dscp: number;
  readonly ttl: number;
  readonly flags: number;
}

function watched(): Pair & { readonly seen: Seen[] } {
  const seen: Seen[] = [];
  const hosts = pair();
  hosts.wire = (packet, from) => {
    const is4 = packet[0] >> 4 === 4;
    const dscp = is4 ? packet[1] >> 2 : ((packet[0] & 15) << 2) | (packet[1] >> 6);
    const { flags } = parseSegment(packet.slice(is4 ? 20 : 40));
    seen.push({ from, dscp, ttl: packet[is4 ? 8 : 7], flags });
    return true;
  };
  return Object.assign(hosts, { seen });
}

const by = (seen: Seen[], from: "a" | "b") => seen.filter((each) => each.from === from);

for (const hostname of [A4, A6]) {
  const version = hostname === A4 ? 4 : 6;

  test(`a socket's DSCP is in each of its segments, from the SYN on (IPv${version})`, async () => {
    const { a, b, seen } = watched();
    const listener = a.listen({ port: 7, dscp: 10 });
    const client = b.connect({ hostname, port: 7 }, { dscp: 46 });
    const server = await listener.accept();
    await client.write(new Uint8Array(5000));
    await server.write(new Uint8Array(100));
    await turns();
    client.abort();
    await turns();
    expect(by(seen, "b").length).toBeGreaterThan(5);
    expect(by(seen, "b").at(-1)?.flags).toBe(RST | 0x10);
    expect(new Set(by(seen, "b").map(({ dscp }) => dscp))).toEqual(new Set([46]));
    // The SYN,ACK, which no connection sends, is its listener's.
    expect(by(seen, "a")[0].flags & SYN).toBe(SYN);
    expect(new Set(by(seen, "a").map(({ dscp }) => dscp))).toEqual(new Set([10]));
  });

  test(`the TTL of every segment is what the socket asked for, 64 where it asked for none (IPv${version})`, async () => {
    const { a, b, seen } = watched();
    const listener = a.listen({ port: 7, ttl: 255 });
    const first = b.connect({ hostname, port: 7 });
    await first.opened;
    await (await listener.accept()).write(new Uint8Array(10));
    await turns();
    expect(new Set(by(seen, "b").map(({ ttl }) => ttl))).toEqual(new Set([64]));
    expect(new Set(by(seen, "a").map(({ ttl }) => ttl))).toEqual(new Set([255]));
  });
}

test("a SYN,ACK that is sent again has its listener's DSCP and TTL", async () => {
  const hosts = watched();
  const { wire } = hosts;
  hosts.wire = (packet, from) => wire(packet, from) && from === "b" && hosts.seen.length < 2;
  hosts.a.listen({ port: 7, dscp: 18, ttl: 7 });
  hosts.b.connect({ hostname: A4, port: 7 }, { tcp: { initialRto: 60_000 } });
  await hosts.clock.pass(8_000);
  const answers = by(hosts.seen, "a");
  expect(answers.length).toBe(4);
  expect(new Set(answers.map(({ dscp, ttl }) => `${dscp} ${ttl}`))).toEqual(new Set(["18 7"]));
});

test("both may change while the socket lives", async () => {
  const { a, b, seen } = watched();
  const listener = a.listen({ port: 7 });
  const client = b.connect({ hostname: A4, port: 7 }, { dscp: 46, ttl: 9 });
  await client.opened;
  await listener.accept();
  seen.length = 0;
  client.set({ dscp: 8 });
  await client.write(new Uint8Array(10));
  expect(by(seen, "b")).toMatchObject([{ dscp: 8, ttl: 9 }]);
  client.set({ ttl: 200 });
  await client.write(new Uint8Array(2000));
  expect(by(seen, "b").at(-1)).toMatchObject({ dscp: 8, ttl: 200 });
});

test("the DSCP that arrives is told", async () => {
  const { a, b } = watched();
  const listener = a.listen({ port: 7, dscp: 34 });
  const client = b.connect({ hostname: A6, port: 7 }, { dscp: 46 });
  await client.opened;
  expect(client.receivedDscp).toBe(34);
  expect((await listener.accept()).receivedDscp).toBe(46);
});

test("numbers out of their range are refused at once", () => {
  const { a, b } = pair();
  for (const options of [{ dscp: 64 }, { dscp: -1 }, { dscp: 1.5 }, { ttl: 0 }, { ttl: 256 }]) {
    expect(() => a.listen({ port: 7, ...options })).toThrow(RangeError);
    expect(() => b.connect({ hostname: A4, port: 7 }, options)).toThrow(RangeError);
  }
});
