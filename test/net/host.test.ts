import { describe, expect, test } from "vitest";
import { Host, linkPair, type SocketError } from "../../src/net/index.ts";
import { A4, A6, B4, B6, isPattern, pair, pattern, readAll, turns, VirtualClock } from "./virtual.ts";

describe.each([
  ["IPv4", A4, B4],
  ["IPv6", A6, B6],
])("over %s", (_, serverAddress, clientAddress) => {
  test("a client and a server talk until both have closed", async () => {
    const { a, b, clock } = pair();
    const listener = a.listen({ port: 7 });
    const socket = b.connect({ hostname: serverAddress, port: 7 });
    const server = await listener.accept();
    const info = await socket.opened;
    expect([info.localAddress, info.remoteAddress, info.remotePort]).toEqual([
      clientAddress,
      serverAddress,
      7,
    ]);
    expect((await server.opened).remotePort).toBe(info.localPort);
    const echoed = server.readable.pipeTo(server.writable);
    await socket.write(pattern(5000));
    await socket.closeWriting();
    expect(await readAll(socket.readable)).toEqual(pattern(5000));
    await echoed;
    await Promise.all([socket.closed, server.closed]);
    expect([socket.status()?.state, server.status()?.state]).toEqual(["TIME-WAIT", "CLOSED"]);
    await clock.pass(60_000);
    expect(socket.status()?.state).toBe("CLOSED");
    expect(clock.next).toBe(Number.POSITIVE_INFINITY);
    expect(a.counters).toMatchObject({ malformed: 0, badChecksums: 0, undeliverable: 0, overruns: 0 });
  });

  test("a port at which nobody listens refuses", async () => {
    const { a, b } = pair();
    const socket = b.connect({ hostname: serverAddress, port: 9 });
    const error: SocketError = await socket.opened.then(
      () => expect.fail("opened"),
      (reason) => reason,
    );
    expect(error).toMatchObject({ name: "SocketError", code: "ECONNREFUSED", reason: "refused" });
    await expect(socket.closed).rejects.toBe(error);
    await expect(socket.write(pattern(1))).rejects.toBe(error);
    expect(a.counters.resetsOut).toBe(1);
  });
});

test("200 KB each way at once arrives whole over a path that loses every seventh packet", async () => {
  const world = pair();
  const { a, b, clock } = world;
  let count = 0;
  world.wire = () => ++count % 7 !== 0;
  const listener = a.listen({ port: 7 });
  const socket = b.connect({ hostname: A4, port: 7 });
  const done = Promise.all([
    listener.accept().then(async (server) => {
      const [read] = await Promise.all([
        readAll(server.readable),
        server.write(pattern(2e5, 5)).then(() => server.closeWriting()),
      ]);
      return read;
    }),
    readAll(socket.readable),
    socket.write(pattern(2e5)).then(() => socket.closeWriting()),
  ]);
  let result: Awaited<typeof done> | undefined;
  void done.then((r) => {
    result = r;
  });
  for (let minute = 0; minute < 60 && result === undefined; minute++) await clock.pass(60_000);
  expect(isPattern(result?.[0], 2e5)).toBe(true);
  expect(isPattern(result?.[1], 2e5, 5)).toBe(true);
});

test("a peer that never answers is given up after the handshake's patience", async () => {
  const world = pair();
  world.wire = () => false;
  const socket = world.b.connect({ hostname: A4, port: 7 });
  const opened = expect(socket.opened).rejects.toMatchObject({ code: "ETIMEDOUT", reason: "handshake" });
  await world.clock.pass(300_000);
  await opened;
  expect(world.clock.next).toBe(Number.POSITIVE_INFINITY);
});

test("a backlog that is full lets clients wait until there is room", async () => {
  const { a, b, clock } = pair();
  const listener = a.listen({ port: 7, backlog: 2 });
  const sockets = Array.from({ length: 4 }, () => b.connect({ hostname: A4, port: 7 }));
  await clock.pass(500);
  expect(a.counters.synsDropped).toBeGreaterThan(0);
  for (let i = 0; i < 4; i++) {
    await listener.accept();
    await clock.pass(10_000);
  }
  await Promise.all(sockets.map((socket) => socket.opened));
});

test("a host talks to itself, by its own address and by name", async () => {
  const { b } = pair();
  for (const [hostname, at] of [
    [B4, B4],
    [B6, B6],
    ["localhost", "127.0.0.1"],
  ]) {
    const listener = b.listen();
    const socket = b.connect({ hostname, port: listener.localPort });
    const server = await listener.accept();
    await server.write(pattern(300_000).subarray(0, 60_000));
    void server.close();
    expect(isPattern(await readAll(socket.readable), 60_000)).toBe(true);
    expect((await socket.opened).remoteAddress).toBe(at);
    await socket.closed;
    listener.close();
  }
});

