import fc from "fast-check";
import { optionLength, type TcpOption, type TcpOptionType } from "../../src/wire/options/index.ts";

/** Unsigned 32-bit numbers, half of them within 40 of 0, 2^31 and 2^32 or near the RFC's window sizes. */
export const edgeNumber: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc
    .tuple(fc.constantFrom(0, 2 ** 16, 2 ** 30, 2 ** 31, 2 ** 32), fc.integer({ min: -40, max: 40 }))
    .map(([corner, step]) => (corner + step) >>> 0),
);

export const u8 = fc.integer({ min: 0, max: 0xff });
export const u16 = fc.integer({ min: 0, max: 0xffff });

const KINDS = [
  2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 15, 18, 19, 20, 21, 22, 27, 28, 29, 30, 34, 69, 172, 174, 253, 254,
];
const EXIDS = [0xf989, 0xacc0, 0xacc1, 0x454e, 0x0348, 0xe2d4];

/** One option as bytes: most have a kind and a length that exist, some do not. */
const oneOption = fc
  .record({
    kind: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...KINDS) }, u8),
    length: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(2, 3, 4, 5, 6, 8, 10, 11, 12, 16, 18, 20, 26) },
      fc.nat(41),
    ),
    content: fc.uint8Array({ minLength: 40, maxLength: 40 }),
    exid: fc.constantFrom(...EXIDS),
  })
  .map(({ kind, length, content, exid }) => {
    const bytes = Uint8Array.from([kind, length, ...content]).slice(0, Math.max(2, length));
    if (kind >= 253 && length >= 4) bytes.set([exid >> 8, exid & 255], 2);
    if (kind >= 253 && exid === 0xe2d4 && length >= 6 && content[5] & 1) bytes.set([0xc3, 0xd9], 4);
    return [...bytes];
  });

/** Up to 40 bytes that look like options. */
export const optionBytes: fc.Arbitrary<Uint8Array<ArrayBuffer>> = fc
  .tuple(
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: oneOption },
        { weight: 2, arbitrary: fc.constant([1]) },
        { weight: 1, arbitrary: fc.constant([0]) },
      ),
      { maxLength: 8 },
    ),
    fc.nat(40),
  )
  .map(([pieces, cut]) => Uint8Array.from(pieces.flat()).slice(0, cut));

const bytesUpTo = (most: number, least = 0): fc.Arbitrary<Uint8Array<ArrayBuffer>> =>
  fc.uint8Array({ minLength: least, maxLength: most, size: "max" }) as fc.Arbitrary<Uint8Array<ArrayBuffer>>;
const u32 = edgeNumber;
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

/** Leaves out the keys whose value is undefined, as parsing does. */
function tidy<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const type = <T extends TcpOptionType>(name: T): fc.Arbitrary<T> => fc.constant(name);
const mptcp = fc.constant("mptcp" as const);
const u24 = fc.nat(0xffffff);

