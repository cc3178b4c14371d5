// ICMP errors through boxes that translate addresses: whoever gets one finds in it what it sent itself.
import { describe, expect, test } from "vitest";
import { icmpErrorAbout, LoadBalancer, Nat, Router, World } from "../../src/sim/index.ts";
import { destinationOf, quotedPacket, sourceOf } from "../../src/sim/packet.ts";
import { ACK, SYN } from "../../src/wire/index.ts";
import { icmp, ipv4, ipv6, tcp } from "../net/packets.ts";
import {
  type Addresses,
  asSent,
  errorAbout,
  expectWellQuoted,
  families,
  icmpSum,
  lastHop,
  listenAt,
  NARROW,
} from "./quotes.ts";

type Kind = "NAT" | "balancer";

/** client - router - NAT or balancer - router - server, and a connection through all of them. */
function across(kind: Kind, a: Addresses, { idleTimeout = 1e9 } = {}) {
  const world = new World({ seed: 3 });
  const client = world.host("client", a.client, { mtuProbing: "off" });
  const server = world.host("server", a.server, { mtuProbing: "off" });
  const near = world.add(new Router("near", [a.near]));
  const far = world.add(new Router("far", [a.far]));
  const nat = new Nat("box", { address: a.box, idleTimeout });
  const balancer = new LoadBalancer("box", { address: a.box, port: 80, servers: [a.server], idleTimeout });
  const box = world.add(kind === "NAT" ? nat : balancer);
  const cables = [
    world.link(client, near, { delay: 1 }),
    world.link(near, box, { delay: 1 }),
    world.link(box, far, { delay: 1 }),
    world.link(far, server, { delay: 1 }),
  ];
  const received = { client: 0, server: 0 };
  server.listen(80, () => ({ data: (data) => void (received.server += data.length) }));
  const connection = client.connect(
    kind === "NAT" ? a.server : a.box,
    80,
    { data: (data) => void (received.client += data.length) },
    { localPort: 50_000 },
  );
  world.run(50);
  expect(connection.state).toBe("ESTABLISHED");
  return {
    world,
    client,
    server,
    nat,
    balancer,
    cables,
    received,
    connection,
    answering: server.connections[0],
    atClient: listenAt(cables[0].a),
    atServer: listenAt(cables[3].b),
    /** A packet comes to the box from outside, or from inside. */
    inject: (from: "outside" | "inside", packet: Uint8Array) => {
      (from === "outside" ? cables[2].b : cables[1].a).send(packet);
      world.run(world.now + 10);
      return world.trace!.flights.at(-1)!;
    },
  };
}

