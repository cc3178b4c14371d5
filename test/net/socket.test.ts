// What a socket does at its edges: half-closed, full, aborted, silent.
import { describe, expect, test } from "vitest";
import type { Socket, SocketOptions } from "../../src/net/index.ts";
import { A4, isPattern, type Pair, pair, pattern, readAll, turns } from "./virtual.ts";

interface Talk extends Pair {
  readonly client: Socket;
  readonly server: Socket;
}

async function connected(clientOptions: SocketOptions = {}, serverOptions = clientOptions): Promise<Talk> {
  const world = pair();
  const listener = world.a.listen({ port: 7, ...serverOptions });
  const client = world.b.connect({ hostname: A4, port: 7 }, clientOptions);
  const server = await listener.accept();
  await client.opened;
  return Object.assign(world, { client, server });
}

/** Settled how: "pending", "resolved" or what it rejected with. */
async function fate(promise: Promise<unknown>): Promise<unknown> {
  let seen: unknown = "pending";
  promise.then(
    () => {
      seen = "resolved";
    },
    (error) => {
      seen = error;
    },
  );
  await turns();
  return seen;
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (s: string) => new TextEncoder().encode(s);

describe("a half-close", () => {
  test("with allowHalfOpen leaves the other direction open for as long as it is wanted", async () => {
    const { client, server, clock } = await connected({ allowHalfOpen: true });
    await client.closeWriting();
    expect(await server.read(new Uint8Array(10))).toBe(null);
    await clock.pass(3_600_000);
    await server.write(bytes("still here"));
    const into = new Uint8Array(100);
    expect(await client.read(into)).toBe(10);
    expect([client.status()?.state, server.status()?.state]).toEqual(["FIN-WAIT-2", "CLOSE-WAIT"]);
    await server.closeWriting();
    expect(await client.read(into)).toBe(null);
    expect(await fate(client.closed)).toBe("resolved");
    expect(await fate(server.closed)).toBe("resolved");
  });

  test("without it is answered with one, once the end has been read and what was written has gone", async () => {
    const { client, server } = await connected();
    await client.write(bytes("request"));
    await client.closeWriting();
    await turns();
    expect(server.status()?.state).toBe("CLOSE-WAIT");
    const writer = server.writable.getWriter();
    const reply = pattern(300_000); // more than the send buffer has room for
    const written = writer.write(reply);
    expect(text(await readAll(server.readable))).toBe("request");
    expect(await fate(server.closed)).toBe("pending");
    expect(isPattern(await readAll(client.readable), 300_000)).toBe(true);
    await written;
    expect(await fate(server.closed)).toBe("resolved");
    await expect(writer.write(bytes("late"))).rejects.toMatchObject({ code: "EPIPE" });
  });

  test("by the writable stream sends what was written before, then FIN", async () => {
    const { client, server } = await connected({ allowHalfOpen: true });
    const writer = client.writable.getWriter();
    void writer.write(pattern(100_000));
    const closed = writer.close();
    expect(isPattern(await readAll(server.readable), 100_000)).toBe(true);
    await closed;
    await expect(client.write(bytes("x"))).rejects.toMatchObject({ code: "EPIPE" });
  });
});

describe("close", () => {
  test("delivers what was written and drops what arrives, so that the peer's data does no harm", async () => {
    const { client, server } = await connected();
    await server.write(bytes("nobody will read this"));
    const write = client.write(pattern(200_000));
    const closed = client.close();
    expect(isPattern(await readAll(server.readable), 200_000)).toBe(true);
    await write;
    await closed;
    await server.closed;
  });

  test("with bytes unread sends FIN, no RST, and a RST for what comes once all of ours has arrived", async () => {
    const { client, server } = await connected({ allowHalfOpen: true });
    await server.write(bytes("unread"));
    await client.write(bytes("answer"));
    void client.close();
    await turns();
    expect([client.status()?.state, server.status()?.state]).toEqual(["FIN-WAIT-2", "CLOSE-WAIT"]);
    expect(text(await readAll(server.readable))).toBe("answer");
    await server.write(bytes("more"));
    expect(await fate(server.closed)).toMatchObject({ code: "ECONNRESET" });
    expect(await fate(client.closed)).toBe("resolved");
  });

  test("after reading was cancelled with bytes unread finds that the peer was told by RST", async () => {
    const { client, server } = await connected();
    await server.write(bytes("unread"));
    await turns();
    await client.readable.cancel();
    expect(await fate(server.closed)).toMatchObject({ code: "ECONNRESET" });
    expect(await fate(client.close())).toMatchObject({ code: "ECONNABORTED" });
  });

  test("ends reads that wait", async () => {
    const { client } = await connected();
    const read = client.read(new Uint8Array(1));
    void client.close();
    expect(await read).toBe(null);
  });

  test("does not wait for ever for a peer that keeps its side open", async () => {
    const { client, server, clock } = await connected({ allowHalfOpen: true });
    const closed = client.close();
    await turns();
    expect(client.status()?.state).toBe("FIN-WAIT-2");
    await clock.pass(60_001);
    await closed;
    await server.write(bytes("is anyone there?"));
    expect(await fate(server.closed)).toMatchObject({ code: "ECONNRESET" });
  });

  test("before the connection stands fails `opened`, and sends no more", async () => {
    const world = pair();
    world.wire = () => false;
    const socket = world.b.connect({ hostname: A4, port: 7 });
    await socket.close();
    expect(await fate(socket.opened)).toMatchObject({ code: "ECONNABORTED" });
    expect(world.clock.next).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("abort", () => {
  test("tells the peer with RST, and everyone here the reason", async () => {
    const { client, server } = await connected();
    const reading = client.read(new Uint8Array(1));
    const reader = server.readable.getReader();
    const serverReading = reader.read();
    const reason = new Error("changed my mind");
    client.abort(reason);
    expect(await fate(client.closed)).toBe(reason);
    expect(await fate(reading)).toBe(reason);
    expect(await fate(server.closed)).toMatchObject({ code: "ECONNRESET", reason: "reset" });
    expect(await fate(serverReading)).toMatchObject({ code: "ECONNRESET" });
    expect(await fate(reader.closed)).toMatchObject({ code: "ECONNRESET" });
  });

  test("comes from a signal too: before, while connecting, and afterwards", async () => {
    const reason = new Error("too late");
    const { a, b } = pair();
    const before = b.connect({ hostname: A4, port: 7 }, { signal: AbortSignal.abort(reason) });
    expect(await fate(before.opened)).toBe(reason);
    expect(b.counters.packetsOut).toBe(0);
    const listener = a.listen({ port: 7 });
    const controller = new AbortController();
    const client = b.connect({ hostname: A4, port: 7 }, { signal: controller.signal });
    const server = await listener.accept();
    await client.opened;
    controller.abort(reason);
    expect(await fate(client.closed)).toBe(reason);
    expect(await fate(server.closed)).toMatchObject({ code: "ECONNRESET" });
  });

  test("of the writable stream, or cancelling the readable one with bytes unread, resets", async () => {
    const one = await connected();
    const reason = new Error("no");
    await one.client.writable.abort(reason);
    expect(await fate(one.client.closed)).toBe(reason);
    expect(await fate(one.server.closed)).toMatchObject({ code: "ECONNRESET" });
    const two = await connected();
    await two.server.write(bytes("unread"));
    await two.client.readable.cancel();
    expect(await fate(two.server.closed)).toMatchObject({ code: "ECONNRESET" });
  });
});

describe("backpressure", () => {
  test("a reader that stops stops the writer, and starts it again", async () => {
    const { client, server } = await connected({ bufferSize: 10_000 });
    const writer = client.writable.getWriter();
    const writes = Array.from({ length: 10 }, (_, i) => writer.write(pattern(10_000, i * 10_000)));
    expect(await fate(writes[1])).toBe("resolved"); // one in flight and read by nobody, one in the send buffer
    expect(await fate(writes[2])).toBe("pending");
    expect(writer.desiredSize).toBeLessThanOrEqual(0);
    expect([client.status()?.snd.queued, server.status()?.rcv.queued]).toEqual([10_000, 10_000]);
    const reader = server.readable.getReader();
    let got = 0;
    while (got < 100_000) {
      const { value } = await reader.read();
      expect(isPattern(value, value!.length, got)).toBe(true);
      got += value!.length;
    }
    await Promise.all(writes);
  });

  test("a read with a buffer of one's own is filled there", async () => {
    const { client, server } = await connected();
    await server.write(bytes("0123456789"));
    const reader = client.readable.getReader({ mode: "byob" });
    const { value } = await reader.read(new Uint8Array(4));
    expect(text(value!)).toBe("0123");
    const later = reader.read(new Uint8Array(100));
    expect(text((await later).value!)).toBe("456789");
    const waiting = reader.read(new Uint8Array(100));
    await server.closeWriting();
    expect((await waiting).done).toBe(true);
  });

  test("writes that wait keep their order, whoever makes them", async () => {
    const { client, server } = await connected({ bufferSize: 1000 });
    const writes = [0, 1, 2, 3].map((i) => client.write(pattern(2500, i * 2500)));
    const into = new Uint8Array(10_000);
    let got = 0;
    while (got < 10_000) got += (await server.read(into.subarray(got)))!;
    await Promise.all(writes);
    expect(isPattern(into, 10_000)).toBe(true);
  });

  test("writes borrow their bytes no longer than until they are done", async () => {
    const { client, server } = await connected();
    const chunk = bytes("hello");
    await client.write(chunk);
    chunk.fill(0);
    const into = new Uint8Array(5);
    await server.read(into);
    expect(text(into)).toBe("hello");
  });
});

describe("silence", () => {
  test("of a peer that vanished is found by keep-alive, which `closed` names", async () => {
    const keepAlive = { initialDelay: 10_000, interval: 1_000, count: 3 };
    const world = await connected({ keepAlive }, {});
    world.wire = () => false;
    await world.clock.pass(12_000);
    expect(await fate(world.client.closed)).toBe("pending");
    await world.clock.pass(1_100);
    expect(await fate(world.client.closed)).toMatchObject({ code: "ETIMEDOUT", reason: "keepAlive" });
    expect(await fate(world.server.closed)).toBe("pending"); // a zombie: it does not ask
  });

  test("is broken by keep-alive alone where a peer lives", async () => {
    const world = await connected({}, {});
    world.client.set({ keepAlive: { initialDelay: 1_000, interval: 500, count: 2 } });
    await world.clock.pass(60_000);
    expect(await fate(world.client.closed)).toBe("pending");
    const probed = world.b.counters.packetsOut;
    world.client.set({ keepAlive: false });
    await world.clock.pass(60_000);
    expect(world.b.counters.packetsOut).toBe(probed);
    expect(probed).toBeGreaterThan(50);
  });

  test("while data waits ends the connection with what it was", async () => {
    const world = await connected({ tcp: { userTimeout: 5_000 } }, {});
    world.wire = () => false;
    await world.client.write(bytes("lost"));
    await world.clock.pass(6_000);
    expect(await fate(world.client.closed)).toMatchObject({ code: "ETIMEDOUT", reason: "userTimeout" });
  });
});

test("nobody need look at promises that reject", async () => {
  const { client, server } = await connected();
  void client.opened;
  void server.closed;
  client.abort();
  await turns(); // vitest fails on an unhandled rejection
  expect(await fate(server.closed)).toMatchObject({ code: "ECONNRESET" });
});

test("a new connection from the port of one in TIME-WAIT is taken by the listener", async () => {
  const world = pair();
  const listener = world.a.listen({ port: 7 });
  const first = world.b.connect({ hostname: A4, port: 7 }, { localPort: 5000 });
  const served = await listener.accept();
  const closed = served.close(); // closes first: TIME-WAIT is the server's
  expect(await first.read(new Uint8Array(1))).toBe(null);
  await closed;
  expect([served.status()?.state, first.status()?.state]).toEqual(["TIME-WAIT", "CLOSED"]);
  await world.clock.pass(10);
  const second = world.b.connect({ hostname: A4, port: 7 }, { localPort: 5000 });
  await second.opened;
  const again = await listener.accept();
  await second.write(bytes("again"));
  const into = new Uint8Array(10);
  expect(await again.read(into)).toBe(5);
});
