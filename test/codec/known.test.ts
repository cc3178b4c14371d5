// Options whose layout the codec knows from headers before give the columns that a walk through them gives.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KNOWN_LAYOUTS, KNOWN_SIZE } from "../../assembly/layout/columns.ts";
import { pcap, Section } from "./files.ts";
import { Harness, type Row } from "./harness.ts";
import { ethernet, ethernet6, ipv4, ipv6, tcp4, tcp6, u32, udp, vlan } from "./packets.ts";

const PADDED = [1, 1, 8, 10, ...u32(0x01020304), ...u32(0x05060708)];

// One byte, or kind, length and content. The common kinds often, each with lengths that are right and some that are not.
const option = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom([1], [1], [0]) },
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(
        [2, 4],
        [3, 3],
        [4, 2],
        [5, 10],
        [5, 18],
        [5, 2],
        [8, 10],
        [2, 3],
        [8, 9],
        [34, 2],
        [30, 3],
      )
      .chain(filled),
  },
  { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 2, max: 255 }), fc.nat(24)).chain(filled) },
);

function filled([kind, length]: readonly number[]): fc.Arbitrary<number[]> {
  const size = Math.max(length - 2, 0);
  return fc.array(fc.nat(255), { minLength: size, maxLength: size }).map((rest) => [kind, length, ...rest]);
}

const layout = fc
  .tuple(fc.boolean(), fc.array(option, { maxLength: 8 }))
  .map(([padded, list]) => [...(padded ? PADDED : []), ...list.flat()].slice(0, 40));

/** Where bytes of kind and length are: all others may change without changing the layout. */
function structure(options: readonly number[]): Set<number> {
  const at = new Set<number>();
  for (let i = 0; i < options.length; i += Math.max(options[i + 1], 2)) {
    at.add(i);
    if (options[i] === 0) break;
    if (options[i] === 1) {
      i -= 1;
      continue;
    }
    at.add(i + 1);
  }
  return at;
}

// Headers of one layout, and some in which a byte is another, whichever it is.
const alike = layout.chain((options) => {
  const fixed = structure(options);
  const content = fc.array(fc.nat(255), { minLength: options.length, maxLength: options.length });
  const same = content.map((bytes) => options.map((byte, i) => (fixed.has(i) ? byte : bytes[i])));
  const other = fc
    .tuple(same, fc.nat(Math.max(options.length - 1, 0)), fc.nat(255))
    .map(([bytes, at, byte]) => bytes.map((old, i) => (i === at ? byte : old)));
  return fc.array(fc.oneof({ weight: 4, arbitrary: same }, { weight: 1, arbitrary: other }), {
    minLength: 2,
    maxLength: 6,
  });
});

const segment = ({ time, frame, frameCaptured, frameLength, vlan, ...rest }: Row) => rest;
const harness = new Harness();

