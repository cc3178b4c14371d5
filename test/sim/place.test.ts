// Hosts of tcpwire/net in a world: sockets and their promises in virtual time.
import { expect, test } from "vitest";
import { formatSockets, Host } from "../../src/net/index.ts";
import { ladderOf, Nat, type PathSettings, World } from "../../src/sim/index.ts";

const SIZE = 400_000;

/** A transfer through a NAT over a bad cable, and everything that was sent for it. */
async function transfer(seed: number, cable: Partial<PathSettings>) {
  const world = new World({ seed });
  const inside = world.place("client", "10.0.0.7");
  const outside = world.place("server", "192.0.2.1");
  const nat = world.add(new Nat("nat", { address: "203.0.113.9" }));
  world.link(inside, nat, cable);
  world.link(nat, outside, { delay: 5 });
  const [client, server] = [new Host(inside), new Host(outside)];

  const received: number[] = [];
  const serve = async () => {
    const socket = await server.listen({ port: 80 }).accept();
    const buffer = new Uint8Array(65_536);
    for (let n = await socket.read(buffer); n !== null; n = await socket.read(buffer)) {
      for (const byte of buffer.subarray(0, n)) received.push(byte);
    }
    await socket.close();
  };
  const ask = async () => {
    const socket = client.connect({ hostname: "192.0.2.1", port: 80 });
    await socket.write(Uint8Array.from({ length: SIZE }, (_, i) => i * 7));
    await socket.closeWriting();
    await socket.close();
  };
  let isDone = false;
  const work = Promise.all([serve(), ask()]).then(() => {
    isDone = true;
  });
  while (!isDone && world.now < 600_000) await world.runAsync(world.now + 1000);
  await work;
  return { world, client, server, received };
}

test("transfer all bytes over a cable that loses, repeats, reorders and damages packets", async () => {
  const faults = { delay: 10, loss: 0.02, duplicate: 0.02, reorder: 0.02, corrupt: 0.02, jitter: 2 };
  const { client, server, received, world } = await transfer(1, faults);
  expect(received).toHaveLength(SIZE);
  expect(received.findIndex((byte, i) => byte !== ((i * 7) & 255))).toBe(-1);
  // The end that closed first waits, and then nothing is left.
  expect(formatSockets(client.sockets())).toContain("TIME_WAIT");
  await world.runAsync(world.now + 120_000);
  expect([client.sockets(), server.sockets().map(({ state }) => state)]).toEqual([[], ["LISTEN"]]);
});

test("the same seed sends the same packets at the same times, another seed others", async () => {
  const faults = { delay: 10, loss: 0.03, jitter: 1 };
  const [one, again, other] = [
    await transfer(1, faults),
    await transfer(1, faults),
    await transfer(2, faults),
  ];
  expect(again.world.trace!.text()).toBe(one.world.trace!.text());
  expect(other.world.trace!.text()).not.toBe(one.world.trace!.text());
});

test("a power cut takes a machine's connections without a word, and its ports listen again when it is back", () => {
  const world = new World();
  const client = world.host("client", "192.0.2.7");
  const server = world.host("server", "198.51.100.3");
  world.link(client, server, { delay: 5 });
  const told: string[] = [];
  server.listen(80, () => ({ closed: (reason) => told.push(`server ${reason}`) }));
  const application = { closed: (reason: string) => told.push(`client ${reason}`) };
  const before = client.connect("198.51.100.3", 80, application);
  world.run(100);
  const packets = world.trace!.flights.length;
  server.crash();
  world.run(86_400_000);
  expect([server.kind, before.state, world.trace!.flights.length, told]).toEqual([
    "off",
    "ESTABLISHED",
    packets,
    [],
  ]);
  // What is sent there comes to nobody.
  before.send(Uint8Array.of(1));
  world.run(world.now + 100);
  expect(world.trace!.flights.at(-1)!.to).toBe("");
  server.boot();
  const after = client.connect("198.51.100.3", 80);
  world.run(world.now + 5000);
  expect([after.state, before.state, told]).toEqual(["ESTABLISHED", "CLOSED", ["client reset"]]);
  expect(server.sockets().map(({ state }) => state)).toEqual(["LISTEN", "ESTABLISHED"]);
});

test("what cannot be connected leaves no connection behind", () => {
  const world = new World();
  const machine = world.host("client", "192.0.2.7");
  expect(() => machine.connect("2001:db8::1", 80)).toThrow("no address of the host's reaches 2001:db8::1");
  expect(machine.connections).toEqual([]);
});

test("a host in a place is drawn with its states, as machines are", async () => {
  const world = new World();
  const place = world.place("client", "192.0.2.7");
  const server = world.host("server", "198.51.100.3");
  world.link(place, server, { delay: 5 });
  server.listen(80);
  new Host(place).connect({ hostname: "198.51.100.3", port: 80 }, { localPort: 4000 });
  await world.runAsync(1000);
  const view = { left: "client", right: "server", address: "192.0.2.7", port: 4000 };
  const rungs = ladderOf(world.trace!, { ...view, states: ["CLOSED", "LISTEN"] });
  expect(rungs.map(({ states }) => states.join())).toEqual([
    "CLOSED,LISTEN",
    "SYN-SENT,SYN-RECEIVED",
    "ESTABLISHED,SYN-RECEIVED",
    "ESTABLISHED,ESTABLISHED",
  ]);
});

test("a world that is closed sends nothing more, and what was seen stays", () => {
  const world = new World();
  const [client, server] = [world.host("client", "192.0.2.7"), world.host("server", "198.51.100.3")];
  world.link(client, server, { delay: 5 });
  server.listen(80);
  client.connect("198.51.100.3", 80);
  world.run(100);
  const text = world.trace!.text();
  world.close();
  world.run(10_000);
  expect(world.trace!.text()).toBe(text);
});

test("a host meets the world's machines, and a port where nobody listens", async () => {
  const world = new World();
  const place = world.place("client", "2001:db8::7");
  const server = world.host("server", "2001:db8:1::1");
  world.link(place, server, { delay: 5 });
  let heard = "";
  server.listen(80, () => ({ data: (data) => void (heard += new TextDecoder().decode(data)) }));
  const client = new Host(place);
  const socket = client.connect({ hostname: "2001:db8:1::1", port: 80 });
  const refused = client.connect({ hostname: "2001:db8:1::1", port: 81 });
  const errors: string[] = [];
  refused.opened.catch((error) => errors.push(error.code));
  refused.closed.catch(() => {});
  void socket.write(new TextEncoder().encode("hello"));
  await world.runAsync(1000);
  expect([heard, errors, server.connections.map(({ state }) => state)]).toEqual([
    "hello",
    ["ECONNREFUSED"],
    ["ESTABLISHED"],
  ]);
});
