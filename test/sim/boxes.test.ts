// Boxes between hosts: what they let through, what they change, what they forget.
import { describe, expect, test } from "vitest";
import { IdleTable } from "../../src/sim/boxes/idle-table.ts";
import {
  Filter,
  Firewall,
  type Flight,
  LoadBalancer,
  Nat,
  OptionStripper,
  Random,
  Router,
  World,
} from "../../src/sim/index.ts";
import { destinationOf, segmentOf, sourceOf } from "../../src/sim/packet.ts";
import { ACK, FIN, parseSegment, RST, SYN, verifyChecksum } from "../../src/wire/index.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);
/** Answers each piece of data with itself. */
const echo = (connection: { send(data: Uint8Array): number }) => ({
  data: (data: Uint8Array) => void connection.send(data),
});

test("a full table forgets what was used least recently, and tells whom", () => {
  const gone: string[] = [];
  const table = new IdleTable<number>(1000, 2, (_, key) => gone.push(key));
  table.set("a", 1, 0);
  table.set("b", 2, 1);
  expect(table.use("a", 2)).toBe(1);
  table.set("c", 3, 3);
  expect([table.size(3), table.forgotten, gone]).toEqual([2, 1, ["b"]]);
});

/** A client, a box, and servers behind it. */
function behind(box: Parameters<World["add"]>[0], servers = 1, v6 = false) {
  const world = new World({ seed: 5 });
  const client = world.host("client", v6 ? "2001:db8::7" : "10.0.0.7");
  world.add(box);
  world.link(client, box, { delay: 2 });
  const machines = Array.from({ length: servers }, (_, i) => {
    const server = world.host(`server${i + 1}`, v6 ? `2001:db8:1::${i + 1}` : `192.0.2.${i + 1}`);
    world.link(box, server, { delay: 5 });
    server.listen(80, echo);
    return server;
  });
  const heard: string[] = [];
  const ends: string[] = [];
  const application = {
    data: (data: Uint8Array) => void heard.push(text(data)),
    closed: (reason: string) => void ends.push(reason),
  };
  return { world, client, servers: machines, server: machines[0], heard, ends, application };
}

function flags({ packet }: Flight): number {
  return parseSegment(segmentOf(packet)!).flags;
}

/** Every packet that came to a host has good checksums, the IP header's among them. */
function expectGoodChecksums(world: World): void {
  let seen = 0;
  for (const machine of world.machines) {
    for (const port of machine.ports) {
      port.observers.push({
        received: (packet) => {
          seen++;
          const addresses = { src: sourceOf(packet), dst: destinationOf(packet) };
          expect(verifyChecksum(segmentOf(packet)!, addresses)).toBe("good");
          if (packet[0] >> 4 === 4) expect(ipv4Sum(packet)).toBe(0xffff);
        },
      });
    }
  }
  world.at(1e9, () => expect(seen).toBeGreaterThan(0));
}

/** A header's sum in the plainest words. */
function ipv4Sum(packet: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < 20; i += 2) sum += packet[i] * 256 + packet[i + 1];
  while (sum > 0xffff) sum = (sum >> 16) + (sum & 0xffff);
  return sum;
}

test("a router lowers the hop limit and passes everything by its destination", () => {
  for (const v6 of [false, true]) {
    const { world, client, server, heard, application } = behind(new Router("router"), 2, v6);
    expectGoodChecksums(world);
    const hops: number[] = [];
    client.ports[0].observers.push({ received: (packet) => hops.push(packet[v6 ? 7 : 8]) });
    client.connect(server.addresses[0], 80, application).send(bytes("hello"));
    world.run(100);
    expect(heard).toEqual(["hello"]);
    expect(new Set(hops)).toEqual(new Set([63]));
  }
});

test("a packet without a way, or at the end of its hops, is dropped", () => {
  const { world, client } = behind(new Router("router"));
  client.connect("203.0.113.99", 80);
  world.run(10);
  expect(world.trace?.flights[0].notes).toEqual(["no route at router"]);
});

