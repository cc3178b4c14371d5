// Looks at every segment from outside, with the package's own parser, and holds it against what RFC 9293 allows its sender.
import { ACK, FIN, RST, SYN } from "../../assembly/layout/wire.ts";
import type { SettingsInput } from "../../src/tcp/index.ts";
import { parseSegment, type Segment, verifyChecksum } from "../../src/wire/index.ts";
import { check } from "./failure.ts";
import { firstWrong } from "./stream.ts";

/** One end, as its segments show it. Places count from its initial sequence number: the SYN is 0, the first byte 1. */
class Side {
  /** After the last sequence number that it has sent. */
  next = 0;
  iss = 0;
  /** Place of its FIN, once it has sent one. */
  fin = -1;
  /** The largest acknowledgment and right edge that it sent, as places of the peer. */
  acknowledged = 0;
  edge = 0;
  /** ... and the largest that have reached it, as places of its own. */
  heardAcknowledged = 0;
  heardEdge = 0;
  /** From its SYN. */
  mss = 0;
  scale = -1;
  timestamps = false;
  sack = false;
}

export interface Watched {
  readonly address: string;
  readonly port: number;
  readonly settings: SettingsInput;
  /** Its SYN,ACKs may be cookies, each with another number, until one is acknowledged. */
  readonly bakes: boolean;
}

const SCALE_MOST = 14;
// RFC 9293 3.7.1: what a peer without the option takes.
const HEADERS = { 4: 40, 6: 60 } as const;

/** Both ends of one connection. */
export class SegmentWatch {
  readonly #hosts: readonly [Watched, Watched];
  readonly #family: 4 | 6;
  readonly #sides: [Side, Side] = [new Side(), new Side()];
  /** What SYN,ACKs with cookies have offered, by their number, and whether one of them was taken. */
  readonly #offers = new Map<number, Side>();
  #isTaken = false;
  /** Bytes that each application has handed over. */
  readonly #queued: readonly [() => number, () => number];
  /** Segments sent, and those of them with data or a FIN that had been sent before. */
  segments = 0;
  /** Acknowledgments that took back a part of a window's unit. */
  rounded = 0;
  readonly repeated: [number, number] = [0, 0];

  constructor(
    family: 4 | 6,
    hosts: readonly [Watched, Watched],
    queued: readonly [() => number, () => number],
  ) {
    this.#family = family;
    this.#hosts = hosts;
    this.#queued = queued;
  }