/** Any option that parsing can give, but no end of list. */
export const tcpOption: fc.Arbitrary<TcpOption> = fc
  .oneof(
    fc.record({ type: type("nop") }),
    fc.record({ type: type("mss"), value: u16 }),
    fc.record({ type: type("windowScale"), shift: u8 }),
    fc.record({ type: type("sackPermitted") }),
    fc.record({
      type: type("sack"),
      blocks: fc.array(fc.record({ left: u32, right: u32 }), { maxLength: 4 }),
    }),
    fc.record({ type: type("echo"), value: u32 }),
    fc.record({ type: type("echoReply"), value: u32 }),
    fc.record({ type: type("timestamps"), tsval: u32, tsecr: u32 }),
    fc.record({ type: type("partialOrderPermitted") }),
    fc.record({
      type: type("partialOrderProfile"),
      start: fc.boolean(),
      end: fc.boolean(),
      reserved: maybe(fc.integer({ min: 1, max: 63 })),
    }),
    fc.record({ type: fc.constantFrom("cc" as const, "ccNew" as const, "ccEcho" as const), count: u32 }),
    fc.record({ type: type("alternateChecksumRequest"), algorithm: u8 }),
    fc.record({ type: type("trailerChecksum"), value: u8 }),
    fc.record({
      type: fc.constantFrom(
        "alternateChecksumData" as const,
        "skeeter" as const,
        "bubba" as const,
        "recordBoundary" as const,
        "corruptionExperienced" as const,
        "snap" as const,
        "compressionFilter" as const,
      ),
      data: bytesUpTo(8),
    }),
    fc.record({ type: type("md5"), digest: bytesUpTo(16, 16) }),
    fc.record({ type: type("scps"), capabilities: u8, connectionId: u8, extended: maybe(bytesUpTo(5, 1)) }),
    fc.record({ type: type("snack"), offset: u16, size: u16, bits: maybe(bytesUpTo(5, 1)) }),
    fc.record({
      type: type("quickStart"),
      rate: fc.nat(15),
      ttlDifference: u8,
      nonce: fc.nat(0x3fffffff),
      reserved: maybe(fc.integer({ min: 1, max: 63 })),
    }),
    fc.record({
      type: type("userTimeout"),
      unit: fc.constantFrom("seconds" as const, "minutes" as const),
      value: fc.nat(0x7fff),
    }),
    fc.record({ type: type("tcpAo"), keyId: u8, rNextKeyId: u8, mac: bytesUpTo(20) }),
    fc.record({
      type: type("fastOpen"),
      cookie: bytesUpTo(8, 2).map((c) => c.slice(0, 2 * (c.length >> 1)).slice(c.length < 4 ? 4 : 0)),
    }),
    fc.record({
      type: type("fastOpen"),
      cookie: bytesUpTo(16),
      experiment: fc.constantFrom(253 as const, 254 as const),
    }),
    fc.record({
      type: type("eno"),
      suboptions: fc
        .tuple(
          fc.array(
            fc.oneof(
              fc.record({ global: fc.nat(31) }),
              fc.record({ tep: fc.integer({ min: 0x20, max: 0x7f }), data: maybe(bytesUpTo(4, 1)) }),
            ),
            { maxLength: 3 },
          ),
          fc.array(fc.record({ tep: fc.integer({ min: 0x20, max: 0x7f }), data: bytesUpTo(4) }), {
            maxLength: 1,
          }),
        )
        .map(([some, last]) => [...some, ...last, ...(last.length ? [] : [{ global: 0 }])].map(tidy)),
      experiment: maybe(fc.constantFrom(253 as const, 254 as const)),
    }),
    fc
      .record({
        type: type("accEcn"),
        order: fc.constantFrom(0 as const, 1 as const),
        counters: fc.array(u24, { maxLength: 3 }),
        experiment: maybe(fc.constantFrom(253 as const, 254 as const)),
      })
      .map(({ counters, ...rest }) => {
        const names = rest.order === 0 ? ["ee0b", "eceb", "ee1b"] : ["ee1b", "eceb", "ee0b"];
        return { ...rest, ...Object.fromEntries(counters.map((value, i) => [names[i], value])) };
      }),
    fc.record({
      type: type("experiment"),
      kind: fc.constantFrom(253 as const, 254 as const),
      exid: fc.constantFrom(0x0348, 0xf990, 0x1234, 0xe2d4c3d9),
      data: bytesUpTo(6),
    }),
    fc.record({
      type: type("unknown"),
      kind: fc.constantFrom(25, 31, 70, 77, 252, 255),
      data: bytesUpTo(12),
    }),
    fc
      .record({
        type: mptcp,
        subtype: fc.constant("MP_CAPABLE" as const),
        version: fc.nat(15),
        flags: u8,
        keys: fc.nat(4),
        a: u64,
        b: u64,
        c: u16,
        d: u16,
      })
      .map(({ keys, a, b, c, d, ...rest }) => ({
        ...rest,
        ...(keys > 0 ? { senderKey: a } : {}),
        ...(keys > 1 ? { receiverKey: b } : {}),
        ...(keys > 2 ? { dataLength: c } : {}),
        ...(keys > 3 ? { checksum: d } : {}),
      })),
    fc.record({
      type: mptcp,
      subtype: fc.constant("MP_JOIN" as const),
      phase: fc.constant("syn" as const),
      backup: fc.boolean(),
      addressId: u8,
      token: u32,
      random: u32,
      reserved: maybe(fc.constantFrom(2, 4, 14)),
    }),
    fc.record({
      type: mptcp,
      subtype: fc.constant("DSS" as const),
      dataFin: fc.boolean(),
      dataAck: maybe(fc.oneof(u32, u64)),
      mapping: maybe(
        fc
          .record({ dataSeq: fc.oneof(u32, u64), subflowSeq: u32, length: u16, checksum: maybe(u16) })
          .map(tidy),
      ),
      reserved: maybe(fc.constantFrom(0x20, 0x800, 0xfe0)),
    }),
    fc.record({
      type: mptcp,
      subtype: fc.constant("ADD_ADDR" as const),
      version: fc.constant(1 as const),
      echo: fc.boolean(),
      addressId: u8,
      address: fc.constantFrom("192.0.2.1", "2001:db8::1", "::", "::ffff:1.2.3.4"),
      port: maybe(u16),
      hmac: bytesUpTo(8, 8),
    }),
    fc.record({
      type: mptcp,
      subtype: fc.constant("REMOVE_ADDR" as const),
      addressIds: fc.array(u8, { maxLength: 6 }),
      reserved: maybe(fc.integer({ min: 1, max: 15 })),
    }),
    fc.record({
      type: mptcp,
      subtype: fc.constant("MP_PRIO" as const),
      backup: fc.boolean(),
      addressId: maybe(u8),
    }),
    fc.record({ type: mptcp, subtype: fc.constant("MP_FAIL" as const), dataSeq: u64 }),
    fc.record({ type: mptcp, subtype: fc.constant("MP_TCPRST" as const), flags: fc.nat(15), reason: u8 }),
  )
  .map((option) => tidy(option) as TcpOption);

