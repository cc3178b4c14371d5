// Connecting to names with several addresses (RFC 8305), in virtual time.
import { expect, test, vi } from "vitest";
import { SYN, TCP_OFFSET_FLAGS } from "../../assembly/layout/wire.ts";
import { Host, linkPair, type SocketError } from "../../src/net/index.ts";
import {
  A4,
  A6,
  isPattern,
  type Pair,
  pair,
  pattern,
  readAll,
  seeded,
  turns,
  VirtualClock,
} from "./virtual.ts";

/** On the cable's networks, but nobody's. */
const SILENT = ["192.0.2.71", "192.0.2.72", "192.0.2.73"];
const SILENT6 = "2001:db8::71";

/** A cable, "name" with these addresses, and each SYN of the client: when, and where to. */
function world(...addresses: string[]) {
  const all = pair({ lookup: async () => addresses });
  const start = all.clock.now();
  const syns: string[] = [];
  let resets = 0;
  all.wire = (packet, from) => {
    const is4 = packet[0] >> 4 === 4;
    const flags = packet[(is4 ? 20 : 40) + TCP_OFFSET_FLAGS + 1];
    const to = is4 ? packet.subarray(16, 20).join(".") : `v6 ..${packet[39].toString(16)}`;
    if (from === "b" && flags & SYN) syns.push(`${all.clock.now() - start} ${to}`);
    if (from === "b" && flags & 4) resets++;
    return true;
  };
  return Object.assign(all as Pair, { syns, resets: () => resets });
}

async function failure(opened: Promise<unknown>): Promise<SocketError> {
  return opened.then(
    () => expect.fail("opened"),
    (error) => error,
  );
}

test("the second address is tried at once when the first refuses, and what was written goes to it alone", async () => {
  const { a, b, clock, syns } = world(A4, A6);
  const listener = a.listen({ port: 7, hostname: A6 });
  const socket = b.connect({ hostname: "name", port: 7 });
  const written = socket.write(pattern(50_000)).then(() => socket.closeWriting());
  expect((await socket.opened).remoteAddress).toBe(A6);
  const server = await listener.accept();
  expect(isPattern(await readAll(server.readable), 50_000)).toBe(true);
  await written;
  expect(syns).toEqual([`0 ${A4}`, "0 v6 ..1"]);
  await server.close();
  await socket.close();
  await clock.pass(120_000);
  expect(b.sockets()).toEqual([]);
  expect(clock.next).toBe(Number.POSITIVE_INFINITY);
});

test("the second address is tried after 250 ms when the first is silent; the first leaves no trace", async () => {
  const { a, b, clock, syns, resets } = world(SILENT6, A4);
  a.listen({ port: 7 });
  const socket = b.connect({ hostname: "name", port: 7 });
  await clock.pass(249);
  expect(syns).toEqual(["0 v6 ..71"]);
  expect(b.sockets()).toMatchObject([{ state: "SYN-SENT", foreignAddress: SILENT6 }]);
  await clock.pass(1);
  expect((await socket.opened).remoteAddress).toBe(A4);
  expect(b.sockets()).toMatchObject([{ state: "ESTABLISHED", foreignAddress: A4 }]);
  await clock.pass(10_000);
  expect(syns).toEqual(["0 v6 ..71", `250 ${A4}`]);
  expect(resets()).toBe(0);
});

test("the first address wins when it answers before the second is due, which is never tried", async () => {
  const { a, b, clock, syns } = world(A4, A6);
  a.listen({ port: 7 });
  const socket = b.connect({ hostname: "name", port: 7 });
  expect((await socket.opened).remoteAddress).toBe(A4);
  await clock.pass(10_000);
  expect(syns).toEqual([`0 ${A4}`]);
});

test("families take turns, each attempt 250 ms after the one before, and an address given twice is tried once", async () => {
  const { b, clock, syns } = world(SILENT[0], SILENT[1], SILENT[0], SILENT[2], SILENT6);
  b.connect({ hostname: "name", port: 7 });
  await clock.pass(900);
  expect(syns).toEqual([`0 ${SILENT[0]}`, "250 v6 ..71", `500 ${SILENT[1]}`, `750 ${SILENT[2]}`]);
});

