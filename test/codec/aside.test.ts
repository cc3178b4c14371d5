// Frames without TCP are counted aside in the runs of little-endian files; those of big-endian ones are taken one by
// one, each through its layers. Both say the same.
import fc from "fast-check";
import { expect, test } from "vitest";
import { LINKTYPE_LINUX_SLL, LINKTYPE_RAW } from "../../assembly/layout/capture.ts";
import { ROWS } from "../../assembly/layout/columns.ts";
import { type Frame, pcap, Section } from "./files.ts";
import { Harness, type Row } from "./harness.ts";
import { extension, ipv4, ipv6, join, tcp4, tcp6, udp, vlan, zeros } from "./packets.ts";

const harness = new Harness();
const NANO = 0xa1b23c4d;

/** What lies behind a link header, with its EtherType. */
interface Packet {
  type: number;
  bytes: Uint8Array;
}

const four = (bytes: Uint8Array): Packet => ({ type: 0x0800, bytes });
const six = (bytes: Uint8Array): Packet => ({ type: 0x86dd, bytes });
const tunnelPorts = [1701, 2152, 3544, 4341, 4789, 4790, 6081, 6635, 8472];

const payload = fc.uint8Array({ maxLength: 60 });
const port = fc.oneof(fc.nat(65535), fc.constantFrom(...tunnelPorts, 1700, 8473));
/** Lengths in headers: mostly what is true, which is 0 here, else off by so many bytes. */
const error = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: -40, max: 40 }) },
);
const atLeast0 = (n: number) => Math.max(n, 0);

const segment = fc
  .tuple(fc.boolean(), payload, fc.nat({ max: 0xffffffff }))
  .map(([isSix, bytes, seq]) =>
    isSix ? six(ipv6(tcp6({ payload: bytes, seq }))) : four(ipv4(tcp4({ payload: bytes, seq }))),
  );
const datagram = fc
  .tuple(fc.boolean(), payload, port, port, error, error)
  .map(([isSix, bytes, a, b, x, y]) => {
    const content = udp(bytes, a, b, atLeast0(bytes.length + 8 + x));
    return isSix
      ? six(ipv6(content, { next: 17, length: atLeast0(content.length + y) }))
      : four(ipv4(content, { protocol: 17, length: atLeast0(content.length + 20 + y) }));
  });
const otherProtocol = fc
  .tuple(fc.boolean(), payload, fc.constantFrom(1, 58, 1, 58, 2, 6, 17, 89))
  .map(([isSix, bytes, protocol]) =>
    isSix ? six(ipv6(bytes, { next: protocol })) : four(ipv4(bytes, { protocol })),
  );
const fragment = fc
  .tuple(payload, fc.constantFrom(6, 17), fc.nat(3), fc.nat(4), fc.boolean())
  .map(([bytes, protocol, id, offset, more]) =>
    four(ipv4(bytes, { protocol, id, fragment: offset | (more ? 0x2000 : 0) })),
  );
const withOptions = fc
  .tuple(fc.boolean(), payload, port)
  .map(([isSix, bytes, from]) =>
    isSix
      ? six(ipv6(extension(17, zeros(6), udp(bytes, from, 53)), { next: 60 }))
      : four(ipv4(udp(bytes, from, 53), { protocol: 17, options: [1, 1, 1, 0] })),
  );
const noIp = fc
  .tuple(
    fc.constantFrom(0x0806, 0x0806, 0x0800, 0x86dd, 0x88cc, 0x8847, 60),
    fc.uint8Array({ maxLength: 90 }),
  )
  .map(([type, bytes]) => ({ type, bytes }));

const packets = fc.oneof(
  { weight: 6, arbitrary: segment },
  { weight: 6, arbitrary: datagram },
  { weight: 2, arbitrary: otherProtocol },
  { weight: 1, arbitrary: fragment },
  { weight: 1, arbitrary: withOptions },
  { weight: 3, arbitrary: noIp },
);
const frames = fc.record({
  packet: packets,
  tags: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat(3) }),
  trailer: fc.nat(20),
  /** Bytes that are left of it, for the snapshot length or because nobody sent more. */
  kept: fc.oneof({ weight: 5, arbitrary: fc.constant(1e9) }, { weight: 1, arbitrary: fc.nat(90) }),
  cut: fc.boolean(),
  time: fc.nat(5000),
});
type Made = typeof frames extends fc.Arbitrary<infer T> ? T : never;