describe.each(families)("over IPv$family", (a) => {
  describe.each(["NAT", "balancer"] as const)("through a %s", (kind) => {
    test.each([
      ["the box itself tells the client", 2, "client"],
      ["a router behind it tells the client", 3, "client"],
      ["the box itself tells the server", 1, "server"],
      ["a router in front of it tells the server", 0, "server"],
    ] as const)("%s what the next link takes, and segments shrink to it at once", (_, narrow, speaker) => {
      const { world, cables, received, connection, answering, ...ears } = across(kind, a);
      cables[narrow].set({ mtu: NARROW });
      const [speaks, ear, other] =
        speaker === "client"
          ? ([connection, ears.atClient, "server"] as const)
          : ([answering, ears.atServer, "client"] as const);
      speaks.send(new Uint8Array(10_000).fill(7));
      world.run(150); // a fraction of the least retransmission timeout
      expect(received[other]).toBe(10_000);
      expect(speaks.status.snd.pmtu).toBe(NARROW);
      expect(ear.errors.length).toBeGreaterThan(0);
      for (const error of ear.errors) {
        expectWellQuoted(error, ear);
        // From whoever refused the packet, by the shortest way.
        expect(64 - error[a.family === 4 ? 8 : 7]).toBe(narrow === 1 || narrow === 2 ? 1 : 2);
        // Nobody learns an address that the box hides.
        const behind = kind === "NAT" ? speaker === "server" : speaker === "client";
        expect(sourceOf(error)).toBe(behind ? a.box : [a.near, a.box, a.box, a.far][narrow]);
      }
    });

    test("a segment at the end of its hops is told of as its sender knows it", () => {
      for (const speaker of ["client", "server"] as const) {
        const { world, cables, connection, answering, atClient, atServer } = across(kind, a);
        const [speaks, ear, port] =
          speaker === "client" ? [connection, atClient, cables[1].b] : [answering, atServer, cables[2].a];
        let seen = 0;
        port.observers.push({ received: (packet) => void (seen++ === 0 && lastHop(packet)) });
        speaks.send(new Uint8Array(100));
        world.run(100);
        expect(ear.errors).toHaveLength(1);
        expectWellQuoted(ear.errors[0], ear);
        expect(sourceOf(ear.errors[0])).toBe(a.box);
      }
    });

    test("a quote may be cut off anywhere behind the sequence number, in the TCP checksum too", () => {
      const { connection, world, cables, atClient, inject } = across(kind, a);
      const beyond: Uint8Array[] = [];
      cables[3].b.observers.push({ received: (packet) => void beyond.push(packet.slice()) });
      cables[2].forth.set({ delay: 30 });
      connection.send(new Uint8Array(1000).fill(7));
      world.run(world.now + 40);
      const header = a.family === 4 ? 20 : 40;
      const data = beyond.find((packet) => packet.length > 1000)!;
      for (let cut = 8; cut < 40; cut++) {
        atClient.errors.length = 0;
        const about = data.slice(0, header + cut);
        const flight = inject("outside", errorAbout(about, a.far, sourceOf(data)));
        expect([cut, flight.notes, flight.to]).toEqual([cut, [], "client"]);
        const [error] = atClient.errors;
        expect(icmpSum(error)).toBe(0);
        expect(quotedPacket(error)!.length).toBe(about.length);
        // Where half of the checksum is quoted nothing can be made of it.
        const whole = error.subarray(0, error.length - (cut === 17 ? 1 : 0));
        const sent = atClient.sent.map((packet) => asSent(packet.subarray(0, quotedPacket(whole)!.length)));
        expect(sent).toContainEqual(asSent(quotedPacket(whole)!));
      }
    });

    test("errors of all kinds pass as they are, and what follows a quote with them", () => {
      const { atClient, cables, connection, inject, world } = across(kind, a);
      const seen: Uint8Array[] = [];
      cables[2].a.observers.push({ sent: (packet) => void seen.push(packet.slice()) });
      connection.send(new Uint8Array(10));
      world.run(world.now + 20);
      // RFC 4884: 128 bytes of the packet, filled up with zeros, and an extension with its own checksum behind them.
      const quote = new Uint8Array(140).fill(0xe5, 128);
      quote.set(seen[0].subarray(0, 128));
      const kinds =
        a.family === 4
          ? [
              [3, 0],
              [3, 1],
              [3, 4],
              [3, 13],
              [4, 0],
              [11, 0],
              [11, 1],
              [12, 0],
            ] // RFC 792, RFC 1812
          : [
              [1, 0],
              [1, 3],
              [2, 0],
              [3, 0],
              [4, 1],
            ]; // RFC 4443
      for (const [type, code] of kinds) {
        atClient.errors.length = 0;
        const rest = new Uint8Array(4 + quote.length);
        rest.set([1, 32, NARROW >> 8, NARROW & 255]);
        rest.set(quote, 4);
        const { notes, to } = inject(
          "outside",
          icmp({ src: a.far, dst: sourceOf(seen[0]) }, type, code, rest),
        );
        expect([type, code, notes, to]).toEqual([type, code, [], "client"]);
        const [error] = atClient.errors;
        const message = error.subarray(a.family === 4 ? 20 : 40);
        expect([...message.subarray(0, 2)]).toEqual([type, code]);
        expect([...message.subarray(4, 8)]).toEqual([...rest.subarray(0, 4)]);
        expect(icmpSum(error)).toBe(0);
        const length = seen[0].length;
        expect(asSent(message.subarray(8, 8 + length))).toEqual(asSent(atClient.sent[0]));
        expect([...message.subarray(8 + length)]).toEqual([...quote.subarray(length)]);
      }
    });

    test("wrong quotes go nowhere, and say why", () => {
      const { atClient, connection, inject, world } = across(kind, a);
      const src = kind === "NAT" ? a.box : a.client;
      const sent = { src, dst: a.server };
      const fields = { srcPort: 50_000, dstPort: 80, seq: 1, ack: 1, flags: ACK, window: 1 };
      const good = tcp(sent, fields);
      const unknown = kind === "NAT" ? "no mapping at box" : "no such session at box";
      const about = (quote: Uint8Array) => errorAbout(quote, a.far, src);
      const header = a.family === 4 ? 20 : 40;
      const ip = a.family === 4 ? ipv4 : ipv6;
      const badSum = about(good);
      badSum[badSum.length - 1] ^= 1;
      const other = families[a.family === 4 ? 1 : 0];
      const wrong: [string, Uint8Array, string][] = [
        ["a bad ICMP checksum", badSum, "bad ICMP checksum at box"],
        ["a port of nobody's", about(tcp(sent, { ...fields, srcPort: 50_001 })), unknown],
        ["a source of nobody's", about(tcp({ src: a.neighbour, dst: a.server }, fields)), unknown],
        ["another family", about(tcp({ src: other.box, dst: other.server }, fields)), "no TCP at box"],
        ["7 bytes of a segment", about(good.slice(0, header + 7)), "no TCP at box"],
        ["half an IP header", about(good.slice(0, 12)), "no TCP at box"],
        ["nothing", about(new Uint8Array(0)), "no TCP at box"],
        ["UDP", about(ip(sent, 17, good.slice(header))), "no TCP at box"],
      ];
      if (a.family === 4) {
        const later = ipv4(sent, 6, good.slice(20), { offset: 8 });
        const broken = good.slice();
        broken[8]--;
        wrong.push(["a later fragment", about(later), "no TCP at box"]);
        wrong.push(["a bad header checksum", about(broken), "bad checksum in a quote at box"]);
      }
      if (kind === "balancer") {
        const elsewhere = about(tcp(sent, { ...fields, dstPort: 81 }));
        wrong.push(["a port that is not balanced", elsewhere, unknown]);
      } else {
        wrong.push(["an inside address", errorAbout(good, a.far, a.client), "not for this NAT at box"]);
      }
      for (const [what, packet, reason] of wrong) {
        const { notes, to } = inject("outside", packet);
        expect([what, notes, to]).toEqual([what, [reason], ""]);
      }
      expect(atClient.errors).toEqual([]);
      // What they all are variants of is none.
      expect(inject("outside", about(good)).notes).toEqual([]);
      expect(atClient.errors).toHaveLength(1);
      expect([connection.state, world.trace!.flights.at(-1)!.to]).toEqual(["ESTABLISHED", "client"]);
    });

    test("errors from the other side are looked at as closely", () => {
      const { atServer, inject } = across(kind, a);
      const dst = a.client;
      const src = kind === "NAT" ? a.server : a.box;
      const fields = { srcPort: 80, dstPort: 50_000, seq: 1, ack: 1, flags: ACK, window: 1 };
      const unknown = kind === "NAT" ? "no mapping at box" : "no such session at box";
      const about = (change: object, ends = {}) =>
        errorAbout(tcp({ src, dst, ...ends }, { ...fields, ...change }), a.near, src);
      const broken = about({});
      broken[broken.length - 1] ^= 1;
      const wrong: [Uint8Array, string][] = [
        [about({ dstPort: 50_001 }), unknown],
        [about({}, { dst: a.neighbour }), unknown],
        [broken, "bad ICMP checksum at box"],
      ];
      if (kind === "balancer") wrong.push([about({ srcPort: 81 }), unknown]);
      for (const [packet, reason] of wrong) expect(inject("inside", packet).notes).toEqual([reason]);
      expect(atServer.errors).toEqual([]);
      expect(inject("inside", about({})).notes).toEqual([]);
      expect(atServer.errors.map(destinationOf)).toEqual([a.server]);
    });

    test("what is remembered neither ends nor lives longer by an error (RFC 5382 REQ-10)", () => {
      const idleTimeout = 10_000;
      const { world, nat, balancer, inject } = across(kind, a, { idleTimeout });
      const remembered = () =>
        kind === "NAT" ? nat.mappings(world.now).length : balancer.sessions(world.now);
      const fields = { seq: 1, ack: 1, flags: ACK, window: 1 };
      const out = { src: kind === "NAT" ? a.box : a.client, dst: a.server };
      const back = { src: kind === "NAT" ? a.server : a.box, dst: a.client };
      const about = {
        outside: tcp(out, { ...fields, srcPort: 50_000, dstPort: 80 }),
        inside: tcp(back, { ...fields, srcPort: 80, dstPort: 50_000 }),
      };
      const start = world.now;
      const passed = { outside: 0, inside: 0 };
      for (let at = 1000; at < 20_000; at += 1000) {
        world.run(start + at);
        for (const side of ["outside", "inside"] as const) {
          const quote = about[side];
          const error = errorAbout(quote, side === "outside" ? a.far : a.near, sourceOf(quote), [3, 3]);
          if (inject(side, error).to !== "") passed[side]++;
        }
        expect([at, remembered()]).toEqual([at, at < idleTimeout - 100 ? 1 : 0]);
      }
      expect(passed).toEqual({ outside: 9, inside: 9 });
    });
  });

  test("a balancer passes errors between others as a router does, and none about a server that it hides", () => {
    const { atClient, inject } = across("balancer", a);
    const fields = { srcPort: 50_000, dstPort: 22, seq: 1, ack: 1, flags: ACK, window: 1 };
    const direct = tcp({ src: a.client, dst: a.far }, fields);
    expect(inject("outside", icmpErrorAbout(direct, a.far, "prohibited")!).notes).toEqual([]);
    expect(atClient.errors.map(sourceOf)).toEqual([a.far]);
    const hidden = tcp({ src: a.client, dst: a.server }, { ...fields, dstPort: 80, srcPort: 50_001 });
    const { notes } = inject("outside", icmpErrorAbout(hidden, a.far, "prohibited")!);
    expect(notes).toEqual(["no such session at box"]);
    expect(atClient.errors).toHaveLength(1);
  });
});

