// A host's IP layer from outside: what it answers, and what nothing can make it do.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Host, linkPair } from "../../src/net/index.ts";
import { ACK, checksum, FIN, parseSegment, RST, SYN, verifyChecksum } from "../../src/wire/index.ts";
import { bench, TO4, TO6, US4, US6 } from "./bench.ts";
import { fragment6, icmp, ipv4, ipv6, put16, tcp } from "./packets.ts";
import { isPattern, pattern, seeded, turns, VirtualClock } from "./virtual.ts";

const body = (packet: Uint8Array) => packet.subarray(packet[0] >> 4 === 4 ? 20 : 40);

describe.each([
  ["IPv4", TO4, ipv4, 1, 8, 0],
  ["IPv6", TO6, ipv6, 58, 128, 129],
])("over %s", (family, to, ip, icmpProtocol, echo, reply) => {
  test("echo is answered with the same data and a good checksum", () => {
    const { wire, sent } = bench();
    wire.send(icmp(to, echo, 0, pattern(100)));
    const [answer] = sent();
    const message = body(answer);
    expect([message[0], message[1]]).toEqual([reply, 0]);
    expect(isPattern(message.subarray(4), 100)).toBe(true);
    expect(answer).toEqual(icmp({ src: to.dst, dst: to.src }, reply, 0, pattern(100)).map(sameId(answer)));
  });

  test("a segment of no connection is answered with RST: with its ACK's number, or acknowledging it", () => {
    const { host, wire, sent } = bench();
    const common = { srcPort: 5, dstPort: 6, window: 100 };
    wire.send(tcp(to, { ...common, seq: 1000, ack: 77, flags: ACK }));
    wire.send(tcp(to, { ...common, seq: 1000, flags: SYN | FIN, payload: pattern(10) }));
    wire.send(tcp(to, { ...common, seq: 1000, flags: RST }));
    const answers = sent().map((packet) => {
      expect(verifyChecksum(body(packet), { src: to.dst, dst: to.src })).toBe("good");
      const { srcPort, dstPort, seq, ack, flags } = parseSegment(body(packet));
      return { srcPort, dstPort, seq, ack, flags };
    });
    expect(answers).toEqual([
      { srcPort: 6, dstPort: 5, seq: 77, ack: 0, flags: RST },
      { srcPort: 6, dstPort: 5, seq: 0, ack: 1012, flags: RST | ACK },
    ]);
    const damaged = tcp(to, { ...common, seq: 1, ack: 2, flags: ACK });
    damaged[damaged.length - 1] ^= 1;
    wire.send(damaged);
    expect(sent()).toEqual([]);
    expect(host.counters).toMatchObject({ resetsOut: 2, badChecksums: 1 });
  });

  test("datagrams to a port, and protocols that nobody speaks, are unreachable, at a limited rate", async () => {
    const { wire, sent, clock } = bench();
    const udp = pattern(600);
    wire.send(ip(to, 17, udp));
    wire.send(ip(to, 132, pattern(40)));
    const errors = sent().map(body);
    expect(errors.map(([type, code]) => [type, code])).toEqual(
      family === "IPv4"
        ? [
            [3, 3],
            [3, 2],
          ]
        : [
            [1, 4],
            [4, 1],
          ],
    );
    const most = family === "IPv4" ? 576 - 20 : 648; // the whole datagram fits the 1,280 bytes of IPv6
    expect(errors[0].length).toBe(most);
    if (family === "IPv6") expect(errors[1].subarray(4, 8)).toEqual(Uint8Array.of(0, 0, 0, 6));
    for (let i = 0; i < 1000; i++) wire.send(ip(to, 17, udp));
    expect(sent().length).toBe(48);
    await clock.pass(100);
    for (let i = 0; i < 1000; i++) wire.send(ip(to, 17, udp));
    expect(sent().length).toBe(10);
    wire.send(icmp(to, family === "IPv4" ? 3 : 1, 0, pattern(40)));
    wire.send(ip({ ...to, src: family === "IPv4" ? "224.0.0.9" : "ff02::9" }, 17, udp));
    expect(sent()).toEqual([]);
  });

  test("fragments in any order make a packet again, and one that overlaps unmakes it", () => {
    const { host, wire, sent } = bench(9000);
    const whole = body(icmp(to, echo, 0, pattern(3000)));
    const cut = (id: number, from: number, until: number) =>
      family === "IPv4"
        ? ipv4(to, icmpProtocol, whole.subarray(from, until), {
            id,
            offset: from,
            more: until < whole.length,
          })
        : ipv6(to, 44, fragment6(58, from, until < whole.length, id, whole.subarray(from, until)));
    for (const [from, until] of [
      [2000, whole.length],
      [0, 1000],
      [0, 1000],
      [1000, 2000],
    ]) {
      expect(sent()).toEqual([]);
      wire.send(cut(1, from, until));
    }
    const [answer] = sent();
    expect(isPattern(body(answer).subarray(4), 3000)).toBe(true);
    for (const [from, until] of [
      [0, 1000],
      [992, 2000],
      [1000, 2000],
      [2000, whole.length],
    ]) {
      wire.send(cut(2, from, until));
    }
    expect(sent()).toEqual([]);
    expect(host.counters).toMatchObject({ reassembled: 1, fragmentsIn: 8, fragmentsDropped: 3 });
  });

  test("an echo that does not fit one packet of the link is answered whole, in fragments", () => {
    const most = 65_535 - (family === "IPv4" ? 20 : 40);
    for (const [mtu, bytes] of [
      [1500, 1481],
      [1500, 4000],
      [1280, 2500],
      [1500, most],
    ]) {
      const { host, wire, sent } = bench(mtu);
      const whole = body(icmp(to, echo, 0, pattern(bytes - 4)));
      for (let at = 0; at < whole.length; at += 1200) {
        const [piece, more] = [whole.subarray(at, at + 1200), at + 1200 < whole.length];
        wire.send(
          family === "IPv4"
            ? ipv4(to, icmpProtocol, piece, { id: 3, offset: at, more })
            : ipv6(to, 44, fragment6(58, at, more, 3, piece)),
        );
      }
      const fragments = sent();
      expect(host.counters).toMatchObject({ icmpOut: 1, fragmentsOut: fragments.length, undeliverable: 0 });
      expect(fragments.length).toBe(Math.ceil(whole.length / ((mtu - (family === "IPv4" ? 20 : 48)) & ~7)));
      const message = new Uint8Array(whole.length);
      const ids = new Set<number>();
      for (const [i, packet] of fragments.entries()) {
        const dv = new DataView(packet.buffer);
        expect(packet.length).toBeLessThanOrEqual(mtu);
        const [id, field, piece] =
          family === "IPv4"
            ? [dv.getUint16(4), dv.getUint16(6), packet.subarray(20)]
            : [dv.getUint32(44), dv.getUint16(42), packet.subarray(48)];
        if (family === "IPv4") expect(checksum(packet.subarray(0, 20))).toBe(0);
        else expect([packet[6], packet[40]]).toEqual([44, 58]);
        // IPv4 (RFC 791): DF, MF, offset in eights; IPv6 (RFC 8200 4.5): offset, two bits, M.
        const [offset, flags] =
          family === "IPv4" ? [(field & 0x1fff) * 8, field >> 13] : [field & ~7, field & 7];
        expect(flags).toBe(i === fragments.length - 1 ? 0 : 1);
        message.set(piece, offset);
        ids.add(id);
      }
      expect(ids.size).toBe(1);
      expect(message[0]).toBe(reply);
      expect(isPattern(message.subarray(4), bytes - 4)).toBe(true);
      const answer = icmp({ src: to.dst, dst: to.src }, reply, 0, pattern(bytes - 4));
      expect(message.subarray(2, 4)).toEqual(body(answer).subarray(2, 4)); // the checksum
    }
  });

  test("a packet of which fragments are missing is told of after a minute, if its first one came", async () => {
    const { wire, sent, clock } = bench();
    const first = (id: number, offset: number) =>
      family === "IPv4"
        ? ipv4(to, 17, pattern(800), { id, offset, more: true })
        : ipv6(to, 44, fragment6(17, offset, true, id, pattern(800)));
    wire.send(first(1, 0));
    wire.send(first(2, 800));
    await clock.pass(59_999);
    expect(sent()).toEqual([]);
    await clock.pass(2);
    const errors = sent().map(body);
    expect(errors.map(([type, code]) => [type, code])).toEqual([[family === "IPv4" ? 11 : 3, 1]]);
    expect(clock.next).toBe(Number.POSITIVE_INFINITY);
  });

  test("an ICMP error ends a handshake, and one that quotes what was never sent does not", async () => {
    const { host, wire, sent } = bench();
    const socket = host.connect({ hostname: to.src, port: 80 });
    const [syn] = sent();
    const unreachable = (quote: Uint8Array) =>
      family === "IPv4"
        ? icmp(to, 3, 3, Uint8Array.of(0, 0, 0, 0, ...quote.subarray(0, 28)))
        : icmp(to, 1, 4, Uint8Array.of(0, 0, 0, 0, ...quote));
    const forged = syn.slice();
    forged[forged.length - body(syn).length + 7] ^= 0xff;
    wire.send(unreachable(forged));
    await turns();
    expect(socket.status()?.state).toBe("SYN-SENT");
    wire.send(unreachable(syn));
    await expect(socket.opened).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("a smaller path MTU is taken to heart, also by the next connection to the same place", async () => {
    const { host, wire, sent } = bench();
    const sizes = () => sent().map(({ length }) => length);
    const big = (quote: Uint8Array) =>
      family === "IPv4"
        ? icmp(to, 3, 4, Uint8Array.of(0, 0, 1300 >> 8, 1300 & 255, ...quote.subarray(0, 28)))
        : icmp(to, 2, 0, Uint8Array.of(0, 0, 1300 >> 8, 1300 & 255, ...quote.subarray(0, 100)));
    const open = async (port: number) => {
      const socket = host.connect({ hostname: to.src, port });
      const syn = parseSegment(body(sent()[0]));
      const answer = { srcPort: port, dstPort: syn.srcPort, seq: 9, ack: syn.seq + 1, window: 60_000 };
      wire.send(tcp(to, { ...answer, flags: SYN | ACK, options: { mss: 1460 } }));
      sent();
      await socket.write(pattern(2000));
      return { socket, packets: sent() };
    };
    const first = await open(80);
    expect(first.packets[0].length).toBe(1500);
    wire.send(big(first.packets[0]));
    await turns();
    expect(Math.max(...sizes())).toBe(1300);
    const second = await open(81);
    expect(second.packets[0].length).toBe(1300);
  });
});

test("extension headers are walked; those that nobody knows are answered as their type asks", () => {
  const { host, wire, sent } = bench();
  const echo = body(icmp(TO6, 128, 0, pattern(20)));
  const behind = (next: number, header: number[], payload = echo) =>
    ipv6(TO6, next, Uint8Array.of(...header, ...payload));
  wire.send(behind(0, [60, 0, 1, 4, 0, 0, 0, 0, 58, 0, 1, 4, 0, 0, 0, 0])); // hop-by-hop, destination options: padding
  wire.send(behind(43, [58, 0, 99, 0, 0, 0, 0, 0])); // routing, no segments left
  wire.send(behind(44, [58, 0, 0, 0, 0, 0, 0, 7])); // an "atomic" fragment
  expect(sent().map((packet) => body(packet)[0])).toEqual([129, 129, 129]);
  wire.send(behind(60, [58, 0, 0x3e, 4, 0, 0, 0, 0])); // unknown option: skip
  wire.send(behind(60, [58, 0, 0x7e, 4, 0, 0, 0, 0])); // ... drop
  wire.send(behind(60, [58, 0, 0xbe, 4, 0, 0, 0, 0])); // ... say so
  wire.send(behind(43, [58, 0, 99, 1, 0, 0, 0, 0])); // segments left, of an unknown type
  wire.send(behind(60, [0, 0, 1, 4, 0, 0, 0, 0])); // hop-by-hop behind another
  const answers = sent().map(body);
  expect(answers.map(([type, code]) => [type, code])).toEqual([
    [129, 0],
    [4, 2],
    [4, 0],
    [4, 1],
  ]);
  expect(answers.slice(1).map((m) => m[7])).toEqual([42, 42, 40]);
  wire.send(
    behind(
      60,
      Array.from({ length: 40 * 8 }, (_, i) => (i % 8 === 0 ? 60 : i % 8 === 2 ? 1 : i % 8 === 3 ? 4 : 0)),
    ),
  );
  expect(sent()).toEqual([]);
  expect(host.counters.malformed).toBe(1);
});

test("IPv4 options, and bytes of the link behind the packet, are no obstacle", () => {
  const { wire, sent } = bench();
  const echo = body(icmp(TO4, 8, 0, pattern(20)));
  const packet = ipv4(TO4, 1, echo, { options: Uint8Array.of(7, 7, 4, 0, 0, 0, 0, 0) });
  wire.send(Uint8Array.of(...packet, 1, 2, 3, 4, 5, 6, 7));
  expect(sent()[0].length).toBe(20 + echo.length);
});

test("a flood of fragments keeps no more than a megabyte, and the next packet is still put together", () => {
  const { host, wire, sent } = bench(9000);
  const piece = pattern(8000);
  for (let i = 0; i < 10_000; i++) {
    wire.send(ipv4({ src: `10.0.${i >> 8}.${i & 255}`, dst: US4 }, 1, piece, { id: i, more: true }));
  }
  const whole = body(icmp(TO4, 8, 0, pattern(3000)));
  wire.send(ipv4(TO4, 1, whole.subarray(0, 2000), { id: 9, more: true }));
  wire.send(ipv4(TO4, 1, whole.subarray(2000), { id: 9, offset: 2000 }));
  expect(sent().length).toBe(1);
  expect(host.counters.reassembled).toBe(1);
});

// Nothing throws out of the link's callback, and every packet is accounted for.
describe("whatever arrives", () => {
  const seeds = [
    tcp(TO4, { srcPort: 5, dstPort: 7, seq: 1, flags: SYN, window: 9, options: { mss: 1460 } }),
    tcp(TO6, { srcPort: 5, dstPort: 7, seq: 1, flags: SYN, window: 9, options: { mss: 1460 } }),
    icmp(TO4, 8, 0, pattern(60)),
    icmp(TO4, 3, 4, pattern(60)),
    icmp(TO6, 2, 0, pattern(80)),
    ipv4(TO4, 1, pattern(64), { id: 3, more: true }),
    ipv6(TO6, 44, fragment6(58, 0, true, 3, pattern(64))),
    ipv6(TO6, 0, Uint8Array.of(60, 0, 1, 4, 0, 0, 0, 0, 43, 0, 1, 4, 0, 0, 0, 0, 6, 0, 9, 0, 0, 0, 0, 0)),
  ];

  test.each(["ip", "ethernet"] as const)("on a link of kind %s, is counted and harms nobody", (kind) => {
    const [link, wire] = linkPair({ kind });
    wire.start(
      () => {},
      () => {},
      () => {},
    );
    const mac = Uint8Array.of(2, 0, 0, 0, 0, 1);
    const clock = new VirtualClock();
    const host = new Host({ link, addresses: [`${US4}/24`, `${US6}/64`], mac, clock, random: seeded(5) });
    host.listen({ port: 7 });
    const change = fc.record({ at: fc.nat(120), to: fc.nat(255) });
    const packet = fc.record({
      seed: fc.nat(seeds.length - 1),
      changes: fc.array(change, { maxLength: 4 }),
      cut: fc.oneof(fc.constant(2000), fc.nat(120)),
      mend: fc.boolean(),
    });
    let sent = 0;
    fc.assert(
      fc.property(packet, ({ seed, changes, cut, mend }) => {
        const bytes = seeds[seed].slice();
        for (const { at, to } of changes) if (at < bytes.length) bytes[at] = to;
        if (mend && bytes[0] === 0x45) {
          put16(bytes, 10, 0);
          put16(bytes, 10, checksum(bytes.subarray(0, 20)));
        }
        const type = bytes[0] >> 4 === 4 ? [8, 0] : [0x86, 0xdd];
        const frame =
          kind === "ip" ? bytes : Uint8Array.of(2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, ...type, ...bytes);
        wire.send(frame.slice(0, cut));
        sent++;
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100, size: "max" }), (bytes) => {
        wire.send(bytes);
        sent++;
      }),
    );
    expect(host.counters.packetsIn).toBe(sent);
  });
});

/** The identification of an IPv4 header is its sender's to choose: for a comparison, that of `other`. */
function sameId(other: Uint8Array): (byte: number, at: number) => number {
  // Identification, "don't fragment" and the header's checksum follow from it.
  return (byte, at) => (other[0] >> 4 === 4 && at >= 4 && at < 12 && at !== 8 && at !== 9 ? other[at] : byte);
}
