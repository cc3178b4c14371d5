// What a host tells of its connections' states, and initial sequence numbers that somebody else chooses.
import { expect, test, vi } from "vitest";
import { SYN, TCP_OFFSET_FLAGS, TCP_SEQ } from "../../assembly/layout/wire.ts";
import { formatSockets, type SocketStateChange } from "../../src/net/index.ts";
import { SynCache } from "../../src/tcp/index.ts";
import { get32 } from "../../src/wire/bytes.ts";
import { A4, A6, B4, pair, pattern, turns } from "./virtual.ts";

const IPV4_HEADER = 20;
/** The states of a connection, in the order in which they were told; those of both ends in two. */
function ledger() {
  const changes: SocketStateChange[] = [];
  const at = (port: number) =>
    changes.filter(({ localPort }) => localPort === port).map(({ state }) => state);
  return { changes, at, onState: (change: SocketStateChange) => void changes.push(change) };
}

test("a connection is told of from the SYN to the end of TIME-WAIT, handshakes of listeners included", async () => {
  const { at, changes, onState } = ledger();
  const { a, b, clock } = pair({ onState });
  const listener = a.listen({ port: 7 });
  const client = b.connect({ hostname: A4, port: 7 }, { localPort: 40_000 });
  const server = await listener.accept();
  await client.closeWriting();
  await clock.pass(10);
  await server.read(new Uint8Array(1));
  await clock.pass(90_000);
  expect(at(40_000)).toEqual(["SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSED"]);
  expect(at(7)).toEqual(["SYN-RECEIVED", "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED"]);
  const here = { localAddress: A4, localPort: 7, remoteAddress: B4, remotePort: 40_000 };
  expect(changes.find(({ localPort }) => localPort === 7)).toEqual({ ...here, state: "SYN-RECEIVED" });
});

test("a state is told before the segment that it brings about, and after those that went before", async () => {
  const { at, onState } = ledger();
  const world = pair({ onState });
  const seen: string[] = [];
  world.wire = (packet, from) => {
    const flags = packet[IPV4_HEADER + TCP_OFFSET_FLAGS + 1];
    const port = from === "a" ? 7 : 40_000;
    const state = at(port).at(-1);
    const length = packet.length - IPV4_HEADER - (packet[IPV4_HEADER + TCP_OFFSET_FLAGS] >> 4) * 4;
    if (from === "b" || flags & 2) seen.push(`${flags & 1 ? "FIN" : flags & 2 ? "SYN" : length} in ${state}`);
    return true;
  };
  const listener = world.a.listen({ port: 7 });
  const client = world.b.connect({ hostname: A4, port: 7 }, { localPort: 40_000 });
  await listener.accept();
  void client.write(pattern(3000));
  void client.closeWriting();
  await turns();
  const inOrder = ["SYN in SYN-SENT", "SYN in SYN-RECEIVED", "0 in ESTABLISHED"];
  expect(seen.slice(0, 3)).toEqual(inOrder);
  expect(seen.slice(3, 7).map((each) => each.replace(/^\d+/, "data"))).toEqual([
    "data in ESTABLISHED",
    "data in ESTABLISHED",
    "data in ESTABLISHED",
    "FIN in FIN-WAIT-1",
  ]);
});

test("handshakes that nobody ends, that the peer resets or that never come about are told as CLOSED", async () => {
  const { at, onState } = ledger();
  const world = pair({ onState });
  const { a, b, clock } = world;
  a.listen({ port: 7 });
  // Nothing comes back to the client; its SYNs do arrive.
  world.wire = (_, from) => from === "b";
  const client = b.connect({ hostname: A4, port: 7 }, { localPort: 40_000, tcp: { synRetries: 1 } });
  const refused = b.connect({ hostname: A6, port: 9 }, { localPort: 40_001 });
  for (const each of [client, refused]) each.opened.catch(() => {});
  await clock.pass(200_000);
  expect(at(7)).toEqual(["SYN-RECEIVED", "CLOSED"]);
  expect(at(40_000)).toEqual(["SYN-SENT", "CLOSED"]);
  world.wire = () => true;
  const again = b.connect({ hostname: A4, port: 9 }, { localPort: 40_002 });
  again.opened.catch(() => {});
  await turns();
  expect(at(40_002)).toEqual(["SYN-SENT", "CLOSED"]);
});

test("segments of handshakes under way do not cost a look at every other", async () => {
  const looks = vi.spyOn(SynCache.prototype, "requests");
  try {
    const { at, onState } = ledger();
    const world = pair({ onState });
    world.a.listen({ port: 7 });
    world.wire = (_, from) => from === "b";
    for (let i = 0; i < 20; i++) {
      const localPort = 40_000 + i;
      world.b
        .connect({ hostname: A4, port: 7 }, { localPort, tcp: { synRetries: 1 } })
        .opened.catch(() => {});
    }
    await world.clock.pass(200_000);
    expect(at(7).filter((state) => state === "SYN-RECEIVED").length).toBe(20);
    expect(at(7).filter((state) => state === "CLOSED").length).toBe(20);
    expect(looks).not.toHaveBeenCalled();
  } finally {
    looks.mockRestore();
  }
});

test("initial sequence numbers may be chosen, on both sides, and timestamps go on as they began", async () => {
  const times: number[] = [];
  const numbers = [0xfffffff0, 7];
  const world = pair({
    chooseIsn: (now) => {
      times.push(now);
      return numbers[times.length - 1];
    },
  });
  const seen: number[] = [];
  world.wire = (packet) => {
    const flags = packet[IPV4_HEADER + TCP_OFFSET_FLAGS + 1];
    if (flags & SYN) seen.push(get32(packet, IPV4_HEADER + TCP_SEQ));
    return true;
  };
  const listener = world.a.listen({ port: 7 });
  const client = world.b.connect({ hostname: A4, port: 7 });
  const server = await listener.accept();
  await server.write(pattern(100));
  await turns();
  expect(seen).toEqual(numbers);
  expect(times).toEqual([world.clock.now(), world.clock.now()]);
  // Both are compared with what came before (RFC 7323 5): the data is there.
  expect(await client.read(new Uint8Array(1000))).toBe(100);
  expect(client.status()?.options.timestamps).toBe(true);
});

test("the table names a program, but for sockets that belong to none", async () => {
  const world = pair();
  world.a.listen({ port: 7, hostname: A4 });
  world.wire = (_, from) => from === "b";
  world.b.connect({ hostname: A4, port: 7 }, { localPort: 40_000 });
  await turns();
  const programs = formatSockets(world.a.sockets(), "576/httpd")
    .split("\n")
    .map((line) => line.slice(80, 100).trim());
  expect(programs).toEqual(["", "PID/Program name", "576/httpd", "-"]);
});