test("a refusal of an earlier attempt does not hasten the next one", async () => {
  const { a, b, clock, syns } = world(A4, SILENT6, SILENT[0]);
  a.listen({ port: 7, hostname: A6 });
  b.connect({ hostname: "name", port: 7 });
  await clock.pass(249);
  expect(syns).toEqual([`0 ${A4}`, "0 v6 ..71"]);
  await clock.pass(1);
  expect(syns.slice(2)).toEqual([`250 ${SILENT[0]}`]);
});

test("an IPv6 address is passed over at once by a host without IPv6", async () => {
  const clock = new VirtualClock();
  const [at, to] = linkPair();
  const server = new Host({ link: at, addresses: [`${A4}/24`], clock, random: seeded(1) });
  const lookup = async () => [A6, A4];
  const client = new Host({ link: to, addresses: ["192.0.2.2/24"], clock, random: seeded(2), lookup });
  server.listen({ port: 7 });
  const socket = client.connect({ hostname: "name", port: 7 });
  expect((await socket.opened).remoteAddress).toBe(A4);
});

test("when every address fails the socket does, with the last one's code and all errors as its cause", async () => {
  const { b, clock } = world(SILENT[0], "224.0.0.1", A4, A6);
  const tcp = { synRetries: 1 };
  const socket = b.connect({ hostname: "name", port: 7 }, { tcp });
  const failed = failure(socket.opened);
  const write = failure(socket.write(pattern(10)));
  await clock.pass(60_000);
  const error = await failed;
  expect(error).toMatchObject({ name: "SocketError", code: "ETIMEDOUT", reason: "handshake" });
  expect(error.cause).toBeInstanceOf(AggregateError);
  const { errors } = error.cause as AggregateError;
  const codes = errors.map(({ code }: SocketError) => code).sort();
  expect(codes).toEqual(["ECONNREFUSED", "ECONNREFUSED", "ENETUNREACH", "ETIMEDOUT"]);
  expect(errors.at(-1).code).toBe(error.code);
  expect(await write).toBe(error);
  expect(b.sockets()).toEqual([]);
  expect(clock.next).toBe(Number.POSITIVE_INFINITY);
});

const ENDS: [
  string,
  (socket: ReturnType<Host["connect"]>, host: Host, control: AbortController) => void,
  object,
][] = [
  ["abort", (socket) => socket.abort(new TypeError("enough")), { message: "enough" }],
  ["its signal", (_socket, _host, control) => control.abort(new TypeError("enough")), { message: "enough" }],
  ["close", (socket) => void socket.close(), { reason: "aborted" }],
  ["the host's close", (_socket, host) => host.close(), { code: "ECONNABORTED", reason: "closed" }],
];

test.each(ENDS)("%s ends all attempts, and no other follows", async (_, end, expected) => {
  const { b, clock, syns } = world(SILENT[0], SILENT6, SILENT[1]);
  const control = new AbortController();
  const removed = vi.spyOn(control.signal, "removeEventListener");
  const socket = b.connect({ hostname: "name", port: 7 }, { signal: control.signal });
  const failed = failure(socket.opened);
  await clock.pass(300);
  expect(b.sockets().map(({ state }) => state)).toEqual(["SYN-SENT", "SYN-SENT"]);
  end(socket, b, control);
  expect(b.sockets()).toEqual([]);
  expect(await failed).toMatchObject(expected);
  await clock.pass(10_000);
  expect(syns).toHaveLength(2);
  expect(removed).toHaveBeenCalled();
  expect(clock.next).toBe(Number.POSITIVE_INFINITY);
});

test("a FIN that is asked for before the name is known follows the handshake", async () => {
  for (const addresses of [[A4], [A6, A4]]) {
    const { a, b } = world(...addresses);
    const listener = a.listen({ port: 7 });
    const socket = b.connect({ hostname: "name", port: 7 });
    await socket.closeWriting();
    const server = await listener.accept();
    await turns();
    expect(await server.read(new Uint8Array(1))).toBeNull();
  }
});
