// RFC 4987: SYNs from addresses that nobody has. What they cost is bounded, and who is honest gets through.
import { expect, test } from "vitest";
import { Host, linkPair } from "../../src/net/index.ts";
import { sharedCodec } from "../../src/wasm/memory.ts";
import { checksum, SYN } from "../../src/wire/index.ts";
import { put16, tcp } from "./packets.ts";
import { A4, isPattern, pattern, readAll, seeded, turns, VirtualClock } from "./virtual.ts";

const MILLION = 1_000_000;

test("a million SYNs from spoofed addresses take fixed memory, and a good client still connects", async () => {
  const clock = new VirtualClock();
  const [link, wire] = linkPair();
  const server = new Host({ link, addresses: [`${A4}/24`], clock, random: seeded(1) });
  const listener = server.listen({ port: 80 });
  // A host behind the same cable, whose packets meet those of the flood.
  const [atClient, behind] = linkPair();
  const client = new Host({ link: atClient, addresses: ["198.51.100.7/24"], clock, random: seeded(2) });
  let answered = 0;
  wire.start(
    (packet, more) => {
      if (packet[16] === 198) behind.send(packet, more);
      else answered++;
    },
    () => {},
    () => {},
  );
  behind.start(
    (packet, more) => wire.send(packet, more),
    () => {},
    () => {},
  );
  const half = 10_000;
  flood(0, half, (syn, more) => wire.send(syn, more));
  const [rows, memory] = [server.sockets().length, sharedCodec().u8.length];
  expect(rows).toBeLessThanOrEqual(1025);
  flood(1, MILLION - half, (syn, more) => wire.send(syn, more));
  expect(answered).toBe(MILLION);
  expect(server.counters.cookiesSent).toBeGreaterThanOrEqual(MILLION - 1024);
  expect([server.sockets().length, sharedCodec().u8.length]).toEqual([rows, memory]);

  const socket = client.connect({ hostname: A4, port: 80 });
  const served = await listener.accept();
  expect(server.counters.cookiesTaken).toBe(1);
  void served.write(pattern(50_000)).then(() => served.closeWriting());
  expect(isPattern(await readAll(socket.readable), 50_000)).toBe(true);
  expect(socket.status()?.options).toMatchObject({ sack: true, timestamps: true, windowScaling: true });

  // Minutes later nothing is left of it.
  await served.read(new Uint8Array(1));
  await clock.pass(300_000);
  await turns();
  expect(server.sockets().map(({ state }) => state)).toEqual(["LISTEN"]);
  expect(clock.next).toBe(Number.POSITIVE_INFINITY);
}, 120_000);

/** SYNs from `count` addresses, 10.`from`.0.0 and on, in batches as an interface has them. */
function flood(from: number, count: number, send: (syn: Uint8Array, more: boolean) => void): void {
  const fields = { srcPort: 4000, dstPort: 80, seq: 0xffff, flags: SYN, window: 1024 };
  for (let high = from; count > 0; high++) {
    const syn = tcp({ src: `10.${high}.0.0`, dst: A4 }, { ...fields, options: { mss: 1460 } });
    put16(syn, 4, 0xffff);
    put16(syn, 10, 0);
    put16(syn, 10, checksum(syn.subarray(0, 20)));
    for (let low = 0; low <= 0xffff && count > 0; low++, count--) {
      // What the address gains, the identification and the sequence number lose: no checksum changes.
      put16(syn, 14, low);
      put16(syn, 4, 0xffff - low);
      put16(syn, 26, 0xffff - low);
      send(syn, count > 1 && (low & 31) !== 31);
    }
  }
}