describe("a filter", () => {
  test("drops what a rule names and lets the rest pass", () => {
    const filter = new Filter("iptables", [{ from: "192.0.2.1", flags: FIN, action: "drop" }]);
    const { world, client, server, heard, application } = behind(filter);
    const connection = client.connect("192.0.2.1", 80, application);
    connection.send(bytes("hello"));
    world.run(100);
    for (const each of server.connections) each.close();
    world.run(5000);
    expect(heard).toEqual(["hello"]);
    expect([connection.state, server.connections[0].state]).toEqual(["ESTABLISHED", "FIN-WAIT-1"]);
    expect(filter.hits.get(filter.rules[0])).toBeGreaterThan(2);
    const dropped = world.trace!.flights.filter(({ notes }) => notes.length > 0);
    expect(dropped.every((flight) => flags(flight) & FIN && flight.from === "server1")).toBe(true);
  });

  test("asks its rules in order, by address, port and time", () => {
    const filter = new Filter("iptables", [
      { dstPort: 80, before: 50, action: "accept" },
      { srcPort: 80, to: "10.0.0.7", action: "accept" },
      { to: "192.0.2.1", after: 20, action: "drop" },
    ]);
    const { world, client, ends, heard, application } = behind(filter);
    const connection = client.connect("192.0.2.1", 80, application, { userTimeout: 5000 });
    world.run(49);
    expect(connection.state).toBe("ESTABLISHED");
    world.run(60);
    connection.send(bytes("hello"));
    world.run(10_000);
    expect([heard, ends]).toEqual([[], ["timedOut"]]);
  });

  test("rejects with a RST that its sender believes", () => {
    const filter = new Filter("iptables", [{ dstPort: 80, action: "reject" }]);
    const { world, client, ends, application } = behind(filter);
    client.connect("192.0.2.1", 80, application);
    world.run(10);
    expect(ends).toEqual(["refused"]);
  });
});

describe("a firewall", () => {
  test("lets connections out, and nothing in but to open ports", () => {
    const { world, client, server, heard, application } = behind(new Firewall("fw", { open: [22] }));
    client.listen(22, echo);
    client.listen(23, echo);
    client.connect("192.0.2.1", 80, application).send(bytes("out"));
    const answers: string[] = [];
    server.connect("10.0.0.7", 22, { data: (data) => void answers.push(text(data)) }).send(bytes("in"));
    const shut = server.connect("10.0.0.7", 23);
    world.run(500);
    expect([heard, answers, shut.state]).toEqual([["out"], ["in"], "SYN-SENT"]);
  });

  test("forgets a silent connection; the next data vanishes, or is answered with RST", () => {
    for (const [unknown, end] of [
      ["drop", "timedOut"],
      ["reset", "reset"],
    ] as const) {
      const firewall = new Firewall("fw", { idleTimeout: 60_000, unknown });
      const { world, client, server, ends, heard, application } = behind(firewall);
      const connection = client.connect("192.0.2.1", 80, application, { userTimeout: 10_000 });
      world.run(59_000);
      connection.send(bytes("in time"));
      world.run(60_000);
      expect([heard, firewall.connections(world.now)]).toEqual([["in time"], 1]);
      world.run(121_000);
      expect(firewall.connections(world.now)).toBe(0);
      connection.send(bytes("too late"));
      world.run(200_000);
      expect([ends, server.connections.map(({ state }) => state)]).toEqual([[end], ["ESTABLISHED"]]);
    }
  });
});