test("names are looked up, and what is not found fails the socket", async () => {
  const { clock } = pair();
  const [link] = linkPair();
  const lookup = async (name: string) => {
    if (name === "broken") throw new Error("no server");
    return name === "here" ? ["192.0.2.9"] : [];
  };
  const host = new Host({ link, addresses: [`${A4}/24`], clock, random: () => 7, lookup });
  host.connect({ hostname: "here", port: 1 });
  const unknown = host.connect({ hostname: "nowhere", port: 1 });
  await expect(unknown.opened).rejects.toMatchObject({ code: "ENOTFOUND" });
  await expect(host.connect({ hostname: "broken", port: 1 }).opened).rejects.toMatchObject({
    code: "ENOTFOUND",
    cause: { message: "no server" },
  });
  await turns();
  expect(host.counters.packetsOut).toBe(1);
});

test("an address that no route leads to, and one that is not ours, fail the socket at once", async () => {
  const clock = new VirtualClock();
  const [link] = linkPair();
  const host = new Host({ link, addresses: [`${A4}/24`], clock, random: () => 7 });
  await expect(host.connect({ hostname: B6, port: 1 }).opened).rejects.toMatchObject({
    code: "EADDRNOTAVAIL",
  });
  const options = { localAddress: "192.0.2.77" };
  await expect(host.connect({ hostname: B4, port: 1 }, options).opened).rejects.toMatchObject({
    code: "EADDRNOTAVAIL",
  });
  expect(() => host.listen({ hostname: "192.0.2.77" })).toThrow(
    expect.objectContaining({ code: "EADDRNOTAVAIL" }),
  );
});

test("an address of many, or of nobody, fails the socket, and no SYN is sent there", async () => {
  const { b } = pair();
  for (const hostname of ["224.0.0.1", "ff02::1", "255.255.255.255", "192.0.2.255", "0.0.0.0", "::"]) {
    await expect(b.connect({ hostname, port: 7 }).opened, hostname).rejects.toMatchObject({
      code: "ENETUNREACH",
    });
  }
  expect(b.counters.packetsOut).toBe(0);
  b.connect({ hostname: "192.0.2.254", port: 7 });
  expect(b.counters.packetsOut).toBe(1);
});

test("a port is listened at once, and again when its listener is closed", () => {
  const { a } = pair();
  const first = a.listen({ port: 80 });
  expect(() => a.listen({ port: 80, hostname: A4 })).toThrow(expect.objectContaining({ code: "EADDRINUSE" }));
  first.close();
  a.listen({ port: 80, hostname: A4 });
  a.listen({ port: 80, hostname: A6 });
  expect(() => a.listen({ port: 80 })).toThrow(expect.objectContaining({ code: "EADDRINUSE" }));
});

test("a host that is closed resets its connections and refuses new ones", async () => {
  const { a, b } = pair();
  const listener = a.listen({ port: 7 });
  const socket = b.connect({ hostname: A4, port: 7 });
  const server = await listener.accept();
  b.close();
  await expect(server.closed).rejects.toMatchObject({ code: "ECONNRESET" });
  await expect(socket.closed).rejects.toMatchObject({ reason: "closed" });
  await expect(b.connect({ hostname: A4, port: 7 }).opened).rejects.toMatchObject({ reason: "closed" });
});

test("a link that ends takes its connections with it, and new ones are refused", async () => {
  const { a, b, clock } = pair();
  const listener = a.listen({ port: 7 });
  const socket = b.connect({ hostname: A4, port: 7 });
  const server = await listener.accept();
  await socket.write(pattern(10));
  a.close();
  await expect(socket.closed).rejects.toMatchObject({ code: "ECONNRESET" }); // the last packet still came
  await expect(server.closed).rejects.toMatchObject({ reason: "closed" });
  await expect(b.connect({ hostname: A4, port: 7 }).opened).rejects.toMatchObject({ code: "ENETDOWN" });
  expect(clock.next).toBe(Number.POSITIVE_INFINITY);
  const [link, end] = linkPair();
  const host = new Host({ link, addresses: [`${A4}/24`], clock, random: () => 3 });
  const connecting = host.connect({ hostname: B4, port: 7 });
  end.close?.();
  await expect(connecting.opened).rejects.toMatchObject({ code: "ENETDOWN", reason: "linkDown" });
});

test("of very many connections in TIME-WAIT the oldest make room", async () => {
  const { a, b } = pair();
  const listener = a.listen({ port: 7 });
  for (let i = 0; i < 16_400; i++) {
    const socket = b.connect({ hostname: A4, port: 7 });
    const server = await listener.accept();
    void socket.close();
    await server.read(new Uint8Array(1));
    await socket.closed;
  }
  expect(b.sockets().length).toBe(16_384);
}, 60_000);

test("misuse throws at once", () => {
  const { a } = pair();
  const [link] = linkPair();
  expect(() => a.connect({ hostname: B4, port: 0 })).toThrow(RangeError);
  expect(() => a.connect({ hostname: B4, port: 65_536 })).toThrow(RangeError);
  expect(() => a.listen({ port: -1 })).toThrow(RangeError);
  expect(() => a.connect({ hostname: B4, port: 1 }, { bufferSize: -1 })).toThrow(RangeError);
  for (const bits of ["33", "0x8", "-1", "+8", "8.0", " 8", "1e1", ""]) {
    expect(() => new Host({ link, addresses: [`192.0.2.1/${bits}`] }), bits).toThrow(TypeError);
  }
  expect(
    () => new Host({ link: { kind: "ip", mtu: 20, start: () => {}, send: () => {} }, addresses: [] }),
  ).toThrow(RangeError);
});
