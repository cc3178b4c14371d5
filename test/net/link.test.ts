import { describe, expect, test } from "vitest";
import { type Link, linkPair, streamLink } from "../../src/net/index.ts";

const ignore = () => {};

/** The packets that `link` delivers from now on, copied as a receiver must. */
function received(link: Link): number[][] {
  const packets: number[][] = [];
  link.start((packet) => packets.push([...packet]), ignore, ignore);
  return packets;
}

describe("a pair of links", () => {
  test("delivers before send returns, and says whether more follows", () => {
    const [a, b] = linkPair({ mtu: 9000 });
    const seen: [number, boolean | undefined][] = [];
    b.start((packet, more) => seen.push([packet[0], more]), ignore, ignore);
    a.start(ignore, ignore, ignore);
    a.send(Uint8Array.of(1), true);
    a.send(Uint8Array.of(2));
    expect(seen).toEqual([
      [1, true],
      [2, false],
    ]);
    expect([a.mtu, b.mtu, a.kind]).toEqual([9000, 9000, "ip"]);
  });

  test("ends at both when one is closed, and carries nothing more", () => {
    const [a, b] = linkPair();
    const packets: Uint8Array[] = [];
    let ended = 0;
    b.start(
      (packet) => packets.push(packet),
      ignore,
      () => ended++,
    );
    a.close?.();
    a.close?.();
    b.close?.();
    b.send(Uint8Array.of(1));
    a.send(Uint8Array.of(2));
    expect([ended, packets.length]).toEqual([1, 0]);
  });
});

describe("a link over streams", () => {
  test("carries a packet a chunk, both ways, and keeps no view of what it was given", async () => {
    const there = new TransformStream<Uint8Array, Uint8Array>(undefined, { highWaterMark: 8 });
    const back = new TransformStream<Uint8Array, Uint8Array>(undefined, { highWaterMark: 8 });
    const a = streamLink({ readable: back.readable, writable: there.writable }, { mtu: 1280 });
    const b = streamLink({ readable: there.readable, writable: back.writable });
    const [atA, atB] = [received(a), received(b)];
    const packet = Uint8Array.of(1, 2, 3);
    a.send(packet);
    packet.fill(0xee);
    b.send(Uint8Array.of(4));
    await settled();
    expect([atB, atA]).toEqual([[[1, 2, 3]], [[4]]]);
    expect([a.mtu, b.mtu, b.kind]).toEqual([1280, 1500, "ip"]);
  });

  test("is full while the writable side asks for patience, and says when that ends", async () => {
    const taken: Uint8Array[] = [];
    let proceed = ignore;
    const writable = new WritableStream<Uint8Array>(
      {
        write: (packet) => {
          taken.push(packet);
          return new Promise((resolve) => {
            proceed = resolve;
          });
        },
      },
      { highWaterMark: 2 },
    );
    const link = streamLink({ readable: new ReadableStream(), writable });
    let ready = 0;
    link.start(ignore, () => ready++, ignore);
    link.send(Uint8Array.of(1));
    expect(link.full).toBe(false);
    link.send(Uint8Array.of(2));
    expect(link.full).toBe(true);
    await settled();
    expect([ready, taken.length]).toEqual([0, 1]);
    proceed();
    await settled();
    expect([link.full, ready]).toEqual([false, 1]);
  });

  test.each([
    ["ends", (c: ReadableStreamDefaultController) => c.close(), undefined],
    ["fails", (c: ReadableStreamDefaultController) => c.error("unplugged"), "unplugged"],
  ])("tells its host when the stream of arrivals %s", async (_, finish, reason) => {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const readable = new ReadableStream<Uint8Array>({
      start: (c) => {
        controller = c;
      },
    });
    const told: unknown[] = [];
    streamLink({ readable, writable: new WritableStream() }).start(ignore, ignore, (error) =>
      told.push(error),
    );
    finish(controller!);
    await settled();
    expect(told).toEqual([reason]);
  });

  test("that fails while a packet is written rejects no promise that nobody holds", async () => {
    const told: unknown[] = [];
    const writable = new WritableStream<Uint8Array>({
      write: () => {
        throw new Error("gone");
      },
    });
    const link = streamLink({ readable: new ReadableStream(), writable });
    link.start(ignore, ignore, (error) => told.push(error));
    link.send(Uint8Array.of(1));
    link.send(Uint8Array.of(2));
    await settled();
    link.close?.();
    await settled();
    expect(told).toEqual([expect.objectContaining({ message: "gone" })]);
  });
});

/** Enough turns for streams to hand over all they have. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