test("in any mix of layouts, known or not, whatever is around them", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(alike, fc.boolean()), { minLength: 1, maxLength: 6 }), (groups) => {
      // By turns, so that layouts come back behind others.
      const most = Math.max(...groups.map(([headers]) => headers.length));
      const packets = Array.from({ length: most }, (_, i) =>
        groups.flatMap(([headers, six]) => (i < headers.length ? [{ options: headers[i], six }] : [])),
      )
        .flat()
        .map(({ options, six }) => ({ six, ip: six ? ipv6(tcp6({ options })) : ipv4(tcp4({ options })) }));
      const type = (six: boolean) => (six ? 0x86dd : 0x0800);
      const framed = (around: (ip: Uint8Array, six: boolean) => Uint8Array) =>
        packets.map(({ ip, six }) => ({ bytes: around(ip, six) }));
      // Under three tags no frame is straight: there options are always walked through.
      const walked = framed((ip, six) =>
        ethernet(vlan(1, 0x8100, vlan(2, 0x8100, vlan(3, type(six), ip))), 0x88a8),
      );
      const expected = harness.read(pcap(walked));
      const plain = framed((ip, six) => ethernet(ip, type(six)));
      const tagged = framed((ip, six) => ethernet(vlan(9, type(six), ip), 0x8100));
      const section = new Section();
      for (const frame of plain) section.enhanced(frame);
      for (const surroundings of [0, 255] as const) {
        for (const file of [pcap(plain), pcap(plain), section.bytes, pcap(tagged)]) {
          const { rows, counters } = harness.read(file, { surroundings });
          expect(rows.map(segment)).toEqual(expected.rows.map(segment));
          expect(counters.COUNT_MALFORMED_TCP).toBe(expected.counters.COUNT_MALFORMED_TCP);
          expect(counters.COUNT_CHECKSUM).toBe(expected.counters.COUNT_CHECKSUM);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test.each([
  ["alone", []],
  ["behind timestamps", PADDED],
])("every kind with every length, %s", (_, before) => {
  for (let length = 0; length <= 40 - before.length; length++) {
    const rest = Array(Math.max(length - 2, 0)).fill(7);
    const packets = Array.from({ length: 256 }, (_, kind) =>
      ipv4(tcp4({ options: [...before, kind, length, ...rest] })),
    );
    const tags = (ip: Uint8Array) => vlan(1, 0x8100, vlan(2, 0x8100, vlan(3, 0x0800, ip)));
    const expected = harness.read(pcap(packets.map((ip) => ({ bytes: ethernet(tags(ip), 0x88a8) }))));
    const plain = pcap(packets.map((ip) => ({ bytes: ethernet(ip) })));
    // None has been met before, then all that fit among the last ones.
    for (let round = 0; round < 2; round++) {
      expect(harness.read(plain).rows.map(segment)).toEqual(expected.rows.map(segment));
    }
  }
});

const SYN = [2, 4, 5, 180, 4, 2, 8, 10, ...u32(7), ...u32(0), 1, 3, 3, 7];
const SACK = [1, 1, 5, 18, ...u32(1), ...u32(2), ...u32(3), ...u32(4)];
const frames = (all: readonly (readonly number[])[]) =>
  pcap(all.map((options) => ({ bytes: ethernet(ipv4(tcp4({ options }))) })));

describe("a layout", () => {
  test.each([
    ["Linux's SYN", SYN],
    ["a SYN without timestamps", [2, 4, 5, 180, 1, 1, 4, 2, 1, 3, 3, 8]],
    ["MSS alone", [2, 4, 5, 180]],
    ["SACK", SACK],
    ["SACK behind timestamps", [...PADDED, ...SACK]],
    ["an unknown kind behind timestamps", [...PADDED, 77, 9, 1, 2, 3, 4, 5, 6, 7, 1, 1, 1]],
    ["kinds up to the last byte that is compared", [34, 30, ...Array(28).fill(9), 4, 2]],
  ])("is learned once: %s", (_, options) => {
    const fresh = new Harness();
    const blank = fresh.known();
    fresh.read(frames([options, options]));
    const learned = fresh.known();
    expect(learned).not.toEqual(blank);
    fresh.read(frames([options]));
    expect(fresh.known()).toEqual(learned);
  });

  test.each([
    ["none at all", []],
    ["padded timestamps, which need none", PADDED],
    ["two of SACK", [...SACK, ...SACK.slice(0, 2), 5, 10, ...u32(5), ...u32(6)]],
    ["a length that no RFC allows", [2, 3, 5, 1]],
    ["a length of zero", [77, 0, 1, 1]],
    ["a length of one", [77, 1, 1, 1]],
    ["a length of zero behind timestamps", [...PADDED, 1, 1, 77, 0]],
    ["one that is cut", [1, 1, 1, 8]],
    ["one that passes the end", [2, 5, 0, 0]],
    ["padding behind the bytes that are compared", [34, 32, ...Array(30).fill(9), 1, 1, 1, 1]],
    ["kinds behind the bytes that are compared", [34, 32, ...Array(30).fill(9), 4, 2, 1, 1]],
  ])("is not learned: %s", (_, options) => {
    const fresh = new Harness();
    fresh.read(frames([options, options]));
    // What is begun and not finished has no key.
    expect(fresh.known().subarray(0, 4)).toEqual(new Uint8Array(4));
  });

  test("gives way to later ones, the oldest first, and comes back", () => {
    const many = Array.from({ length: KNOWN_LAYOUTS + 4 }, (_, i) => [100 + i, 4, i, 255 - i]);
    const fresh = new Harness();
    const { rows } = fresh.read(frames(many));
    expect(rows.map(({ optionsSeen, status }) => [optionsSeen, status])).toEqual(many.map(() => [32, 0]));
    const at = (place: number) => fresh.known()[place * KNOWN_SIZE + 32];
    // What a layout compares begins with the first kind: the newest have taken the first places.
    expect([at(0), at(3), at(4), at(KNOWN_LAYOUTS - 1)]).toEqual([
      100 + KNOWN_LAYOUTS,
      100 + KNOWN_LAYOUTS + 3,
      104,
      100 + KNOWN_LAYOUTS - 1,
    ]);
    fresh.read(frames([many[0]]));
    expect(at(4)).toBe(100);
  });
});

test("a frame that ends a run leaves nothing in the row that the next one takes", () => {
  const unknown = (n: number) => [200 + n, 4, 0, 0];
  const all = [
    ethernet(ipv4(tcp4({ options: PADDED }))),
    ethernet(vlan(5, 0x0800, ipv4(udp([1, 2, 3, 4], 1, 2), { protocol: 17 })), 0x8100),
    ethernet(ipv4(tcp4({ options: PADDED }))),
    ethernet(vlan(6, 0x86dd, ipv6(udp([1, 2, 3, 4], 1, 2), { next: 17 })), 0x8100),
    ethernet6(ipv6(tcp6({ options: unknown(1) }))),
    ethernet6(ipv6(tcp6({ options: unknown(2) }))),
    ethernet(vlan(7, 0x86dd, ipv6(tcp6({ options: unknown(3) }))), 0x8100),
    ethernet(ipv4(tcp4({ options: SACK }))),
    ethernet6(ipv6(tcp6({ options: PADDED }))),
  ];
  for (let round = 0; round < 3; round++) {
    const { rows } = harness.read(pcap(all.map((bytes) => ({ bytes }))));
    expect(
      rows.map(({ vlan, ipVersion, src, headerLength }) => [vlan, ipVersion, src, headerLength]),
    ).toEqual([
      [0, 4, "10.0.0.1", 32],
      [0, 4, "10.0.0.1", 32],
      [0, 6, "2001:db8::1", 24],
      [0, 6, "2001:db8::1", 24],
      [7, 6, "2001:db8::1", 24],
      [0, 4, "10.0.0.1", 40],
      [0, 6, "2001:db8::1", 32],
    ]);
  }
});
