// IPv4 packets that are too large for the next link and may be cut (RFC 791 3.2).
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fragmentsOf } from "../../src/sim/boxes/fragments.ts";
import { Router, World } from "../../src/sim/index.ts";
import { koreanNote } from "../../src/sim/scenarios/notes.ts";
import { ACK, checksum } from "../../src/wire/index.ts";
import { icmp, ipv4, put16, tcp } from "../net/packets.ts";

const ends = { src: "10.0.0.7", dst: "192.0.2.1" };
const UDP = 17;

const word = (packet: Uint8Array, at: number) => packet[at] * 256 + packet[at + 1];
const headerOf = (packet: Uint8Array) => (packet[0] & 15) * 4;
const offsetOf = (packet: Uint8Array) => (word(packet, 6) & 0x1fff) * 8;
const hasMore = (packet: Uint8Array) => (packet[6] & 0x20) !== 0;
const counted = (length: number) => Uint8Array.from({ length }, (_, i) => i * 7 + (i >> 8));

/** Puts the pieces where they belong: [from, bytes, whether more follow]. */
function joined(fragments: readonly Uint8Array[]): [number, Uint8Array, boolean] {
  const sorted = [...fragments].sort((a, b) => offsetOf(a) - offsetOf(b));
  const start = offsetOf(sorted[0]);
  const bytes: number[] = [];
  for (const each of sorted) {
    expect(offsetOf(each)).toBe(start + bytes.length);
    bytes.push(...each.subarray(headerOf(each)));
  }
  return [start, Uint8Array.from(bytes), hasMore(sorted.at(-1)!)];
}

describe("fragments", () => {
  test("are as large as the link takes in steps of 8 bytes, and know where they belong", () => {
    const packet = ipv4(ends, UDP, counted(3000), { id: 0xbeef, ttl: 9, tos: 2 });
    const fragments = fragmentsOf(packet, 1400)!;
    expect(fragments.map((each) => [each.length, offsetOf(each), hasMore(each)])).toEqual([
      [1396, 0, true],
      [1396, 1376, true],
      [268, 2752, false],
    ]);
    for (const each of fragments) {
      expect([word(each, 4), each[8], each[9], each[1]]).toEqual([0xbeef, 9, UDP, 2]);
      expect([word(each, 2), checksum(each.subarray(0, 20))]).toEqual([each.length, 0]);
    }
  });

  test("of any packet, cut once or twice, come together to what it was", () => {
    const cases = fc.record({
      length: fc.nat(6000),
      offset: fc.nat(4000),
      more: fc.boolean(),
      id: fc.nat(0xffff),
      // One copied, one not, and padding (RFC 791 3.1).
      options: fc.constantFrom(
        [],
        [0x94, 4, 0, 0],
        [7, 3, 4, 0x94, 4, 0, 0, 0],
        [1, 1, 1, 0],
        [0x83, 40, 1, 1],
        [7],
      ),
      mtu: fc.integer({ min: 68, max: 2000 }),
      smaller: fc.integer({ min: 68, max: 2000 }),
      padding: fc.nat(30),
    });
    fc.assert(
      fc.property(cases, ({ length, offset, more, id, options, mtu, smaller, padding }) => {
        const space = new Uint8Array(Math.ceil(options.length / 4) * 4);
        space.set(options);
        const whole = ipv4(ends, UDP, counted(length & (more ? ~7 : ~0)), {
          id,
          more,
          offset: offset * 8,
          options: space,
        });
        const padded = new Uint8Array(whole.length + padding);
        padded.set(whole);
        const expected = joined([whole]);
        const once = fragmentsOf(padded, mtu)!;
        const twice = once.flatMap((each) => fragmentsOf(each, smaller)!);
        for (const [fragments, most] of [
          [once, mtu],
          [twice, smaller],
        ] as const) {
          expect(joined(fragments)).toEqual(expected);
          for (const each of fragments) {
            expect(each.length).toBeLessThanOrEqual(Math.min(most, mtu));
            expect([word(each, 2), word(each, 4)]).toEqual([each.length, id]);
            expect(checksum(each.subarray(0, headerOf(each)))).toBe(0);
          }
        }
        if (padded.length <= mtu) expect(once).toEqual([whole]);
      }),
    );
  });

  test("have the options that are to be copied, and the first has all", () => {
    const [recordRoute, alert, security] = [
      [7, 3, 4],
      [0x94, 4, 0, 0],
      [0x82, 3, 9],
    ];
    const options = Uint8Array.of(...recordRoute, 1, ...alert, ...security, 0);
    const [first, ...others] = fragmentsOf(ipv4(ends, UDP, counted(2000), { options }), 700)!;
    expect([...first.subarray(20, headerOf(first))]).toEqual([...options]);
    expect(others).toHaveLength(2);
    for (const each of others) {
      expect([...each.subarray(20, headerOf(each))]).toEqual([...alert, ...security, 0]);
    }
  });

  test("are not made of IPv6, of DF, of what is shorter than it says, or where no piece fits", () => {
    const packet = ipv4(ends, UDP, counted(1000));
    expect(fragmentsOf(packet, 27)).toBeUndefined();
    expect(fragmentsOf(packet, 28)).toHaveLength(125);
    expect(fragmentsOf(packet.subarray(0, 900), 500)).toBeUndefined();
    expect(fragmentsOf(ipv4(ends, UDP, counted(1000), { offset: 65_528 }), 500)).toBeUndefined();
    packet[6] = 0x40;
    expect(fragmentsOf(packet, 500)).toBeUndefined();
    const v6 = tcp(
      { src: "2001:db8::1", dst: "2001:db8::2" },
      { srcPort: 1, dstPort: 2, seq: 1, ack: 1, flags: ACK },
    );
    expect(fragmentsOf(v6, 50)).toBeUndefined();
    expect(fragmentsOf(new Uint8Array(0), 50)).toBeUndefined();
  });
});

