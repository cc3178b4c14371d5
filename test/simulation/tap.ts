// A capture as tcpdump on host A would take it, and beside it what is true of each of its packets.
import { LINKTYPE_RAW } from "../../assembly/layout/capture.ts";
import { FIN, RST, SYN, TCP_CHECKSUM, TCP_OFFSET_FLAGS, TCP_SEQ } from "../../assembly/layout/wire.ts";
import { PcapWriter } from "../../src/capture/index.ts";
import { CORRUPTED, DUPLICATED } from "../../src/sim/index.ts";
import { identificationOf, segmentIn } from "./datagram.ts";
import type { Tap } from "./outcome.ts";

/** What is true of a packet. */
export interface Truth {
  /** 0: A sent it, 1: it came from B. */
  readonly host: number;
  /** 1: of the connection that follows the first in the same sockets. */
  readonly life: number;
  readonly seq: number;
  readonly flags: number;
  readonly length: number;
  /** Some of its data, its SYN or its FIN had been sent before. */
  readonly repeats: boolean;
  readonly fate: number;
  /** Not all that its sender has sent before it has passed here. */
  readonly ahead: boolean;
  /** A packet that its sender sent later has arrived before. */
  readonly overtaken: boolean;
  /** It has passed before, or one that has its numbers, flags, length and checksum: no capture tells those apart. */
  readonly again: boolean;
  /** By then the path had done something to some packet, or an end had sent something again. */
  readonly disturbed: boolean;
}

interface Packet {
  readonly time: bigint;
  readonly bytes: Uint8Array;
  readonly truth: Truth;
}

const START = 1_700_000_000_000_000_000n;

export class HostTap implements Tap {
  readonly #packets: Packet[] = [];
  readonly #passed = new Set<string>();
  /** By life, then by host. */
  readonly #ends = [
    [new Sender(), new Sender()],
    [new Sender(), new Sender()],
  ] as const;
  #time = 0;
  #disturbed = false;

  /** What it has seen; without what arrived corrupted, if so asked: TCP drops that, and an analysis may as well. */
  captured(which: "all" | "intact"): { readonly file: Uint8Array; readonly truths: readonly Truth[] } {
    const packets =
      which === "all" ? this.#packets : this.#packets.filter(({ truth }) => !isCorrupt(truth.fate));
    const writer = new PcapWriter({ linkType: LINKTYPE_RAW });
    for (const { time, bytes } of packets) writer.write({ time, bytes });
    return { file: writer.take().slice(), truths: packets.map(({ truth }) => truth) };
  }

  sent(host: number, packet: Uint8Array, now: number, fate: number, life: number): void {
    const sent = this.#ends[life][host].send(packet, fate);
    this.#disturbed ||= fate !== 0 || sent.repeats;
    if (host !== 0) return;
    // Of an outgoing packet the capture sees what was sent, whatever becomes of it.
    const seen = sent.fate & ~(CORRUPTED | DUPLICATED);
    this.#keep(packet, now, {
      host,
      life,
      ...sent,
      fate: seen,
      ahead: false,
      overtaken: false,
      again: false,
    });
  }

  arrived(host: number, packet: Uint8Array, now: number, life: number): void {
    const sender = this.#ends[life][1 - host];
    const truth = sender.arrive(packet);
    if (host === 0) this.#keep(packet, now, { host: 1, life, ...truth });
  }

  cut(): void {
    this.#disturbed = true;
  }

  #keep(packet: Uint8Array, now: number, seen: Omit<Truth, "disturbed">): void {
    this.#time = Math.max(this.#time, now);
    const { host, seq, flags, length, fate } = seen;
    const likeness = [host, seq, flags, length, word(segmentIn(packet), TCP_CHECKSUM) >>> 16].join(" ");
    const again = seen.again || this.#passed.has(likeness);
    if (!isCorrupt(fate)) this.#passed.add(likeness);
    const truth = { ...seen, again, disturbed: this.#disturbed };
    this.#packets.push({ time: START + BigInt(Math.round(this.#time * 1e6)), bytes: packet.slice(), truth });
  }
}

export function isCorrupt(fate: number): boolean {
  return (fate & CORRUPTED) !== 0;
}

type Sent = Pick<Truth, "seq" | "flags" | "length" | "repeats" | "fate">;
type Arrived = Sent & Pick<Truth, "ahead" | "overtaken" | "again">;

/** One end's packets, by their identification. */
class Sender {
  readonly #sent = new Map<
    number,
    { sent: Sent; line: Line; from: number; to: number; number: number; arrivals: number }
  >();
  #number = 0;
  #latest = 0;
  /** By initial number: a listener that bakes cookies may have used some before one was taken. */
  readonly #lines: Line[] = [];

  send(packet: Uint8Array, fate: number): Sent {
    const segment = segmentIn(packet);
    const seq = word(segment, TCP_SEQ);
    const flags = segment[TCP_OFFSET_FLAGS + 1];
    const length = segment.length - (segment[TCP_OFFSET_FLAGS] >> 4) * 4;
    const isSyn = (flags & SYN) !== 0;
    const line = this.#line(seq, isSyn);
    const from = (seq - line.iss) | 0;
    const to = from + length + (isSyn ? 1 : 0) + (flags & FIN ? 1 : 0);
    const repeats = !(flags & RST) && to > from && from < line.next;
    if (!(flags & RST)) line.next = Math.max(line.next, to);
    const sent = { seq, flags, length, repeats, fate };
    this.#sent.set(identificationOf(packet), { sent, line, from, to, number: ++this.#number, arrivals: 0 });
    return sent;
  }

  #line(seq: number, isSyn: boolean): Line {
    const distance = ({ iss }: Line) => (seq - iss) >>> 0;
    const known = isSyn
      ? this.#lines.find(({ iss }) => iss === seq)
      : this.#lines.reduce<Line | undefined>(
          (best, line) => (best === undefined || distance(line) < distance(best) ? line : best),
          undefined,
        );
    if (known !== undefined) return known;
    const line = { iss: isSyn ? seq : 0, next: 0, reached: 0 };
    if (isSyn) this.#lines.push(line);
    return line;
  }

  arrive(packet: Uint8Array): Arrived {
    const known = this.#sent.get(identificationOf(packet))!;
    const { sent, line, from, to, number } = known;
    // A corrupted one counts for nothing: nobody takes it for what was sent.
    if (isCorrupt(sent.fate)) return { ...sent, ahead: false, overtaken: false, again: false };
    const ahead = from > line.reached;
    const overtaken = number < this.#latest;
    const again = known.arrivals++ > 0;
    this.#latest = Math.max(this.#latest, number);
    if (!(sent.flags & RST)) line.reached = Math.max(line.reached, to);
    return { ...sent, ahead, overtaken, again };
  }
}

/** Numbers that began with one SYN. */
interface Line {
  readonly iss: number;
  /** Behind the last that was sent, and that has arrived, from the SYN on. */
  next: number;
  reached: number;
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}