const links: [string, number, (packet: Packet) => Uint8Array][] = [
  ["Ethernet", 1, ({ type, bytes }) => join(zeros(12), [type >> 8, type & 255], bytes)],
  ["Linux cooked", LINKTYPE_LINUX_SLL, ({ type, bytes }) => join(zeros(14), [type >> 8, type & 255], bytes)],
  ["raw IP", LINKTYPE_RAW, ({ bytes }) => bytes],
];

function frameOf(
  { packet, tags, trailer, kept, cut, time }: Made,
  link: (packet: Packet) => Uint8Array,
): Frame {
  let { type, bytes: inner } = packet;
  for (let n = 0; n < tags; n++) {
    inner = vlan(n + 1, type, inner);
    type = [0x8100, 0x88a8, 0x9100][n % 3];
  }
  const whole = join(link({ type, bytes: inner }), zeros(trailer));
  const bytes = whole.subarray(0, kept);
  return { bytes, length: cut ? whole.length : bytes.length, time: 1_700_000_000_000_000n + BigInt(time) };
}

test.each(links)(
  "in any mix of frames, under %s, in pcap and pcapng, whatever the window",
  (_, linkType, link) => {
    fc.assert(
      fc.property(
        fc.array(frames, { minLength: 1, maxLength: 40, size: "max" }),
        fc.boolean(),
        fc.integer({ min: 250, max: 1000 }),
        (made, verify, window) => {
          const all = made.map((each) => frameOf(each, link));
          const section = (bigEndian: boolean) =>
            all.reduce(
              (to, frame) => to.enhanced(frame),
              new Section({ bigEndian, interfaces: [{ linkType }] }),
            ).bytes;
          const ways = [
            [pcap(all, { linkType, magic: NANO }), pcap(all, { linkType, magic: NANO, bigEndian: true })],
            [section(false), section(true)],
          ];
          for (const [runs, singly] of ways) {
            const expected = harness.read(singly, { verify });
            expect(expected.counters.COUNT_FRAMES).toBe(all.length);
            expect(harness.read(runs, { verify })).toEqual(expected);
            expect(harness.read(runs, { verify, window })).toEqual(expected);
            // Cut anywhere, the file ends in the same error after the same rows.
            const end = runs.length - 1 - (window % 60);
            expect(harness.read(runs.subarray(0, end), { verify })).toEqual(
              harness.read(singly.subarray(0, end), { verify }),
            );
          }
        },
      ),
      { numRuns: 120 },
    );
  },
);

test("where a batch is full, on either side of it and in between", () => {
  const tcp = frameOf(still(four(ipv4(tcp4()))), links[0][2]);
  const quic = frameOf(still(four(ipv4(udp(zeros(30), 50_000, 443), { protocol: 17 }))), links[0][2]);
  const six = frameOf(
    still({ type: 0x86dd, bytes: ipv6(udp(zeros(30), 50_000, 443), { next: 17 }) }),
    links[0][2],
  );
  const others = [quic, six];
  const expected = (all: Frame[]) => all.flatMap((frame, i) => (frame === tcp ? [i + 1] : []));
  for (const segmentsBefore of [ROWS - 2, ROWS - 1, ROWS, ROWS + 1]) {
    const all = [
      ...Array<Frame>(segmentsBefore).fill(tcp),
      ...others,
      tcp,
      ...others,
      ...others,
      tcp,
      tcp,
      ...others,
    ];
    const { rows, counters, error } = harness.read(pcap(all));
    expect(error).toBe(0);
    expect(counters).toMatchObject({
      COUNT_FRAMES: all.length,
      COUNT_TCP: segmentsBefore + 3,
      COUNT_UDP: 8,
      COUNT_IPV6: 4,
      COUNT_IPV4: segmentsBefore + 7,
    });
    expect(rows.map((row: Row) => row.frame)).toEqual(expected(all));
  }
});

function still(packet: Packet): Made {
  return { packet, tags: 0, trailer: 0, kept: 1e9, cut: false, time: 0 };
}
