import { describe, expect, test } from "vitest";
import { Host, type Link, linkPair } from "../../src/net/index.ts";
import { fillChecksum } from "../../src/wire/index.ts";
import { ipv4, ipv6 } from "./packets.ts";
import { A4, A6, B4, B6, isPattern, pattern, readAll, seeded, VirtualClock } from "./virtual.ts";

const MTU = 1500;
const PSH = 8;

/** What a network card does with a long segment: pieces of `size` bytes, each with the header, its number and its sums. */
function cut(packet: Uint8Array, size: number): Uint8Array[] {
  const isV4 = packet[0] >> 4 === 4;
  const ends = isV4 ? { src: A4, dst: B4 } : { src: A6, dst: B6 };
  const segment = packet.subarray(isV4 ? 20 : 40);
  const header = (segment[12] >> 4) * 4;
  const pieces: Uint8Array[] = [];
  for (let at = header; at < segment.length; at += size) {
    const end = Math.min(at + size, segment.length);
    const piece = new Uint8Array(header + end - at);
    piece.set(segment.subarray(0, header));
    piece.set(segment.subarray(at, end), header);
    const view = new DataView(piece.buffer);
    view.setUint32(4, view.getUint32(4) + at - header);
    if (end < segment.length) piece[13] &= ~PSH;
    fillChecksum(piece, ends);
    pieces.push(isV4 ? ipv4(ends, 6, piece) : ipv6(ends, 6, piece));
  }
  return pieces;
}

interface Seen {
  /** Sizes told of packets that were to be cut, and how many pieces that made. */
  readonly sizes: Set<number>;
  readonly counts: number[];
}

/** `link` with a network card that cuts; `passes` says which pieces get through. */
function cutting(link: Link, seen: Seen, passes: () => boolean): Link {
  return {
    kind: link.kind,
    mtu: link.mtu,
    segmentation: true,
    start: (receive, ready, ended) => link.start(receive, ready, ended),
    send(packet, more, size = 0) {
      if (size === 0) {
        expect(packet.length).toBeLessThanOrEqual(MTU);
        if (passes()) link.send(packet, more);
        return;
      }
      const pieces = cut(packet, size);
      seen.sizes.add(size);
      seen.counts.push(pieces.length);
      for (const piece of pieces) {
        expect(piece.length).toBeLessThanOrEqual(MTU);
        if (passes()) link.send(piece, true);
      }
    },
  };
}

/** Two hosts, of which `a` sends by the first link. */
function hosts(atA: Link, atB: Link) {
  const clock = new VirtualClock();
  const a = new Host({ clock, random: seeded(1), link: atA, addresses: [`${A4}/24`, `${A6}/64`] });
  const b = new Host({ clock, random: seeded(2), link: atB, addresses: [`${B4}/24`, `${B6}/64`] });
  return { clock, a, b };
}

/** What `b` reads of so many bytes that `a` sends. */
async function transferred({ clock, a, b }: ReturnType<typeof hosts>, to: string, length: number) {
  const listener = b.listen({ port: 7 });
  const socket = a.connect({ hostname: to, port: 7 });
  let got: Uint8Array | undefined;
  void listener.accept().then(async (server) => {
    got = await readAll(server.readable);
  });
  void socket.write(pattern(length)).then(() => socket.closeWriting());
  for (let minute = 0; minute < 60 && got === undefined; minute++) await clock.pass(60_000);
  return got;
}

describe.each([
  ["IPv4", B4, 1448],
  ["IPv6", B6, 1428],
])("over %s", (_, to, mss) => {
  test("a link that cuts gets long segments in pieces of the MSS, as many as fit 65,535 bytes", async () => {
    const [inner, atB] = linkPair({ mtu: MTU });
    const seen: Seen = { sizes: new Set(), counts: [] };
    const both = hosts(
      cutting(inner, seen, () => true),
      atB,
    );
    expect(isPattern(await transferred(both, to, 1e6), 1e6)).toBe(true);
    expect([...seen.sizes]).toEqual([mss]);
    expect(Math.min(...seen.counts)).toBeGreaterThan(1);
    expect(Math.max(...seen.counts)).toBe(Math.trunc((65535 - 72) / mss));
    expect(both.b.counters).toMatchObject({ malformed: 0, badChecksums: 0 });
  });

  test("pieces are lost one by one, and only they are sent again", async () => {
    const [inner, atB] = linkPair({ mtu: MTU });
    const seen: Seen = { sizes: new Set(), counts: [] };
    let count = 0;
    let lost = 0;
    const both = hosts(
      cutting(inner, seen, () => {
        if (++count % 40 !== 0) return true;
        lost++;
        return false;
      }),
      atB,
    );
    expect(isPattern(await transferred(both, to, 1e6), 1e6)).toBe(true);
    expect(lost).toBeGreaterThan(10);
    expect(seen.counts.length).toBeGreaterThan(10);
    // The handshake, the FIN, and of the last bytes a probe or two come on top.
    expect(count - lost - Math.ceil(1e6 / mss)).toBeLessThan(lost);
  });

  test("a cable that cuts nothing hands them over as they are", async () => {
    const [inner, atB] = linkPair({ mtu: MTU, segmentation: true });
    const lengths: number[] = [];
    const watched: Link = {
      kind: inner.kind,
      mtu: inner.mtu,
      segmentation: inner.segmentation,
      start: (receive, ready, ended) => inner.start(receive, ready, ended),
      send(packet, more, size) {
        lengths.push(packet.length);
        inner.send(packet, more, size);
      },
    };
    const both = hosts(watched, atB);
    expect(isPattern(await transferred(both, to, 1e6), 1e6)).toBe(true);
    expect(Math.max(...lengths)).toBeGreaterThan(60_000);
    expect(both.b.counters).toMatchObject({ malformed: 0, badChecksums: 0, overruns: 0 });
  });
});