  /** Host `i` sends `bytes`. */
  sent(i: number, bytes: Uint8Array): void {
    const segment = this.#parsed(i, bytes);
    this.segments++;
    if (segment.flags & RST) {
      check(segment.payload.length === 0, "a RST with data");
      return;
    }
    if (this.#hosts[i].bakes && segment.flags & SYN && !this.#turnTo(i, segment)) return;
    if (this.#hosts[1 - i].bakes && segment.flags & ACK) this.#take(1 - i, segment);
    if (this.#isOfAnother(i, segment)) return;
    if (segment.flags & SYN) this.#takeSyn(i, segment);
    this.#checkNumbers(i, segment);
    if (segment.flags & ACK) this.#checkAcknowledgment(i, segment);
    this.#checkSize(i, segment, bytes.length);
    if (!(segment.flags & SYN)) this.#checkOptions(i, segment);
  }

  /** `bytes`, which are as their sender made them, reach host `i`. */
  arrived(i: number, bytes: Uint8Array): void {
    const segment = parseSegment(bytes);
    if (segment.flags & RST || !(segment.flags & ACK)) {
      if (segment.flags & SYN && this.#sides[i].heardEdge === 0)
        this.#sides[i].heardEdge = 1 + segment.window;
      return;
    }
    const me = this.#sides[i];
    const acknowledged = (segment.ack - me.iss) | 0;
    const edge = acknowledged + this.#window(1 - i, segment);
    if (acknowledged > me.heardAcknowledged) me.heardAcknowledged = acknowledged;
    if (edge > me.heardEdge) me.heardEdge = edge;
  }

  #parsed(i: number, bytes: Uint8Array): Segment {
    const segment = parseSegment(bytes, { strict: true });
    const me = this.#hosts[i];
    const peer = this.#hosts[1 - i];
    check(segment.srcPort === me.port && segment.dstPort === peer.port, "a segment with other ports");
    const verdict = verifyChecksum(bytes, { src: me.address, dst: peer.address });
    check(verdict === "good", () => `a segment with a ${verdict} checksum`);
    return segment;
  }

  /** @returns whether the SYN,ACK is of the connection that is watched: none has been taken, or this one was */
  #turnTo(i: number, { seq }: Segment): boolean {
    if (this.#isTaken) return this.#sides[i] === this.#offers.get(seq);
    let side = this.#offers.get(seq);
    if (side === undefined) {
      side = new Side();
      side.heardEdge = this.#sides[i].heardEdge;
      this.#offers.set(seq, side);
    }
    this.#sides[i] = side;
    return true;
  }

  /** The peer of `i` acknowledges one of the offers. */
  #take(i: number, { ack }: Segment): void {
    const side = this.#isTaken ? undefined : this.#offers.get((ack - 1) >>> 0);
    if (side === undefined) return;
    this.#sides[i] = side;
    this.#isTaken = true;
  }

  /**
   * Whether it belongs to an offer that was not taken: a Fast Open's SYN which a later SYN has overtaken finds nobody,
   * where that one was answered with a cookie, and opens a connection of its own. The peer's next segment resets it.
   */
  #isOfAnother(i: number, { seq, flags }: Segment): boolean {
    if (!this.#isTaken || flags & SYN || !this.#hosts[i].bakes) return false;
    const me = this.#sides[i];
    const place = (seq - me.iss) | 0;
    if (place >= 0 && place <= me.next) return false;
    const most = this.#queued[i]() + 2;
    return [...this.#offers].some(([number, side]) => side !== me && (seq - number) >>> 0 <= most);
  }

  #takeSyn(i: number, segment: Segment): void {
    const me = this.#sides[i];
    me.iss = segment.seq;
    me.next = Math.max(me.next, 1);
    me.mss = 0;
    me.scale = -1;
    me.timestamps = me.sack = false;
    for (const option of segment.options) {
      if (option.type === "mss") me.mss = option.value;
      else if (option.type === "windowScale") me.scale = Math.min(option.shift, SCALE_MOST);
      else if (option.type === "timestamps") me.timestamps = true;
      else if (option.type === "sackPermitted") me.sack = true;
    }
    if (!(segment.flags & ACK)) me.edge = Math.max(me.edge, 1 + segment.window);
  }

  /** What it sends is its stream, inside of what the peer has offered, and nothing after its FIN. */
  #checkNumbers(i: number, segment: Segment): void {
    const me = this.#sides[i];
    const { length } = segment.payload;
    const isSyn = (segment.flags & SYN) !== 0;
    const from = ((segment.seq - me.iss) | 0) + (isSyn ? 1 : 0);
    const to = from + length;
    const last = to + (segment.flags & FIN ? 1 : 0);
    check(isSyn || (segment.flags & ACK) !== 0, "a segment without ACK");
    check(!isSyn || length === 0 || !(segment.flags & ACK), "a SYN,ACK with data");
    if (length === 1 && from === me.next - 1 && this.#isGarbage(i, from)) return;
    check(from >= 0 && from <= me.next, () => `a segment at ${from}, past ${me.next}`);
    if (last === from) return;
    check(to - 1 <= this.#queued[i](), () => `data up to ${to}, and ${this.#queued[i]()} were queued`);
    const wrong = length === 0 ? -1 : firstWrong(segment.payload, i, from - 1);
    check(wrong < 0, () => `byte ${wrong} is sent, and is not what was queued`);
    check(me.fin < 0 || last <= me.fin + 1, () => `a segment up to ${last} after the FIN at ${me.fin}`);
    if (segment.flags & FIN) {
      check(me.fin < 0 || me.fin === to, () => `a FIN at ${to} after one at ${me.fin}`);
      check(to - 1 === this.#queued[i](), () => `a FIN at ${to} before ${this.#queued[i]()} queued bytes`);
      me.fin = to;
    }
    const isProbe = last - from === 1 && from === me.heardEdge;
    // A fast open's SYN is sent before the peer has said anything (RFC 7413 4.2.1).
    check(last <= me.heardEdge || isProbe || isSyn, () => {
      return `a segment up to ${last}, and the peer's window ends at ${me.heardEdge}`;
    });
    if (from < me.next) this.repeated[i]++;
    if (last > me.next) me.next = last;
  }

  /** The garbage byte of a keep-alive repeats the number of something that has been acknowledged. */
  #isGarbage(i: number, from: number): boolean {
    const { keepAlive } = this.#hosts[i].settings;
    const garbage = typeof keepAlive === "object" && keepAlive?.garbageByte === true;
    return garbage && from < this.#sides[i].heardAcknowledged;
  }

  #checkAcknowledgment(i: number, segment: Segment): void {
    const me = this.#sides[i];
    const peer = this.#sides[1 - i];
    const acknowledged = (segment.ack - peer.iss) | 0;
    const edge = acknowledged + this.#window(i, segment);
    check(
      acknowledged <= peer.next,
      () => `acknowledges ${acknowledged}, and the peer has sent ${peer.next}`,
    );
    check(acknowledged >= me.acknowledged, () => `acknowledges ${acknowledged} after ${me.acknowledged}`);
    // RFC 7323 2.4: a scaled window may take back less than its unit.
    const unit = this.#unit(i, segment);
    // A SYN that is sent again says what it can without a scale.
    check(
      edge > me.edge - unit || (segment.flags & SYN) !== 0,
      () => `the right edge retreats from ${me.edge} to ${edge}`,
    );
    if (edge < me.edge) this.rounded++;
    me.acknowledged = acknowledged;
    if (edge > me.edge) me.edge = edge;
    for (const option of segment.options) {
      if (option.type !== "sack") continue;
      for (const { left, right } of option.blocks) {
        const from = (left - peer.iss) | 0;
        const to = (right - peer.iss) | 0;
        check(from < to && from >= 0 && to <= peer.next, () => `SACKs ${from} to ${to} of ${peer.next}`);
      }
    }
  }

  /** The window of a segment that host `i` sent: scaled when both SYNs said so, but never in a SYN. */
  #window(i: number, segment: Segment): number {
    return segment.window * this.#unit(i, segment);
  }

  #unit(i: number, segment: Segment): number {
    const scaled = !(segment.flags & SYN) && this.#sides[0].scale >= 0 && this.#sides[1].scale >= 0;
    return scaled ? 2 ** this.#sides[i].scale : 1;
  }

  /** Neither the first link nor the peer has to take more than it can (RFC 9293 3.7.1). */
  #checkSize(i: number, segment: Segment, bytes: number): void {
    if (segment.payload.length === 0 || segment.flags & SYN) return;
    const { mtu = 1500, minMss = 88 } = this.#hosts[i].settings;
    const headers = HEADERS[this.#family];
    const most = Math.min(mtu - headers, Math.max(this.#sides[1 - i].mss, minMss));
    const size = bytes - 20;
    check(
      size <= most || segment.payload.length === 1,
      () => `${size} bytes of data and options, and ${most} fit`,
    );
  }

  #checkOptions(i: number, segment: Segment): void {
    const [a, b] = this.#sides;
    let timestamps = false;
    for (const option of segment.options) {
      if (option.type === "timestamps") timestamps = true;
      else if (option.type === "sack") check(a.sack && b.sack, "SACK that was not agreed on");
    }
    const agreed = a.timestamps && b.timestamps;
    check(timestamps === agreed, () => `host ${i}: timestamps ${agreed ? "left out" : "not agreed on"}`);
  }
}