/** client - router - narrow link - router - server, and what comes to either host has the narrowest link before it. */
function narrowing() {
  const world = new World({ seed: 6 });
  const client = world.host("client", ends.src, { mtuProbing: "off" });
  const server = world.host("server", ends.dst);
  const [first, second] = ["first", "second"].map((name, i) =>
    world.add(new Router(name, [`203.0.113.${i + 1}`])),
  );
  const cables = [
    world.link(client, first, { delay: 1 }, { delay: 1, mtu: 576 }),
    world.link(first, second, { delay: 1, mtu: 1400 }),
    world.link(second, server, { delay: 1, mtu: 576 }, { delay: 1 }),
  ];
  return { world, client, server, cables };
}

test("segments without DF arrive through narrow links whole, out of order too, and nobody learns of it", () => {
  for (const reorder of [0, 0.2]) {
    const { world, client, server, cables } = narrowing();
    cables[2].forth.set({ reorder, reorderDelay: 3 });
    let id = 1;
    cables[0].b.observers.push({
      // As a host sends that does not discover path MTUs: DF clear, and an identification for each packet (RFC 6864 4.2).
      received: (packet) => {
        put16(packet, 4, id++);
        packet[6] &= ~0x40;
        put16(packet, 10, 0);
        put16(packet, 10, checksum(packet.subarray(0, 20)));
      },
    });
    const sent = counted(50_000);
    const got: number[] = [];
    server.listen(80, () => ({ data: (data) => void got.push(...data) }));
    const connection = client.connect(ends.dst, 80);
    world.run(50);
    let left = sent.subarray(connection.send(sent));
    connection.application = { writable: () => void (left = left.subarray(connection.send(left))) };
    world.run(5000);
    expect(Uint8Array.from(got)).toEqual(sent);
    const { reassembled, fragmentsIn, fragmentsDropped, malformed, badChecksums } = server.host.counters;
    expect(reassembled).toBeGreaterThanOrEqual(Math.ceil(50_000 / 1460));
    expect(fragmentsIn).toBeGreaterThan(3 * reassembled);
    expect([fragmentsDropped, malformed, badChecksums]).toEqual([0, 0, 0]);
    expect([connection.status.snd.pmtu, client.host.counters.icmpIn]).toEqual([1500, 0]);
    const { notes } = world.trace!.flights.find(({ packet }) => packet.length === 1500)!;
    // 1396 and 124 bytes, and the first of them once more.
    expect(notes.slice(0, 2)).toEqual(["in 2 fragments at first", "in 3 fragments at second"]);
    expect(koreanNote(notes[0])).toBe("first: 단편 2개로 나뉨");
  }
});

test("a host's own fragments are cut again on the way, and its echo comes back whole", () => {
  const { world, client, cables } = narrowing();
  const back: Uint8Array[] = [];
  cables[0].a.observers.push({ received: (packet) => void back.push(packet.slice()) });
  const rest = new Uint8Array(4004);
  rest.set(counted(4000), 4);
  // One packet of 4,028 bytes, on a first link that takes any.
  cables[0].a.send(icmp(ends, 8, 0, rest));
  world.run(100);
  expect(back.length).toBeGreaterThan(7);
  expect(Math.max(...back.map((each) => each.length))).toBeLessThanOrEqual(576);
  expect(new Set(back.map((each) => word(each, 4))).size).toBe(1);
  const [start, reply, more] = joined(back);
  expect([start, more, reply[0], checksum(reply)]).toEqual([0, false, 0, 0]);
  expect(reply.subarray(8)).toEqual(counted(4000));
  // Whoever takes such a reply puts it together as well.
  expect(client.host.counters.reassembled).toBe(1);
});

test("fragments of which one is lost time out, and their source is told (RFC 792)", () => {
  const { world, client, cables } = narrowing();
  cables[2].forth.set({ loss: (_: Uint8Array, number: number) => number === 2 });
  cables[0].a.send(icmp(ends, 8, 0, new Uint8Array(2004)));
  world.run(100_000);
  const icmpIn = world
    .trace!.flights.filter(({ from }) => from === "server")
    .map(({ packet }) => [packet[20], packet[21]]);
  expect(icmpIn).toEqual([[11, 1]]);
  expect(client.host.counters.icmpIn).toBe(1);
});
