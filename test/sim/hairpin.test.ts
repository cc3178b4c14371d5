// Two hosts behind one NAT, one of which knows the other by what outside knows it as.
import { describe, expect, test } from "vitest";
import { Nat, Router, World } from "../../src/sim/index.ts";
import { destinationOf, sourceOf } from "../../src/sim/packet.ts";
import { SYN } from "../../src/wire/index.ts";
import { tcp } from "../net/packets.ts";
import { expectWellQuoted, families, listenAt, NARROW } from "./quotes.ts";

describe.each(families)("over IPv$family, through a NAT and back", (a) => {
  /** client and neighbour - router - NAT - server; the neighbour listens at a port that is mapped. */
  function inside() {
    const world = new World({ seed: 4 });
    const client = world.host("client", a.client, { mtuProbing: "off" });
    const neighbour = world.host("neighbour", a.neighbour, { mtuProbing: "off" });
    const server = world.host("server", a.server);
    const near = world.add(new Router("near", [a.near]));
    const nat = world.add(new Nat("nat", { address: a.box, ports: [40_000, 40_009] }));
    const between = world.link(near, nat, { delay: 1 });
    const cables = {
      client: world.link(near, client, { delay: 1 }),
      neighbour: world.link(near, neighbour, { delay: 1 }),
      between,
    };
    world.link(nat, server, { delay: 1 });
    let received = 0;
    const answers: string[] = [];
    neighbour.listen(4000, (connection) => {
      answers.push(connection.socket.remote);
      return { data: (data) => void (received += data.length) };
    });
    const syn = { srcPort: 4000, dstPort: 80, seq: 1, ack: 0, flags: SYN, window: 1 };
    cables.neighbour.b.send(tcp({ src: a.neighbour, dst: a.server }, syn));
    world.run(10);
    expect(nat.mappings(world.now)).toEqual([`${a.neighbour}:4000 -> 40000`]);
    const connection = client.connect(a.box, 40_000, {}, { localPort: 50_000 });
    world.run(50);
    return { world, client, nat, near, cables, connection, received: () => received, answers };
  }

  test("segments pass, and show each the outside of the other (RFC 5382 REQ-8)", () => {
    const { world, connection, received, answers, cables } = inside();
    expect(connection.state).toBe("ESTABLISHED");
    connection.send(new Uint8Array(5000));
    world.run(100);
    expect([received(), answers]).toEqual([5000, [a.box]]);
    expect([cables.client.b, cables.neighbour.b].map((port) => port.path.counters.lost)).toEqual([0, 0]);
  });

  test.each(["between", "neighbour"] as const)(
    "errors pass: the link %s is narrow (RFC 5508 REQ-7)",
    (where) => {
      const { world, connection, received, cables } = inside();
      const ear = listenAt(cables.client.b);
      cables[where][where === "between" ? "back" : "forth"].set({ mtu: NARROW });
      connection.send(new Uint8Array(10_000).fill(7));
      world.run(150);
      expect([received(), connection.status.snd.pmtu]).toEqual([10_000, NARROW]);
      expect(ear.errors.length).toBeGreaterThan(0);
      for (const error of ear.errors) {
        expectWellQuoted(error, ear);
        expect([sourceOf(error), destinationOf(error)]).toEqual([a.box, a.client]);
      }
    },
  );

  test("a port that nobody inside has leads nowhere", () => {
    const { world, client } = inside();
    const connection = client.connect(a.box, 40_009);
    world.run(60);
    expect(connection.state).toBe("SYN-SENT");
    expect(world.trace!.flights.at(-1)!.notes).toEqual(["no mapping at nat"]);
  });
});
