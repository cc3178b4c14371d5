// A capture as tcpdump on host A would take it, and beside it what is true of each of its packets.
import { LINKTYPE_RAW } from "../../assembly/layout/capture.ts";
import { FIN, RST, SYN, TCP_CHECKSUM, TCP_OFFSET_FLAGS, TCP_SEQ } from "../../assembly/layout/wire.ts";
import { PcapWriter } from "../../src/capture/index.ts";
import { CORRUPTED, DUPLICATED } from "../../src/sim/index.ts";
import { identificationOf, segmentIn } from "./datagram.ts";
import type { Tap } from "./run.ts";

/** What is true of a packet. */
export interface Truth {
  /** 0: A sent it, 1: it came from B. */
  readonly host: number;
  readonly seq: number;
  readonly flags: number;
  readonly length: number;
  /** Some of its data, its SYN or its FIN had been sent before. */
  readonly repeats: boolean;
  readonly fate: number;
  /** A packet that its sender sent later has arrived before. */
  readonly overtaken: boolean;
  /** It has passed before, or one that has its numbers, flags, length and checksum: no capture tells those apart. */
  readonly again: boolean;
}

const START = 1_700_000_000_000_000_000n;

export class HostTap implements Tap {
  readonly truths: Truth[] = [];
  readonly #writer = new PcapWriter({ linkType: LINKTYPE_RAW });
  readonly #chunks: Uint8Array[] = [];
  readonly #passed = new Set<string>();
  readonly #ends = [new Sender(), new Sender()] as const;
  #time = 0;

  /** The capture file. */
  capture(): Uint8Array {
    this.#take();
    const whole = new Uint8Array(this.#chunks.reduce((length, chunk) => length + chunk.length, 0));
    let at = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }

  sent(host: number, packet: Uint8Array, now: number, fate: number): void {
    const sent = this.#ends[host].send(packet, fate);
    if (host === 0) this.#write(packet, now, { host, ...sent, overtaken: false, again: false });
  }

  arrived(host: number, packet: Uint8Array, now: number): void {
    const sender = this.#ends[1 - host];
    const truth = sender.arrive(packet);
    if (host === 0) this.#write(packet, now, { host: 1, ...truth });
  }

  #write(packet: Uint8Array, now: number, truth: Truth): void {
    this.#time = Math.max(this.#time, now);
    const { seq, flags, length } = truth;
    const likeness = [truth.host, seq, flags, length, word(segmentIn(packet), TCP_CHECKSUM) >>> 16].join(" ");
    const again = truth.again || this.#passed.has(likeness);
    this.#passed.add(likeness);
    // Of an outgoing packet the capture sees what was sent, whatever becomes of it.
    const fate = truth.host === 0 ? truth.fate & ~(CORRUPTED | DUPLICATED) : truth.fate;
    this.truths.push({ ...truth, again, fate });
    this.#writer.write({ time: START + BigInt(Math.round(this.#time * 1e6)), bytes: packet });
    this.#take();
  }

  #take(): void {
    this.#chunks.push(this.#writer.take().slice());
  }
}

type Sent = Pick<Truth, "seq" | "flags" | "length" | "repeats" | "fate">;

/** One end's packets, by their identification. */
class Sender {
  readonly #sent = new Map<number, Sent & { readonly number: number; arrivals: number }>();
  #number = 0;
  #latest = 0;
  #iss = 0;
  #next = 0;

  send(packet: Uint8Array, fate: number): Sent {
    const segment = segmentIn(packet);
    const seq = word(segment, TCP_SEQ);
    const flags = segment[TCP_OFFSET_FLAGS + 1];
    const length = segment.length - (segment[TCP_OFFSET_FLAGS] >> 4) * 4;
    const isSyn = (flags & SYN) !== 0;
    if (isSyn && this.#next === 0) this.#iss = seq;
    const from = (seq - this.#iss) | 0;
    const to = from + length + (isSyn ? 1 : 0) + (flags & FIN ? 1 : 0);
    const repeats = !(flags & RST) && to > from && from < this.#next;
    if (!(flags & RST)) this.#next = Math.max(this.#next, to);
    const sent = { seq, flags, length, repeats, fate };
    this.#sent.set(identificationOf(packet), { ...sent, number: ++this.#number, arrivals: 0 });
    return sent;
  }

  arrive(packet: Uint8Array): Sent & { overtaken: boolean; again: boolean } {
    const sent = this.#sent.get(identificationOf(packet))!;
    const overtaken = sent.number < this.#latest;
    this.#latest = Math.max(this.#latest, sent.number);
    const again = sent.arrivals++ > 0;
    const { seq, flags, length, repeats, fate } = sent;
    return { seq, flags, length, repeats, fate, overtaken, again };
  }
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}