/** A list of options that fits a header; it may end in an end of list with padding. */
export const tcpOptions: fc.Arbitrary<TcpOption[]> = fc
  .tuple(fc.array(tcpOption, { maxLength: 8 }), fc.boolean(), bytesUpTo(3, 1), fc.boolean())
  .map(([options, ends, padding, padded]) => {
    const list: TcpOption[] = [];
    let left = 36;
    for (const option of options) {
      left -= optionLength(option);
      if (left < 0) break;
      list.push(option);
    }
    if (ends) list.push(padded ? { type: "eol", padding } : { type: "eol" });
    return list;
  });

/** A header with options and payload; the data offset is mostly right. */
export const headerBytes: fc.Arbitrary<Uint8Array<ArrayBuffer>> = fc
  .tuple(
    fc.uint8Array({ minLength: 20, maxLength: 20 }),
    optionBytes,
    fc.uint8Array({ maxLength: 30, size: "max" }),
    fc.oneof({ weight: 8, arbitrary: fc.constant(-1) }, fc.nat(15)),
    fc.oneof({ weight: 8, arbitrary: fc.constant(200) }, fc.nat(70)),
  )
  .map(([fixed, options, payload, offset, cut]) => {
    const padded = (options.length + 3) & ~3;
    const bytes = new Uint8Array(20 + padded + payload.length);
    bytes.set(fixed, 0);
    bytes.set(options, 20);
    bytes.set(payload, 20 + padded);
    bytes[12] = ((offset < 0 ? 5 + padded / 4 : offset) << 4) | (bytes[12] & 15);
    return bytes.slice(0, cut);
  });
