// TCP Fast Open between hosts (RFC 7413): who sends what when, on the wire.
import { expect, test } from "vitest";
import type { Connection } from "../../src/net/connection.ts";
import type { ConnectOptions, ListenOptions, Socket } from "../../src/net/index.ts";
import { PendingFastOpen } from "../../src/net/pending-fast-open.ts";
import { settings } from "../../src/tcp/index.ts";
import { parseSegment, SYN } from "../../src/wire/index.ts";
import { A4, A6, type Pair, pair, pattern, turns } from "./virtual.ts";

const REQUEST = pattern(200);

interface Seen {
  readonly from: "a" | "b";
  readonly flags: number;
  readonly payload: number;
  readonly cookie: Uint8Array | undefined;
}

/** A server at `a`, and every segment that crosses. */
function world(options: ListenOptions = { fastOpen: true }) {
  const hosts = pair();
  const seen: Seen[] = [];
  const look = (packet: Uint8Array, from: "a" | "b"): undefined => {
    const header = packet[0] >> 4 === 4 ? 20 : 40;
    const { flags, payload, options } = parseSegment(packet.slice(header));
    const option = options.find(({ type }) => type === "fastOpen");
    const cookie = option?.type === "fastOpen" ? option.cookie : undefined;
    seen.push({ from, flags, payload: payload.length, cookie });
  };
  hosts.wire = look;
  return { hosts, seen, look, listener: hosts.a.listen({ port: 7, ...options }) };
}

const connect = ({ b }: Pair, options: ConnectOptions = { fastOpen: true }, hostname = A4) =>
  b.connect({ hostname, port: 7 }, options);

async function read(socket: Socket): Promise<Uint8Array> {
  const into = new Uint8Array(1000);
  const count = await socket.read(into);
  return into.slice(0, count ?? 0);
}

/** A first connection, which brings the cookie. */
async function introduced(options?: ListenOptions, hostname = A4) {
  const at = world(options);
  const first = connect(at.hosts, undefined, hostname);
  await first.opened;
  const server = await at.listener.accept();
  void server.close();
  await first.close();
  await turns();
  at.seen.length = 0;
  return at;
}

test.each([A4, A6])("the second connection to %s brings its request with the SYN", async (hostname) => {
  const { hosts, listener } = await introduced(undefined, hostname);
  const client = connect(hosts, undefined, hostname);
  // The handshake does not end: what is read was in the SYN.
  hosts.wire = (_, from) => from === "b";
  await client.write(REQUEST);
  const server = await listener.accept();
  expect(await read(server)).toEqual(REQUEST);
  expect(server.status()).toMatchObject({ state: "SYN-RECEIVED", options: { fastOpen: "accepted" } });
  expect(client.status()?.state).toBe("SYN-SENT");
});

test("what a stream is given at once goes with the SYN too, and is answered before the handshake ends", async () => {
  const { hosts, seen, listener } = await introduced();
  const client = connect(hosts);
  const writer = client.writable.getWriter();
  void writer.write(REQUEST);
  const server = await listener.accept();
  expect(seen[0]).toMatchObject({ from: "b", flags: SYN, payload: REQUEST.length });
  expect(seen[0].cookie?.length).toBe(8);
  await server.write(pattern(50));
  expect(await read(client)).toEqual(pattern(50));
  expect(client.status()?.options.fastOpen).toBe("accepted");
});

test("a SYN waits for data no longer than to the next tick", async () => {
  const { hosts, seen, listener } = await introduced();
  const client = connect(hosts);
  await turns();
  expect(seen).toEqual([]);
  await hosts.clock.pass(2);
  expect(seen[0]).toMatchObject({ from: "b", flags: SYN, payload: 0 });
  await client.opened;
  await listener.accept();
});

test("one SYN with the option that is lost costs neither the cookie nor the next attempt", async () => {
  const { hosts, look, seen, listener } = await introduced();
  let isLost = false;
  hosts.wire = (packet, from) => {
    look(packet, from);
    if (isLost || from !== "b") return true;
    isLost = true;
    return false;
  };
  await connect(hosts).write(REQUEST);
  await hosts.clock.pass(10_000);
  expect(await read(await listener.accept())).toEqual(REQUEST);
  seen.length = 0;
  await connect(hosts).write(REQUEST);
  expect((await listener.accept()).status()?.options.fastOpen).toBe("accepted");
  expect(seen[0].cookie?.length).toBe(8);
});

test("a path that swallows SYNs with the option gets them without, for twice as long each time", async () => {
  const { hosts, look, seen, listener } = await introduced();
  const swallow = (packet: Uint8Array, from: "a" | "b") => {
    look(packet, from);
    return seen.at(-1)?.cookie === undefined;
  };
  hosts.wire = swallow;
  /** Bytes of the cookie in the first SYN; null without the option. */
  const attempt = async () => {
    seen.length = 0;
    await connect(hosts).write(REQUEST);
    await hosts.clock.pass(10_000);
    expect(await read(await listener.accept())).toEqual(REQUEST);
    return seen[0].cookie?.length ?? null;
  };
  expect([await attempt(), await attempt()]).toEqual([8, 8]);
  for (const pause of [240_000, 480_000, 960_000]) {
    expect(await attempt()).toBe(null);
    await hosts.clock.pass(pause - 10_000);
    expect(await attempt()).toBe(8);
  }
  // Once it gets through all is forgotten.
  await hosts.clock.pass(86_400_000);
  hosts.wire = look;
  expect(await attempt()).toBe(8);
  hosts.wire = swallow;
  expect([await attempt(), await attempt(), await attempt()]).toEqual([8, 8, null]);
});