test("a balancer passes errors about the last segments of a session that has ended", () => {
  const [, a] = families;
  const { atClient, balancer, connection, inject, world } = across("balancer", a);
  connection.abort();
  world.run(world.now + 100);
  expect(balancer.sessions(world.now)).toBe(0);
  const sent = { srcPort: 50_000, dstPort: 80, seq: 1, ack: 1, flags: ACK, window: 1 };
  const error = () => icmpErrorAbout(tcp({ src: a.client, dst: a.server }, sent), a.far, "no route")!;
  expect(inject("outside", error()).notes).toEqual([]);
  expect(atClient.errors.map((packet) => destinationOf(quotedPacket(packet)!))).toEqual([a.box]);
  world.run(world.now + 3000);
  expect(inject("outside", error()).notes).toEqual(["no such session at box"]);
});

test("what is for a router itself does not wander between its neighbours", () => {
  const [a] = families;
  const { client, world } = across("NAT", a);
  client.connect(a.near, 80);
  world.run(world.now + 10);
  const syn = world.trace!.flights.find(({ packet }) => destinationOf(packet) === a.near)!;
  expect(syn.notes).toEqual(["no route at near"]);
});

test("a NAT drops packets of another family than its own", () => {
  const [a, b] = families;
  const { inject } = across("NAT", a);
  const syn = { srcPort: 50_000, dstPort: 80, seq: 1, ack: 0, flags: SYN, window: 1 };
  for (const from of ["inside", "outside"] as const) {
    expect(inject(from, tcp({ src: b.client, dst: b.server }, syn)).notes).toEqual([
      "of another family at box",
    ]);
  }
});

test("a quoted header may have options (RFC 5508 REQ-3b)", () => {
  const [a] = families;
  const { atClient, inject, connection } = across("NAT", a);
  const ends = { src: a.box, dst: a.server };
  const fields = { srcPort: 50_000, dstPort: 80, seq: 1, ack: 1, flags: ACK, window: 1 };
  const segment = tcp(ends, fields).slice(20);
  const options = Uint8Array.of(1, 1, 1, 0);
  expect(inject("outside", errorAbout(ipv4(ends, 6, segment, { options }), a.far, a.box)).notes).toEqual([]);
  const inner = { src: a.client, dst: a.server };
  const expected = ipv4(inner, 6, tcp(inner, fields).slice(20), { options });
  expect([...quotedPacket(atClient.errors[0])!]).toEqual([...expected]);
  expect(connection.state).toBe("ESTABLISHED");
});
