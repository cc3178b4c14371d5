// What boxes tell of packets that they do not pass on, and what hosts make of it.
import { describe, expect, test } from "vitest";
import { icmpLabel } from "../../src/sim/icmp-label.ts";
import {
  Filter,
  Firewall,
  type FirewallOptions,
  icmpErrorAbout,
  Router,
  World,
} from "../../src/sim/index.ts";
import { destinationOf, quotedPacket, sourceOf } from "../../src/sim/packet.ts";
import { ACK, checksum, pseudoHeader, SYN } from "../../src/wire/index.ts";
import { put16, tcp } from "../net/packets.ts";

const families = [
  { family: "IPv4", client: "10.0.0.7", server: "192.0.2.1", router: "203.0.113.1" },
  { family: "IPv6", client: "2001:db8::7", server: "2001:db8:1::1", router: "2001:db8:2::1" },
];

interface Ends {
  client: string;
  server: string;
}

/** A client, a box, and a server behind a cable that takes packets of `mtu`. Errors that come to the client are kept. */
function behind(
  box: Parameters<World["add"]>[0],
  ends: Ends,
  { mtu = 1500, probing = "off" as "off" | "blackHole" } = {},
) {
  const world = new World({ seed: 9 });
  const client = world.host("client", ends.client, { mtuProbing: probing });
  const server = world.host("server", ends.server);
  world.add(box);
  const cable = world.link(client, box, { delay: 2 });
  world.link(box, server, { delay: 2, mtu });
  const errors: Uint8Array[] = [];
  cable.a.observers.push({
    received: (packet) => {
      if (quotedPacket(packet)) errors.push(packet.slice());
    },
  });
  let received = 0;
  server.listen(80, () => ({ data: (data) => void (received += data.length) }));
  return { world, client, server, errors, received: () => received };
}

/** The sum of an ICMP message and, over IPv6, its pseudo-header: 0 when its checksum is good. */
function icmpSum(packet: Uint8Array): number {
  if (packet[0] >> 4 === 4) return checksum(packet.subarray(20));
  const ends = { src: sourceOf(packet), dst: destinationOf(packet) };
  return checksum([pseudoHeader(ends, packet.length - 40, 58), packet.subarray(40)]);
}

describe.each(families)("over $family", ({ family, client: from, server: to, router }) => {
  const ends = { client: from, server: to };
  const word = family === "IPv4" ? "ICMP fragmentation needed" : "ICMPv6 packet too big";

  test("a router tells what its next link takes, and the host's segments shrink to it at once", () => {
    const { world, client, errors, received } = behind(new Router("router", [router]), ends, { mtu: 1400 });
    const connection = client.connect(to, 80);
    world.run(100);
    connection.send(new Uint8Array(10_000));
    world.run(150); // a fraction of the least retransmission timeout
    expect(received()).toBe(10_000);
    expect(connection.status.snd.pmtu).toBe(1400);
    expect([...new Set(errors.map(icmpLabel))]).toEqual([`${word}, MTU 1400`]);
    for (const error of errors) {
      expect([sourceOf(error), destinationOf(error), icmpSum(error)]).toEqual([router, from, 0]);
      expect(error.length).toBe(family === "IPv4" ? 576 : 1280);
      const quoted = quotedPacket(error)!;
      expect([sourceOf(quoted), destinationOf(quoted)]).toEqual([from, to]);
    }
  });

  test("a router without an address is a black hole, which the host finds by itself if it is to", () => {
    for (const probing of ["off", "blackHole"] as const) {
      const { world, client, errors, received } = behind(new Router("router"), ends, { mtu: 1400, probing });
      const connection = client.connect(to, 80);
      world.run(100);
      connection.send(new Uint8Array(10_000));
      world.run(60_000);
      expect(errors).toEqual([]);
      expect([probing, received()]).toEqual([probing, probing === "off" ? 0 : 10_000]);
      expect(world.trace!.flights.some(({ notes }) => notes.includes("too big at router"))).toBe(true);
    }
  });

  test("a packet whose hops are used up is told of, and the connection takes no harm by it", () => {
    const { world, client, errors } = behind(new Router("router", [router]), ends);
    let seen = 0;
    const opened = client.connect(to, 80);
    world.run(100);
    client.ports[0].peer.observers.push({
      // The first data comes to the router with one hop to go, as traceroute sends it.
      received: (packet) => {
        if (++seen > 1) return;
        packet[packet[0] >> 4 === 4 ? 8 : 7] = 1;
        if (packet[0] >> 4 === 4) {
          put16(packet, 10, 0);
          put16(packet, 10, checksum(packet.subarray(0, 20)));
        }
      },
    });
    opened.send(new Uint8Array(100));
    world.run(2000);
    expect(errors.map(icmpLabel)).toEqual([`${family === "IPv4" ? "ICMP" : "ICMPv6"} time exceeded`]);
    expect(opened.state).toBe("ESTABLISHED");
    expect(opened.status.snd.queued).toBe(0);
  });

  test.each([
    ["prohibited", "administratively prohibited", "administratively prohibited"],
    ["host unreachable", "host unreachable", "address unreachable"],
    ["port unreachable", "port unreachable", "port unreachable"],
  ] as const)("a filter rejects a SYN with %s", (how, v4, v6) => {
    for (const own of [[], [router]]) {
      const filter = new Filter("filter", [{ protocol: "tcp", action: "reject", with: how }], own);
      const { world, client, errors } = behind(filter, ends);
      let reason = "";
      client.connect(to, 80, { closed: (why) => void (reason = why) });
      world.run(500);
      expect(errors.map(icmpLabel)).toEqual([family === "IPv4" ? `ICMP ${v4}` : `ICMPv6 ${v6}`]);
      expect(sourceOf(errors[0])).toBe(own[0] ?? to);
      // "Port unreachable" is the host's own word and ends the attempt (RFC 9293 SHLD-26); of the others it may get well.
      expect(reason).toBe(how === "port unreachable" ? "refused" : "");
      world.run(1_000_000);
      expect(reason).toBe(how === "port unreachable" ? "refused" : "timedOut");
    }
  });

  test("a destination that no route leads to is told of", () => {
    const { world, client, errors } = behind(new Router("router", [router]), ends);
    client.connect(family === "IPv4" ? "198.51.100.9" : "2001:db8:99::9", 80);
    world.run(500);
    expect(errors.map(icmpLabel)).toEqual([
      family === "IPv4" ? "ICMP network unreachable" : "ICMPv6 no route to destination",
    ]);
  });

  test("a stateful firewall passes errors about connections it knows, others not, or none at all", () => {
    for (const icmp of ["related", "drop"] as const) {
      const { world, client, connection, received } = throughFirewall({ icmp }, ends, router);
      connection.send(new Uint8Array(10_000));
      world.run(1000);
      expect([icmp, received()]).toEqual([icmp, icmp === "related" ? 10_000 : 0]);
      expect(connection.status.snd.pmtu).toBe(icmp === "related" ? 1400 : 1500);
      expect(client.connections).toHaveLength(1);
    }
    const { world, inside, outside } = throughFirewall({}, ends, router);
    const stray = tcp(
      { src: from, dst: to },
      { srcPort: 1, dstPort: 2, seq: 1, ack: 1, flags: ACK, window: 1 },
    );
    const before = inside();
    outside(icmpErrorAbout(stray, router, "host unreachable")!);
    world.run(2000);
    expect(inside()).toBe(before);
  });

  test("a firewall that rejects what it does not know says so", () => {
    const firewall = new Firewall("firewall", { unknown: "prohibited" });
    const world = new World({ seed: 9 });
    const [client, server] = [world.host("client", from), world.host("server", to)];
    world.add(firewall);
    world.link(server, firewall, { delay: 2 }); // inside
    const cable = world.link(client, firewall, { delay: 2 });
    const errors: string[] = [];
    cable.a.observers.push({ received: (packet) => void errors.push(icmpLabel(packet)) });
    client.connect(to, 80);
    world.run(100);
    expect(errors).toEqual([`${family === "IPv4" ? "ICMP" : "ICMPv6"} administratively prohibited`]);
    expect(server.connections).toEqual([]);
  });

  test("there is no error about an error, a group, or nobody", () => {
    const syn = { srcPort: 1, dstPort: 2, seq: 1, ack: 0, flags: SYN, window: 1 };
    const packet = tcp({ src: from, dst: to }, syn);
    const error = icmpErrorAbout(packet, router, "no route")!;
    expect(icmpErrorAbout(error, router, "no route")).toBeUndefined();
    const [group, nobody] = family === "IPv4" ? ["224.0.0.1", "0.0.0.0"] : ["ff02::1", "::"];
    expect(icmpErrorAbout(tcp({ src: from, dst: group }, syn), router, "no route")).toBeUndefined();
    expect(icmpErrorAbout(tcp({ src: nobody, dst: to }, syn), router, "no route")).toBeUndefined();
  });
});

