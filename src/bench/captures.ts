import {
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  ETHERTYPE_QINQ,
  ETHERTYPE_VLAN,
  LINKTYPE_ETHERNET,
  PCAP_FILE_HEADER,
  PCAP_MAGIC_MICRO,
  PCAP_RECORD_HEADER,
} from "../../assembly/layout/capture.ts";
import { ACK, IPPROTO_TCP, IPPROTO_UDP, PSH, SYN } from "../../assembly/layout/wire.ts";
import { type OptionWriter, synOptions, timestampOptions, unusualOptions } from "./options.ts";
import { Random } from "./random.ts";

/** What share of a capture's frames is what, in percent. */
export interface CaptureKind {
  readonly name: string;
  readonly title: string;
  /** Frames that carry a full 1514-byte segment; the rest are bare acknowledgments. */
  readonly data: number;
  readonly ipv6: number;
  /** Frames with one or two VLAN tags. */
  readonly tagged: number;
  /** Headers with SACK blocks or a SYN's options instead of timestamps alone. */
  readonly handshakes: number;
  /** Headers with long and rare options. */
  readonly unusual: number;
  /** Frames that carry no TCP. */
  readonly other: number;
}

export const captureKinds: readonly CaptureKind[] = [
  kind("acks", "66-byte ACKs", { handshakes: 4 }),
  kind("half-full", "half 1514-byte frames", { data: 50, handshakes: 4 }),
  kind("ipv6", "half IPv6, a fifth full", { data: 20, ipv6: 50, handshakes: 4 }),
  kind("vlan", "VLAN tags, a fifth full", { data: 20, tagged: 100, handshakes: 4 }),
  kind("options", "many options", { handshakes: 40, unusual: 40 }),
  kind("mixed", "everything mixed", {
    data: 40,
    ipv6: 30,
    tagged: 20,
    handshakes: 10,
    unusual: 5,
    other: 3,
  }),
];

const LONGEST_FRAME = 1514 + 8;
const POOL = 1 << 16;
const FLOWS = 10_000;
const START_SECONDS = 1_700_000_000;

/**
 * A pcap (little-endian, microseconds, Ethernet) of `frames` frames of the given kind. The same arguments
 * give the same bytes in every runtime. One frame in a thousand has a bad checksum, one in a thousand
 * only the pseudo-header's sum, as a capture on the sending host has it.
 *
 * @throws {RangeError} when there is no such kind
 */
export function generateCapture(name: string, frames: number): Uint8Array<ArrayBuffer> {
  const found = captureKinds.find((k) => k.name === name);
  if (!found) throw new RangeError(`no kind of capture is called ${JSON.stringify(name)}`);
  return new CaptureGenerator(found).generate(frames);
}

class CaptureGenerator {
  readonly #kind: CaptureKind;
  readonly #random = new Random();
  readonly #payload = new Uint8Array(POOL);
  // Sum of the payload pool's 16-bit words before each even offset, so that a payload's share of a
  // checksum is one subtraction.
  readonly #sums = new Float64Array(POOL / 2 + 1);
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  #micros = 0;

  constructor(of: CaptureKind) {
    this.#kind = of;
    for (let i = 0; i < POOL; i++) this.#payload[i] = this.#random.next();
    for (let i = 0; i < POOL; i += 2) {
      this.#sums[i / 2 + 1] = this.#sums[i / 2] + (this.#payload[i] << 8) + this.#payload[i + 1];
    }
  }

  generate(frames: number): Uint8Array<ArrayBuffer> {
    const average = 130 + 14.6 * this.#kind.data;
    this.#grow(PCAP_FILE_HEADER + Math.ceil(frames * average) + LONGEST_FRAME + PCAP_RECORD_HEADER);
    this.#fileHeader();
    for (let i = 0; i < frames; i++) {
      if (this.#at + PCAP_RECORD_HEADER + LONGEST_FRAME > this.#bytes.length) {
        this.#grow(this.#bytes.length + (this.#bytes.length >>> 2) + LONGEST_FRAME);
      }
      this.#frame(i);
    }
    return this.#bytes.slice(0, this.#at);
  }

