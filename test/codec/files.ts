// Capture files around frames.
import { type Bytes, join, zeros } from "./packets.ts";

export interface Frame {
  bytes: Uint8Array;
  /** On the wire; as captured when left out. */
  length?: number;
  /** Ticks since 1970. */
  time?: bigint;
  interfaceId?: number;
}

export interface Interface {
  linkType: number;
  snapLength?: number;
  resolution?: number;
  offset?: bigint;
}

const number = (bytes: 2 | 4 | 8, value: number | bigint, bigEndian: boolean): Uint8Array => {
  const out = new Uint8Array(bytes);
  let rest = BigInt(value);
  for (let i = 0; i < bytes; i++, rest >>= 8n) out[bigEndian ? bytes - 1 - i : i] = Number(rest & 0xffn);
  return out;
};

export function pcap(
  frames: Frame[],
  { linkType = 1, bigEndian = false, magic = 0xa1b2c3d4, snapLength = 262144 } = {},
): Uint8Array {
  const u16 = (n: number) => number(2, n, bigEndian);
  const u32 = (n: number) => number(4, n, bigEndian);
  const perSecond = magic === 0xa1b23c4d ? 1_000_000_000n : 1_000_000n;
  const records = frames.map(({ bytes, length = bytes.length, time = 0n }) =>
    join(
      ...[u32(Number(time / perSecond)), u32(Number(time % perSecond)), u32(bytes.length), u32(length)],
      // Kuznetzov's records name interface, protocol and packet type too.
      magic === 0xa1b2cd34 ? zeros(8) : [],
      bytes,
    ),
  );
  return join(...[u32(magic), u16(2), u16(4), u32(0), u32(0), u32(snapLength), u32(linkType)], ...records);
}

/** One section of pcapng. */
export class Section {
  readonly #parts: Uint8Array[] = [];
  readonly #bigEndian: boolean;

  constructor({ bigEndian = false, interfaces = [{ linkType: 1 }] as Interface[] } = {}) {
    this.#bigEndian = bigEndian;
    this.block(0x0a0d0d0a, this.u32(0x1a2b3c4d), this.u16(1), this.u16(0), new Uint8Array(8).fill(255));
    for (const each of interfaces) this.interface(each);
  }

  get bytes(): Uint8Array {
    return join(...this.#parts);
  }

  u16 = (n: number): Uint8Array => number(2, n, this.#bigEndian);
  u32 = (n: number): Uint8Array => number(4, n, this.#bigEndian);
  u64 = (n: bigint): Uint8Array => number(8, n, this.#bigEndian);

  block(type: number, ...content: Bytes[]): this {
    const body = join(...content);
    const padding = zeros((4 - (body.length % 4)) % 4);
    const total = this.u32(12 + body.length + padding.length);
    this.#parts.push(join(this.u32(type), total, body, padding, total));
    return this;
  }

  /** Anything at all, well-formed or not. */
  raw(bytes: Bytes): this {
    this.#parts.push(join(bytes));
    return this;
  }

  interface({ linkType, snapLength = 0, resolution, offset }: Interface): this {
    const options: Bytes[] = [];
    if (resolution !== undefined) options.push(this.u16(9), this.u16(1), [resolution, 0, 0, 0]);
    if (offset !== undefined) options.push(this.u16(14), this.u16(8), this.u64(BigInt.asUintN(64, offset)));
    if (options.length > 0) options.push(zeros(4));
    return this.block(1, this.u16(linkType), this.u16(0), this.u32(snapLength), ...options);
  }

  enhanced({ bytes, length = bytes.length, time = 0n, interfaceId = 0 }: Frame): this {
    return this.block(
      ...([
        6,
        this.u32(interfaceId),
        this.u32(Number(time >> 32n)),
        this.u32(Number(time & 0xffffffffn)),
      ] as const),
      ...[this.u32(bytes.length), this.u32(length), bytes],
    );
  }

  simple({ bytes, length = bytes.length }: Frame): this {
    return this.block(3, this.u32(length), bytes);
  }

  obsolete({ bytes, length = bytes.length, time = 0n, interfaceId = 0 }: Frame): this {
    return this.block(
      ...([2, this.u16(interfaceId), this.u16(7), this.u32(Number(time >> 32n))] as const),
      ...[this.u32(Number(time & 0xffffffffn)), this.u32(bytes.length), this.u32(length), bytes],
    );
  }
}