test("a link of less than IPv6's 1,280 bytes is not believed in, and no fragment header put in its place", () => {
  // RFC 8201 4, RFC 8021
  const [, ends] = families;
  const { world, client, errors, received } = behind(new Router("router", [ends.router]), ends, {
    mtu: 1279,
  });
  const connection = client.connect(ends.server, 80);
  world.run(100);
  connection.send(new Uint8Array(10_000));
  world.run(5000);
  expect([...new Set(errors.map(icmpLabel))]).toEqual(["ICMPv6 packet too big, MTU 1279"]);
  expect([received(), connection.status.snd.pmtu]).toEqual([0, 1500]);
  for (const { packet, from } of world.trace!.flights) if (from === "client") expect(packet[6]).toBe(6);
});

test("IPv4 that may be fragmented is not answered with fragmentation needed, nor is a later fragment with anything", () => {
  const ends = { src: "10.0.0.7", dst: "192.0.2.1" };
  const packet = tcp(ends, { srcPort: 1, dstPort: 2, seq: 1, ack: 0, flags: SYN, window: 1 });
  expect(icmpErrorAbout(packet, "203.0.113.1", "too big", 1400)).toBeUndefined();
  packet[6] = 0x40;
  expect(icmpLabel(icmpErrorAbout(packet, "203.0.113.1", "too big", 1400)!)).toContain("MTU 1400");
  packet[6] = 0;
  packet[7] = 1;
  expect(icmpErrorAbout(packet, "203.0.113.1", "prohibited")).toBeUndefined();
});

/** A client inside a firewall, a router and a narrow link outside, and a connection through them. */
function throughFirewall(options: FirewallOptions, { client: from, server: to }: Ends, address: string) {
  const world = new World({ seed: 9 });
  const client = world.host("client", from, { mtuProbing: "off" });
  const server = world.host("server", to);
  const firewall = world.add(new Firewall("firewall", options));
  const router = world.add(new Router("router", [address]));
  const cable = world.link(client, firewall, { delay: 2 });
  const between = world.link(firewall, router, { delay: 2 });
  world.link(router, server, { delay: 2, mtu: 1400 });
  let received = 0;
  server.listen(80, () => ({ data: (data) => void (received += data.length) }));
  const connection = client.connect(to, 80);
  world.run(100);
  return {
    world,
    client,
    connection,
    received: () => received,
    inside: () => cable.back.counters.delivered,
    outside: (packet: Uint8Array) => between.b.send(packet),
  };
}