describe("a NAT", () => {
  const nat = (options = {}) => new Nat("nat", { address: "203.0.113.9", ...options });

  test("shows its own address outside, and both ends see good checksums", () => {
    const box = nat();
    const { world, client, server, heard, application } = behind(box);
    expectGoodChecksums(world);
    const connection = client.connect("192.0.2.1", 80, application, { localPort: 50_000 });
    connection.send(bytes("hello"));
    world.run(100);
    expect(heard).toEqual(["hello"]);
    expect(server.connections[0].socket).toEqual({
      localPort: 80,
      remote: "203.0.113.9",
      remotePort: 50_000,
    });
    expect(box.mappings(world.now)).toEqual(["10.0.0.7:50000 -> 50000"]);
  });

  test("gives a port that is taken to nobody else, and the same one for all destinations", () => {
    const box = nat({ ports: [40_000, 40_001] });
    const { world, client, servers, application } = behind(box, 2);
    client.connect("192.0.2.1", 80, application, { localPort: 50_000 });
    client.connect("192.0.2.2", 80, application, { localPort: 50_000 });
    client.connect("192.0.2.1", 80, application, { localPort: 50_001 });
    const third = client.connect("192.0.2.1", 80, application, { localPort: 50_002 });
    world.run(100);
    const seen = servers.flatMap(({ connections }) => connections.map(({ status }) => status.remote?.port));
    expect(seen).toEqual([40_000, 40_001, 40_000]);
    expect(third.state).toBe("SYN-SENT"); // no port is free
  });

  test("lets nobody in, and forgets a mapping that is idle", () => {
    const box = nat({ idleTimeout: 10_000 });
    const { world, client, server, application } = behind(box);
    const intruder = server.connect("203.0.113.9", 4000);
    const connection = client.connect("192.0.2.1", 80, application);
    world.run(9000);
    expect([intruder.state, box.mappings(world.now).length]).toEqual(["SYN-SENT", 1]);
    world.run(30_000);
    expect(box.mappings(world.now)).toEqual([]);
    connection.send(bytes("too late"));
    world.run(31_000);
    const last = world.trace!.flights.filter(({ from }) => from === "client").at(-1)!;
    expect(last.notes).toContain("no mapping at nat");
  });

  test("keeps a mapping that is used, from whichever side (RFC 4787 REQ-6)", () => {
    for (const speaker of ["inside", "outside"]) {
      const box = nat({ idleTimeout: 10_000 });
      const { world, client, server, application } = behind(box);
      const connection = client.connect("192.0.2.1", 80, application);
      world.run(100);
      // The other one is gone and says nothing; what is sent is sent again after 0.2, 0.4 ... 6.4 and 12.8 s.
      (speaker === "inside" ? server : client).crash();
      (speaker === "inside" ? connection : server.connections[0]).send(bytes("hello?"));
      world.run(14_000);
      const flights = world.trace!.flights.filter(({ sent }) => sent > 100);
      expect(new Set(flights.map(({ from }) => from))).toEqual(
        new Set([speaker === "inside" ? "client" : "server1"]),
      );
      expect([speaker, box.mappings(world.now).length]).toEqual([speaker, 1]);
      world.run(60_000);
      expect([speaker, box.mappings(world.now).length]).toEqual([speaker, 0]);
    }
  });
});

describe("an option stripper", () => {
  test("overwrites what it is told in SYNs, odd places included, and the checksum stays good", () => {
    const { world, client, server, heard, application } = behind(new OptionStripper("box", [3, 4]));
    expectGoodChecksums(world);
    const connection = client.connect("192.0.2.1", 80, application);
    connection.send(bytes("hello"));
    world.run(100);
    expect(heard).toEqual(["hello"]);
    for (const { status } of [connection, server.connections[0]]) {
      expect(status.options).toMatchObject({ sack: false, windowScaling: false, timestamps: true });
    }
  });
});

