// Frames that are taken on the straight line give the rows that the walk through the layers gives.
import fc from "fast-check";
import { expect, test } from "vitest";
import { LINKTYPE_LINUX_SLL, LINKTYPE_NULL, LINKTYPE_RAW } from "../../assembly/layout/capture.ts";
import { pcap, Section } from "./files.ts";
import { Harness, type Row } from "./harness.ts";
import {
  A4,
  A6,
  B4,
  B6,
  ethernet,
  ipv4,
  ipv6,
  join,
  partialChecksum,
  tcp4,
  tcp6,
  vlan,
  zeros,
} from "./packets.ts";

const harness = new Harness();

const options = fc.oneof(
  fc.constant<number[]>([]),
  fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => [1, 1, 8, 10, ...four(a), ...four(b)]),
  fc.constant([2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7]),
  fc.nat().map((n) => [1, 1, 8, 10, ...four(n), ...four(1), 1, 1, 5, 10, ...four(n), ...four(n + 9)]),
  fc.array(fc.nat(255), { maxLength: 40, size: "max" }),
);
const packet = fc.record({
  six: fc.boolean(),
  options,
  // All lengths up to that alike: each takes its own way through the checksum.
  payload: fc.uint8Array({ maxLength: 400, size: "max" }),
  seq: fc.nat({ max: 0xffffffff }),
  ack: fc.nat({ max: 0xffffffff }),
  flags: fc.nat(0xfff),
  window: fc.nat(65535),
  urgent: fc.nat(65535),
  sum: fc.constantFrom("good", "partial", "other"),
  offset: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat(15) }),
  hops: fc.nat(255),
  traffic: fc.nat(255),
  trailer: fc.nat(12),
});

function four(n: number): number[] {
  return [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
}

type Fields = typeof packet extends fc.Arbitrary<infer T> ? T : never;

function build({ six, sum, hops, traffic, ...fields }: Fields): Uint8Array {
  const length = 20 + Math.ceil(fields.options.length / 4) * 4 + fields.payload.length;
  const checksum =
    sum === "other"
      ? 0x1234
      : sum === "partial"
        ? partialChecksum(length, six ? A6 : A4, six ? B6 : B4)
        : undefined;
  return six
    ? ipv6(tcp6({ ...fields, checksum }), { hopLimit: hops, trafficClass: traffic })
    : ipv4(tcp4({ ...fields, checksum }), { ttl: hops, trafficClass: traffic });
}

/** What a row says of its packet, and not of what lies around it. */
const segment = ({ time, frame, frameCaptured, frameLength, vlan, interfaceId, ...rest }: Row) => rest;

test("under Ethernet, one and two tags, cooked or bare, alone or in a run, as under three tags", () => {
  fc.assert(
    fc.property(fc.array(packet, { minLength: 1, maxLength: 8 }), fc.boolean(), (all, verify) => {
      const packets = all.map((fields) => ({
        ip: build(fields),
        six: fields.six,
        end: zeros(fields.trailer),
      }));
      const type = (six: boolean) => (six ? 0x86dd : 0x0800);
      const framed = (around: (ip: Uint8Array, six: boolean) => Uint8Array) =>
        packets.map(({ ip, six, end }) => ({ bytes: join(around(ip, six), end) }));
      const walked = framed((ip, six) =>
        ethernet(vlan(1, 0x8100, vlan(2, 0x8100, vlan(3, type(six), ip))), 0x88a8),
      );
      const expected = harness.read(pcap(walked), { verify });
      const plain = framed((ip, six) => ethernet(ip, type(six)));
      const ways = [
        pcap(plain),
        pcap(plain, { bigEndian: true }),
        plain.reduce<Section>((section, frame) => section.enhanced(frame), new Section()).bytes,
        pcap(framed((ip, six) => ethernet(vlan(9, type(six), ip), 0x8100))),
        pcap(framed((ip, six) => ethernet(vlan(9, 0x8100, vlan(8, type(six), ip)), 0x9100))),
        pcap(
          framed((ip, six) => join(zeros(14), six ? [0x86, 0xdd] : [8, 0], ip)),
          { linkType: LINKTYPE_LINUX_SLL },
        ),
        pcap(
          framed((ip) => ip),
          { linkType: LINKTYPE_RAW },
        ),
        pcap(
          framed((ip, six) => join([0, 0, 0, six ? 30 : 2], ip)),
          { linkType: LINKTYPE_NULL },
        ),
      ];
      for (const [i, file] of ways.entries()) {
        const { rows, counters } = harness.read(file, { verify });
        expect(rows.map(segment), `way ${i}`).toEqual(expected.rows.map(segment));
        const { COUNT_BYTES, COUNT_CAPTURED, ...counts } = expected.counters;
        expect(counters).toMatchObject(counts);
      }
    }),
    { numRuns: 150 },
  );
});

test("columns that are the same in most rows hold nothing of the batch before", () => {
  const usual = ipv4(tcp4({ options: [1, 1, 8, 10, 0, 0, 0, 7, 0, 0, 0, 9] }));
  const syn = tcp4({ options: [2, 4, 5, 180, 1, 3, 3, 7, 4, 2, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2] });
  const unusual = [
    ethernet(ipv4(syn)),
    ethernet(ipv4(tcp4({ checksum: 0x1234 }))),
    ethernet(ipv4(tcp4({ options: [2, 0, 0, 0] }))),
    ethernet(ipv6(tcp6()), 0x86dd),
    ethernet(ipv6(tcp6()), 0x86dd).subarray(0, 60),
    ethernet(ipv4(syn).subarray(0, 30)),
  ];
  const read = (frames: Uint8Array[], verify: boolean) =>
    harness.read(pcap(frames.map((bytes) => ({ bytes }))), { verify }).rows;
  const six = Array.from(unusual, () => ethernet(usual));
  for (const verify of [true, false]) {
    const fresh = new Harness().read(pcap(six.map((bytes) => ({ bytes }))), { verify }).rows;
    expect(fresh).toMatchObject(Array(6).fill({ headerLength: 32, checksumStatus: verify ? 1 : 0, ttl: 64 }));
    read(unusual, verify);
    expect(read(six.slice(0, 3), verify)).toEqual(fresh.slice(0, 3));
    // Rows that the batch before last wrote are not forgotten either.
    expect(read(six, !verify).map(segment)).toEqual(
      fresh.map((row) => ({ ...segment(row), checksumStatus: verify ? 0 : 1 })),
    );
    expect(read(six, verify)).toEqual(fresh);
  }
});

test("tags are kept: one alone, the outer and the inner of two, the first and the last of three", () => {
  const ip = ipv4(tcp4());
  const frames = [
    ethernet(vlan(0x2064, 0x0800, ip), 0x8100),
    ethernet(vlan(0x2064, 0x8100, vlan(0x00c8, 0x0800, ip)), 0x88a8),
    ethernet(vlan(0x2064, 0x8100, vlan(0x00c8, 0x8100, vlan(7, 0x0800, ip))), 0x88a8),
    ethernet(ip),
  ];
  const { rows } = harness.read(pcap(frames.map((bytes) => ({ bytes }))));
  expect(rows.map((row) => row.vlan)).toEqual([0x2064, 0x206400c8, 0x20640007, 0]);
});