  #grow(size: number): void {
    const old = this.#bytes;
    this.#bytes = new Uint8Array(size);
    this.#bytes.set(old);
    this.#view = new DataView(this.#bytes.buffer);
  }

  #fileHeader(): void {
    const view = this.#view;
    view.setUint32(0, PCAP_MAGIC_MICRO, true);
    view.setUint16(4, 2, true);
    view.setUint16(6, 4, true);
    view.setUint32(16, 262144, true);
    view.setUint32(20, LINKTYPE_ETHERNET, true);
    this.#at = PCAP_FILE_HEADER;
  }

  #frame(index: number): void {
    const random = this.#random;
    const kind = this.#kind;
    const start = this.#at + PCAP_RECORD_HEADER;
    const flow = random.below(FLOWS);
    const forth = random.below(2) === 0;
    let q = this.#ethernet(start, flow, forth);
    if (random.below(100) < kind.tagged) q = this.#tags(q, flow);
    if (random.below(100) < kind.other) {
      this.#record(start, this.#otherFrame(q, flow));
      return;
    }
    // By flow, so that a conversation stays with one family.
    const six = (Math.imul(flow, 2654435761) >>> 8) % 100 < kind.ipv6;
    this.#view.setUint16(q - 2, six ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4);
    const t = q + (six ? 40 : 20);
    const data = random.below(100) < kind.data;
    const optionsLength = this.#tcpHeader(t, flow, forth, data);
    const payload = data ? start + 1514 - t - 20 - optionsLength : 0;
    const length = 20 + optionsLength + payload;
    const from = random.below((POOL - 1514) / 2) * 2;
    this.#bytes.set(this.#payload.subarray(from, from + payload), t + 20 + optionsLength);
    const pseudo = six ? this.#ipv6(q, flow, forth, length) : this.#ipv4(q, flow, forth, length);
    this.#fillChecksum(t, 20 + optionsLength, this.#payloadSum(from, payload), pseudo, index);
    this.#record(start, Math.max(t + length, start + 60));
  }

  #record(start: number, end: number): void {
    this.#micros += 1 + this.#random.below(5);
    const view = this.#view;
    const at = this.#at;
    view.setUint32(at, START_SECONDS + Math.floor(this.#micros / 1e6), true);
    view.setUint32(at + 4, this.#micros % 1e6, true);
    view.setUint32(at + 8, end - start, true);
    view.setUint32(at + 12, end - start, true);
    this.#at = end;
  }

  /** Returns where the network header starts; the two bytes before it are the EtherType, yet to be set. */
  #ethernet(at: number, flow: number, forth: boolean): number {
    const view = this.#view;
    view.setUint16(at, 0x0200);
    view.setUint32(at + 2, forth ? 2 : flow);
    view.setUint16(at + 6, 0x0200);
    view.setUint32(at + 8, forth ? flow : 2);
    return at + 14;
  }

  #tags(q: number, flow: number): number {
    const view = this.#view;
    if (flow % 3 === 0) {
      view.setUint16(q - 2, ETHERTYPE_QINQ);
      view.setUint16(q, 100 + (flow % 50));
      q += 4;
    }
    view.setUint16(q - 2, ETHERTYPE_VLAN);
    view.setUint16(q, 0x6000 | (1 + (flow % 4000)));
    return q + 4;
  }

  #otherFrame(q: number, flow: number): number {
    if (flow % 2 === 0) {
      this.#view.setUint16(q - 2, ETHERTYPE_ARP);
      this.#bytes.fill(0, q, q + 46);
      return q + 46;
    }
    this.#view.setUint16(q - 2, ETHERTYPE_IPV4);
    this.#ipv4(q, flow, true, 180);
    this.#bytes[q + 9] = IPPROTO_UDP;
    this.#bytes.set(this.#payload.subarray(0, 180), q + 20);
    return q + 200;
  }

  /** Everything but the checksum; returns the options' length. */
  #tcpHeader(t: number, flow: number, forth: boolean, data: boolean): number {
    const view = this.#view;
    const random = this.#random;
    const client = 1024 + ((Math.imul(flow, 7919) >>> 0) % 60000);
    const micros = this.#micros;
    let flags = data ? ACK | PSH : ACK;
    let options: OptionWriter = timestampOptions;
    const lot = random.below(100);
    if (lot < this.#kind.unusual) options = unusualOptions[random.below(unusualOptions.length)];
    else if (lot - this.#kind.unusual < this.#kind.handshakes && !data) {
      // One SYN to three SACKs.
      if (lot % 4 === 0) {
        options = synOptions;
        flags = SYN;
      } else options = unusualOptions[0];
    }
    view.setUint16(t, forth ? client : 443);
    view.setUint16(t + 2, forth ? 443 : client);
    view.setUint32(t + 4, random.next());
    view.setUint32(t + 8, flags === SYN ? 0 : random.next());
    const length = options(view, t + 20, { clock: Math.floor(micros / 1000) + flow, random });
    view.setUint16(t + 12, ((20 + length) << 10) | flags);
    view.setUint16(t + 14, random.next() & 0xffff);
    view.setUint32(t + 16, 0);
    return length;
  }

  /** Fills the header and returns the pseudo-header's sum (RFC 9293 3.1). */
  #ipv4(q: number, flow: number, forth: boolean, length: number): number {
    const view = this.#view;
    const near = 0x0a000000 + flow;
    view.setUint16(q, 0x4500);
    view.setUint16(q + 2, 20 + length);
    view.setUint32(q + 4, 0x4000 | ((this.#random.next() & 0xffff) << 16));
    view.setUint32(q + 8, 0x40000000 | (IPPROTO_TCP << 16));
    view.setUint32(q + 12, forth ? near : 0xc0a80001);
    view.setUint32(q + 16, forth ? 0xc0a80001 : near);
    view.setUint16(q + 10, ~foldSum(sumOf(view, q, 20)) & 0xffff);
    return sumOf(view, q + 12, 8) + IPPROTO_TCP + length;
  }

  /** Fills the header and returns the pseudo-header's sum (RFC 8200 8.1). */
  #ipv6(q: number, flow: number, forth: boolean, length: number): number {
    const view = this.#view;
    view.setUint32(q, 0x60000000 | (flow << 4));
    view.setUint16(q + 4, length);
    view.setUint16(q + 6, (IPPROTO_TCP << 8) | 64);
    for (let i = 8; i < 40; i += 4) view.setUint32(q + i, 0);
    view.setUint32(q + 8, 0x20010db8);
    view.setUint32(q + 24, 0x20010db8);
    view.setUint32(q + 20, forth ? 0x10000 + flow : 1);
    view.setUint32(q + 36, forth ? 1 : 0x10000 + flow);
    return sumOf(view, q + 8, 32) + IPPROTO_TCP + length;
  }

  #payloadSum(from: number, length: number): number {
    const even = length & ~1;
    const sum = this.#sums[(from + even) / 2] - this.#sums[from / 2];
    return length === even ? sum : sum + (this.#payload[from + even] << 8);
  }

  #fillChecksum(t: number, header: number, payload: number, pseudo: number, index: number): void {
    const whole = foldSum(sumOf(this.#view, t, header) + payload + pseudo);
    let stored = ~whole & 0xffff;
    if (index % 1000 === 7) stored ^= 0x0100;
    if (index % 1000 === 507) stored = foldSum(pseudo);
    this.#view.setUint16(t + 16, stored);
  }
}

function kind(name: string, title: string, shares: Partial<CaptureKind>): CaptureKind {
  return { data: 0, ipv6: 0, tagged: 0, handshakes: 0, unusual: 0, other: 0, ...shares, name, title };
}

function sumOf(view: DataView, at: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i += 2) sum += view.getUint16(at + i);
  return sum;
}

function foldSum(sum: number): number {
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return sum;
}