describe("a load balancer", () => {
  const balancer = (options: Partial<ConstructorParameters<typeof LoadBalancer>[1]> = {}) =>
    new LoadBalancer("lb", {
      address: "203.0.113.80",
      port: 80,
      servers: ["192.0.2.1", "192.0.2.2", "192.0.2.3"],
      random: new Random(1),
      ...options,
    });

  test("spreads sessions by its policy, and both ends see good checksums", () => {
    for (const policy of ["round-robin", "random", "hash", "least-sessions"] as const) {
      const box = balancer({ policy });
      const { world, client, servers, heard, application } = behind(box, 3);
      expectGoodChecksums(world);
      for (let i = 0; i < 30; i++) client.connect("203.0.113.80", 80, application).send(bytes("hello"));
      world.run(200);
      const spread = servers.map(({ connections }) => connections.length);
      expect(spread.reduce((a, b) => a + b)).toBe(30);
      expect(Math.min(...spread)).toBeGreaterThan(2);
      if (policy === "round-robin" || policy === "least-sessions") expect(spread).toEqual([10, 10, 10]);
      expect([heard.length, box.sessions(world.now)]).toEqual([30, 30]);
    }
  });

  test("takes closed sessions from its table, and passes the last ACK", () => {
    const box = balancer();
    const { world, client, servers, application } = behind(box, 3);
    const closing = client.connect("203.0.113.80", 80, application);
    const reset = client.connect("203.0.113.80", 80, application);
    for (const server of servers) server.listen(80, (each) => ({ ended: () => each.close() }));
    world.run(100);
    expect(box.sessions(world.now)).toBe(2);
    closing.close();
    reset.abort();
    world.run(1000);
    expect([box.sessions(world.now), box.forgotten]).toEqual([0, 0]);
    expect(servers.flatMap(({ connections }) => connections)).toEqual([]);
    expect(closing.state).toBe("TIME-WAIT");
  });

  test("forgets an idle session and tells nobody; the server it then chooses answers RST, the one it had keeps a zombie", () => {
    const box = balancer({ idleTimeout: 60_000, unknown: "forward", policy: "round-robin" });
    const { world, client, servers, ends, application } = behind(box, 3);
    const connection = client.connect("203.0.113.80", 80, application);
    world.run(61_000);
    expect([box.sessions(world.now), box.forgotten, connection.state]).toEqual([0, 1, "ESTABLISHED"]);
    connection.send(bytes("are you there?"));
    world.run(62_000);
    expect(ends).toEqual(["reset"]);
    const reset = world.trace!.flights.filter((flight) => flags(flight) & RST);
    expect(reset.map(({ from, to }) => [from, to])).toEqual([["server2", "client"]]);
    expect(servers.map(({ connections }) => connections.length)).toEqual([1, 0, 0]);
  });

  test("may also drop what it does not know, or answer itself", () => {
    for (const [unknown, end] of [
      ["drop", "timedOut"],
      ["reset", "reset"],
    ] as const) {
      const box = balancer({ idleTimeout: 60_000, unknown });
      const { world, client, servers, ends, application } = behind(box, 3);
      const connection = client.connect("203.0.113.80", 80, application, { userTimeout: 5000 });
      world.run(61_000);
      connection.send(bytes("are you there?"));
      world.run(80_000);
      expect([ends, servers[0].connections.length, box.unknownSeen > 0]).toEqual([[end], 1, true]);
    }
  });

  test("keeps a session that keep-alive uses", () => {
    const box = balancer({ idleTimeout: 60_000 });
    const { world, client, heard, application } = behind(box, 3);
    const connection = client.connect("203.0.113.80", 80, application, {
      keepAlive: { idle: 50_000, interval: 10_000 },
    });
    world.run(3_600_000);
    connection.send(bytes("hello"));
    world.run(3_601_000);
    expect([heard, box.forgotten]).toEqual([["hello"], 0]);
  });

  test("with a hash finds the same server again, so that nobody notices what it forgot", () => {
    const box = balancer({ idleTimeout: 60_000, policy: "hash" });
    const { world, client, heard, application } = behind(box, 3);
    const connection = client.connect("203.0.113.80", 80, application);
    world.run(600_000);
    connection.send(bytes("hello"));
    world.run(601_000);
    expect([heard, box.forgotten]).toEqual([["hello"], 1]);
  });
});

test("a port where nobody listens is answered with RST, a damaged segment is not", () => {
  const { world, client, ends, application } = behind(new Router("router"));
  client.connect("192.0.2.1", 81, application);
  world.run(100);
  expect(ends).toEqual(["refused"]);
  client.ports[0].path.set({ corrupt: 1 });
  client.connect("192.0.2.1", 81, application);
  world.run(150);
  expect(ends).toEqual(["refused"]);
  expect(flags(world.trace!.flights[0])).toBe(SYN);
  expect(flags(world.trace!.flights[1])).toBe(RST | ACK);
});
