// Reassembly stays within its bounds, and what it gives stays put for as long as its rows do.
import { expect, test } from "vitest";
import { MAX_DATAGRAMS } from "../../assembly/layout/limits.ts";
import { pcap } from "./files.ts";
import { Harness } from "./harness.ts";
import {
  type Bytes,
  ethernet,
  ethernet6,
  ipv4,
  ipv6,
  join,
  pattern,
  tcp4,
  u16,
  u32,
  vlan,
} from "./packets.ts";

const harness = new Harness();
const MORE = 0x2000;
const datagram = (seq: number) => tcp4({ seq, payload: pattern(100) });
const first = (seq: number, bytes = datagram(seq)) => piece(bytes.slice(0, 64), seq, MORE);
const second = (seq: number, bytes = datagram(seq)) => piece(bytes.slice(64), seq, 8);
const piece = (bytes: Bytes, id: number, fragment: number) => ethernet(ipv4(bytes, { id, fragment }));
const read = (...frames: Uint8Array[]) => harness.read(pcap(frames.map((bytes) => ({ bytes }))));
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

test("as many datagrams as there is room for are put together at a time", () => {
  const all = range(MAX_DATAGRAMS);
  const { rows, counters } = read(...all.map((i) => first(i)), ...all.map((i) => second(i)));
  expect(rows.map(({ seq }) => seq)).toEqual(all);
  expect(counters).toMatchObject({
    COUNT_FRAGMENTS: 2 * MAX_DATAGRAMS,
    COUNT_REASSEMBLED: MAX_DATAGRAMS,
    COUNT_FRAGMENTS_DROPPED: 0,
  });
});

test("one more gives up the oldest, and only that", () => {
  const all = range(MAX_DATAGRAMS + 1);
  const { rows, counters } = read(...all.map((i) => first(i)), ...all.slice(1).map((i) => second(i)));
  expect(rows.map(({ seq }) => seq)).toEqual(all.slice(1));
  expect(counters.COUNT_FRAGMENTS_DROPPED).toBe(1);
});

test("ten thousand first fragments that nothing follows cost no more than the bound", () => {
  const { rows, counters } = read(...range(10_000).map((i) => first(i)), second(9_999));
  expect(rows.map(({ seq }) => seq)).toEqual([9_999]);
  expect(counters.COUNT_FRAGMENTS_DROPPED).toBe(10_000 - MAX_DATAGRAMS);
});

test("more datagrams than are held in one batch: each row has its own bytes", () => {
  const { rows } = read(...range(500).flatMap((i) => [first(i), second(i)]));
  expect(rows).toHaveLength(500);
  rows.forEach((row, i) => {
    expect([row.frame, row.seq, row.checksumStatus]).toEqual([2 * i + 2, i, 1]);
    expect(join(row.header, row.payload)).toEqual(datagram(i));
  });
});

test("the identity counts: addresses, protocol, identification, tags", () => {
  const other = [10, 0, 0, 77];
  const apart = [
    ethernet(ipv4(datagram(1).slice(64), { id: 1, fragment: 8, from: other })),
    ethernet(ipv4(datagram(1).slice(64), { id: 1, fragment: 8, to: other })),
    ethernet(ipv4(datagram(1).slice(64), { id: 1, fragment: 8, protocol: 17 })),
    ethernet(ipv4(datagram(1).slice(64), { id: 2, fragment: 8 })),
    ethernet(vlan(5, 0x0800, second(1).slice(14)), 0x8100),
  ];
  for (const stranger of apart) expect(read(first(1), stranger).rows).toEqual([]);
  expect(read(first(1), ...apart, second(1)).rows).toHaveLength(1);
});

test("fragments that disagree about the end are given up", () => {
  const bytes = datagram(1);
  const cases: Uint8Array[][] = [
    [second(1), piece(bytes.slice(64, 96), 1, 8), first(1)], // two ends
    [second(1), piece(bytes, 1, MORE | 16), first(1)], // data behind the end
    [piece(bytes.slice(64), 1, MORE | 8), piece([1, 2, 3], 1, 1), first(1)], // an end before data
  ];
  for (const frames of cases) {
    const { rows, counters } = read(...frames);
    expect(rows).toEqual([]);
    expect(counters.COUNT_FRAGMENTS_DROPPED).toBe(1);
  }
});

test("a fragment that would reach past 65535 bytes is ignored", () => {
  const { rows } = read(piece(pattern(64), 1, 8191), first(1), second(1));
  expect(rows).toHaveLength(1);
});

test("the longest datagram of IPv4, in 46 fragments backwards", () => {
  const bytes = tcp4({ payload: pattern(65_535 - 20 - 20) });
  const frames = range(46).map((i) => {
    const from = i * 1440;
    const to = Math.min(from + 1440, bytes.length);
    return piece(bytes.slice(from, to), 9, (to < bytes.length ? MORE : 0) | (from >> 3));
  });
  const [row, ...more] = read(...frames.reverse()).rows;
  expect(more).toEqual([]);
  expect([row.checksumStatus, row.payloadLength]).toEqual([1, 65_495]);
});

test("fragments of less than 8 bytes and more to come are ignored, of others the odd bytes", () => {
  expect(read(piece(pattern(7), 1, MORE), first(1), second(1)).rows).toHaveLength(1);
  const bytes = datagram(1);
  const odd = piece(bytes.slice(0, 69), 1, MORE);
  expect(read(odd, second(1)).rows).toMatchObject([{ checksumStatus: 1 }]);
});

test("an IPv6 datagram goes on with the protocol that its first fragment names", () => {
  const bytes = join(u16(1), u16(2), pattern(60));
  const fragment = (next: number, bits: number, content: Bytes) =>
    ethernet6(ipv6(join([next, 0], u16(bits), u32(5), content), { next: 44 }));
  const frames = [fragment(17, 64, bytes), fragment(6, 1, pattern(64))];
  expect(read(...frames).rows).toHaveLength(1);
  expect(read(...frames.reverse()).rows).toHaveLength(1);
});

test("reset forgets fragments of the capture before", () => {
  expect(read(first(1)).rows).toEqual([]);
  expect(read(second(1)).rows).toEqual([]);
});
