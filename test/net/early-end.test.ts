// Ends that are asked for while the SYN is still on its way: CLOSE in SYN-SENT would delete the connection (RFC 9293
// 3.10.4), and with it what was written.
import { expect, test } from "vitest";
import type { Socket } from "../../src/net/index.ts";
import { A4, isPattern, pair, pattern, readAll } from "./virtual.ts";

/** A cable that loses the first packet from "b": its SYN, which goes again after a second. */
function slow() {
  const all = pair();
  let lost = 0;
  all.wire = (_, from) => from !== "b" || lost++ > 0;
  const listener = all.a.listen({ port: 7 });
  const socket = all.b.connect({ hostname: A4, port: 7 });
  expect(all.b.sockets().map(({ state }) => state)).toEqual(["SYN-SENT"]);
  return { ...all, listener, socket };
}

const ends: [string, (socket: Socket) => unknown][] = [
  ["closeWriting", (socket) => socket.closeWriting()],
  ["close", (socket) => socket.close()],
];

test.each(ends)("%s behind what was written at once: all of it arrives, then the FIN", async (_, end) => {
  const { clock, listener, socket } = slow();
  await socket.write(pattern(5000));
  end(socket);
  await clock.pass(2000);
  const server = await listener.accept();
  expect(isPattern(await readAll(server.readable), 5000)).toBe(true);
  await server.close();
  await socket.close();
});

test("the writable stream is closed at once: what was written to it arrives", async () => {
  const { clock, listener, socket } = slow();
  const writer = socket.writable.getWriter();
  const written = [writer.write(pattern(5000)), writer.close()];
  await clock.pass(2000);
  const server = await listener.accept();
  expect(isPattern(await readAll(server.readable), 5000)).toBe(true);
  await Promise.all(written);
  await server.close();
  await socket.close();
});

test("closeWriting of a socket that has written nothing is a FIN too; it reads on", async () => {
  const { clock, listener, socket } = slow();
  await socket.closeWriting();
  await clock.pass(2000);
  const server = await listener.accept();
  expect(await server.read(new Uint8Array(1))).toBeNull();
  await socket.close();
});

test("close of a socket that has written nothing gives the attempt up", async () => {
  const { b, clock, socket } = slow();
  const opened = expect(socket.opened).rejects.toMatchObject({ code: "ECONNABORTED" });
  await socket.close();
  await opened;
  expect(b.sockets()).toEqual([]);
  await clock.pass(120_000);
  expect(clock.next).toBe(Number.POSITIVE_INFINITY);
});