test("a listener that did not ask for it grants no cookie, and takes no data before the handshake", async () => {
  const { hosts, seen, listener } = await introduced({});
  const client = connect(hosts);
  await client.write(REQUEST);
  expect(await read(await listener.accept())).toEqual(REQUEST);
  expect(seen.filter(({ cookie }) => cookie !== undefined && cookie.length > 0)).toEqual([]);
  expect(seen.find(({ flags }) => flags & SYN)?.payload).toBe(0);
});

test("each listener has a limit of its own for connections that begin early", async () => {
  const { hosts } = await introduced({ fastOpen: { pending: 2 } });
  hosts.a.listen({ port: 8, fastOpen: { pending: 3 } });
  hosts.wire = (_, from) => from === "b";
  for (const port of [7, 7, 7, 7, 8, 8, 8, 8]) {
    void hosts.b.connect({ hostname: A4, port }, { fastOpen: true }).write(REQUEST);
  }
  await turns();
  const early = (port: number) =>
    hosts.a.sockets().filter(({ localPort, recvQ }) => localPort === port && recvQ === REQUEST.length).length;
  expect([early(7), early(8)]).toEqual([2, 3]);
  for (const pending of [0, 1.5, Number.NaN, 65_537, Number.POSITIVE_INFINITY])
    expect(() => hosts.a.listen({ fastOpen: { pending } })).toThrow(RangeError);
});

test("a RST makes no room for another that begins early until the SYN,ACK would have been given up", async () => {
  const { hosts, look, listener } = await introduced({ fastOpen: { pending: 1 } });
  // As of a forged address: the client knows nothing of the SYN, and answers the SYN,ACK with RST.
  hosts.wire = (_, from) => from === "b";
  const forged = connect(hosts);
  await forged.write(REQUEST);
  const reset = await listener.accept();
  expect(reset.status()?.options.fastOpen).toBe("accepted");
  reset.closed.catch(() => {});
  for (const each of [forged.opened, forged.closed]) each.catch(() => {});
  forged.abort();
  hosts.wire = look;
  await hosts.clock.pass(1_100);
  await expect(reset.closed).rejects.toMatchObject({ reason: "reset" });
  const next = async () => {
    await connect(hosts).write(REQUEST);
    return (await listener.accept()).status()?.options.fastOpen;
  };
  expect(await next()).toBe("off");
  await hosts.clock.pass(61_500); // 1 + 2 + 4 + ... + 32 seconds after it began
  expect(await next()).toBe("off");
  await hosts.clock.pass(500);
  expect(await next()).toBe("accepted");
});

test("handshakes that end make room for others that begin early", async () => {
  const { hosts, listener } = await introduced({ fastOpen: { pending: 1 } });
  for (let i = 0; i < 3; i++) {
    const client = connect(hosts);
    await client.write(REQUEST);
    const server = await listener.accept();
    expect(server.status()?.options.fastOpen).toBe("accepted");
  }
});

test("cookies outlive one change of the key, and are changed for new ones meanwhile", async () => {
  const { hosts, seen, listener } = await introduced();
  const request = async () => {
    seen.length = 0;
    await connect(hosts).write(REQUEST);
    const progress = (await listener.accept()).status()?.options.fastOpen;
    await turns();
    const [syn, synAck] = seen;
    return { progress, sent: syn.cookie, granted: synAck.cookie };
  };
  const first = await request();
  expect(first).toMatchObject({ progress: "accepted", granted: undefined });
  hosts.a.setFastOpenKey(new Uint8Array(16).fill(1));
  const second = await request();
  expect(second).toMatchObject({ progress: "accepted", sent: first.sent });
  expect(second.granted?.length).toBe(8);
  expect(second.granted).not.toEqual(first.sent);
  expect(await request()).toEqual({ progress: "accepted", sent: second.granted, granted: undefined });
  hosts.a.setFastOpenKey();
  hosts.a.setFastOpenKey();
  const last = await request();
  expect(last).toMatchObject({ progress: "off", sent: second.granted });
  expect(last.granted?.length).toBe(8);
  expect(() => hosts.a.setFastOpenKey(new Uint8Array(15))).toThrow(TypeError);
});

test("no more than 128 connections begin early; others take the whole handshake", async () => {
  const { hosts } = await introduced();
  hosts.wire = (_, from) => from === "b"; // the clients never hear of it
  for (let i = 0; i < 130; i++) void connect(hosts).write(REQUEST);
  await turns();
  const rows = hosts.a.sockets().filter(({ state }) => state === "SYN-RECEIVED");
  expect(rows.filter(({ recvQ }) => recvQ === REQUEST.length).length).toBe(128);
  expect(rows.filter(({ recvQ }) => recvQ === 0).length).toBe(2);
});

test("those that ended are forgotten one after the other, each when its own time is over", () => {
  const [first, second, third] = ["first", "second", "third"].map(
    (name) => ({ name }) as unknown as Connection,
  );
  const pending = new PendingFastOpen(2, settings({ initialRto: 1000, synAckRetries: 0 }));
  pending.add(first, 0);
  pending.add(second, 500);
  pending.ended(first);
  pending.ended(second);
  expect(pending.hasRoom(999)).toBe(false);
  expect(pending.hasRoom(1000)).toBe(true);
  pending.add(third, 1000);
  expect(pending.hasRoom(1499)).toBe(false);
  expect(pending.hasRoom(1500)).toBe(true);
});
