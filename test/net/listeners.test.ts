// What is left of listeners that come and go.
import { afterEach, expect, test, vi } from "vitest";
import { SynCache } from "../../src/tcp/index.ts";
import { A4, pair, turns } from "./virtual.ts";

afterEach(() => void vi.restoreAllMocks());

test.each([false, true])(
  "a listener that is gone leaves nothing behind once another is there, fast open %s",
  async (fastOpen) => {
    const { a, b, clock } = pair();
    for (let i = 0; i < 20; i++) {
      // Settings of its own, and with them a cache of its own for its handshakes.
      const listener = a.listen({ port: 80, fastOpen, tcp: { keepAlive: { idle: 1000 + i } } });
      const socket = b.connect({ hostname: A4, port: 80 });
      const served = await listener.accept();
      await Promise.all([socket.opened, served.opened]);
      socket.abort();
      listener.close();
      await clock.pass(100);
    }
    const asked = vi.spyOn(SynCache.prototype, "requests");
    a.sockets();
    // The last one's: nobody has come since who would see it go.
    expect(asked).toHaveBeenCalledTimes(1);
  },
);

test("a handshake under way outlives what others leave", async () => {
  const world = pair();
  const { a, b, clock } = world;
  const first = a.listen({ port: 80 });
  let isHeld = true;
  // The acknowledgment that ends the handshake takes its time.
  world.wire = (_, from) =>
    !(isHeld && from === "b" && a.sockets().some(({ state }) => state === "SYN-RECEIVED"));
  const slow = b.connect({ hostname: A4, port: 80 });
  await turns();
  expect(
    a
      .sockets()
      .map(({ state }) => state)
      .sort(),
  ).toEqual(["LISTEN", "SYN-RECEIVED"]);
  isHeld = false;
  for (let port = 81; port < 84; port++) {
    const other = a.listen({ port, tcp: { keepAlive: { idle: port } } });
    b.connect({ hostname: A4, port });
    await other.accept();
  }
  expect(a.sockets().filter(({ state }) => state === "SYN-RECEIVED")).toHaveLength(1);
  await clock.pass(5000);
  const served = await first.accept();
  await slow.opened;
  expect([served.status()?.state, a.counters.resetsOut]).toEqual(["ESTABLISHED", 0]);
});
