import { distance } from "../../wire/seq.ts";
import { HeldPieces, type Piece } from "./held.ts";
import { newWins, type OverlapPolicy } from "./policy.ts";

/** What a byte stream tells while it is put together. Offsets are bytes from the stream's first byte. */
export interface StreamSink {
  /** The next bytes in order. Borrowed: valid during the call. */
  data(bytes: Uint8Array, offset: number): void;
  /** Bytes [offset, offset + length) will never come: not in the capture, or given up to stay within a limit. */
  gap(offset: number, length: number, reason: GapReason): void;
  /** A segment brought other bytes than one before it for the same place. */
  conflict(conflict: Conflict): void;
}

/** `missing`: the receiver acknowledged them, so only the capture lacks them. `limit`: too much was held. `end`: the input ended. */
export type GapReason = "missing" | "limit" | "end";

export interface Conflict {
  /** First byte that differs. */
  readonly offset: number;
  /** Bytes from the first to the last that differs. */
  readonly length: number;
  /** Whose bytes the stream has: `held` (or delivered) ones, or the new segment's. */
  readonly kept: "held" | "new";
}

export interface StreamLimits {
  readonly policy: OverlapPolicy;
  /** Bytes held out of order, the bookkeeping of each piece included. */
  readonly maxHeldBytes: number;
  /** Pieces held out of order. */
  readonly maxHeldSegments: number;
  /** Delivered bytes remembered, to tell a retransmission with other contents; 0 remembers none. */
  readonly history: number;
}

// What a held piece costs besides its bytes; counted, so that one-byte segments cannot slip under the limit.
const PIECE_OVERHEAD = 160;
// More than a window before the first number seen (RFC 7323 2.3): all that is sent lies behind it.
const FAR = 2 ** 30;

/** One direction of a conversation: segments in any order go in, bytes in order come out. */
export class StreamAssembler {
  readonly #limits: StreamLimits;
  readonly #sink: StreamSink;
  readonly #held = new HeldPieces();
  #heldBytes = 0;
  #nextSeq = 0;
  // Places are counted from where `start` or `await` began; the stream's first byte is at `#origin`.
  #offset = 0;
  #origin = 0;
  #started = false;
  /** While the first byte's number is not known: the lowest that was seen. */
  #lowest = -1;
  #finOffset = -1;
  #history: Uint8Array | undefined;
  #remembered = 0;

  constructor(limits: StreamLimits, sink: StreamSink) {
    this.#limits = limits;
    this.#sink = sink;
  }

  /** Whether a first sequence number is known. */
  get started(): boolean {
    return this.#started;
  }

  /** Bytes delivered or given up so far: the offset of the next byte. */
  get offset(): number {
    return this.#offset - this.#origin;
  }

  /** Bytes held out of order, the bookkeeping included. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  get heldSegments(): number {
    return this.#held.count;
  }

  /** Whether every byte up to the FIN has been delivered or given up. */
  get finished(): boolean {
    return this.#finOffset >= 0 && this.#offset >= this.#finOffset;
  }

  /** Sets the sequence number of the stream's first byte: ISN + 1, or, in mid-stream, the first one seen. */
  start(seq: number): void {
    if (this.isWaiting) this.#begin(seq);
    if (this.#started) return;
    this.#started = true;
    this.#nextSeq = seq >>> 0;
  }

  /**
   * Starts with a segment that the SYN has still to follow: data that a Fast Open let go at once (RFC 7413 4.2.2), whose
   * SYN,ACK was lost or overtaken. All is held until `start`; or until the peer acknowledges, which it cannot before it
   * has the SYN, so that only the capture lacks it; or until the end, or a limit.
   */
  await(seq: number): void {
    if (!this.#started) {
      this.#started = true;
      this.#nextSeq = (seq - FAR) >>> 0;
      this.#lowest = FAR;
    } else if (this.isWaiting) {
      this.#lowest = Math.max(0, Math.min(this.#lowest, this.#place(seq)));
    }
  }

  /** Whether `await` was called, and the first byte's number is not known yet. */
  get isWaiting(): boolean {
    return this.#lowest >= 0;
  }

  /**
   * Takes a segment's payload.
   * @param seq sequence number of the first payload byte
   * @param bytes what the capture has of the payload; copied if it must wait
   * @param length payload length on the wire: a snaplen may have cut `bytes` shorter
   */
  push(seq: number, bytes: Uint8Array, length: number): void {
    if (!this.#started) this.start(seq);
    const start = this.#place(seq);
    // Behind a FIN there is nothing: the garbage byte of a keep-alive probe may stand there (RFC 9293 3.8.4).
    const end = Math.min(this.#last, start + Math.min(bytes.length, length));
    if (start < this.#offset) this.#compareDelivered(start, Math.min(end, this.#offset), bytes);
    if (end > this.#offset) {
      if (start <= this.#offset && this.#held.count === 0) {
        this.#deliver(bytes.subarray(this.#offset - start, end - start));
      } else {
        this.#hold(start, end, bytes);
        this.#drain();
        this.#enforceLimits();
      }
    }
    // What the snaplen cut can only be a gap; it is given when it is the turn of the bytes behind it.
  }

  /**
   * Notes that the stream ends before sequence number `seq` (that of the FIN itself). A FIN before what was delivered
   * ends nothing: no receiver takes it (RFC 9293 3.10.7.4, first). Of several the first in the stream is the end.
   */
  fin(seq: number): void {
    if (!this.#started) this.start(seq);
    const place = this.#place(seq);
    if (place < this.#offset || place >= this.#last) return;
    this.#finOffset = place;
    if (this.finished) this.#drop();
  }

  /** The receiver acknowledged everything before `seq`: what is missing below it is missing in the capture only. */
  acknowledged(seq: number): void {
    if (!this.#started) return;
    const upTo = this.#place(seq);
    if (this.isWaiting && upTo > 0) this.#beginAt(Math.min(this.#lowest, upTo));
    let piece = this.#held.first();
    while (piece !== undefined && piece.start < upTo && piece.start > this.#offset) {
      this.#skip(piece.start, "missing");
      this.#drain();
      piece = this.#held.first();
    }
  }

  /** Delivers what is held, with its gaps: no more segments will come. */
  end(): void {
    if (this.isWaiting) this.#beginAt(this.#lowest);
    for (let piece = this.#held.first(); piece !== undefined; piece = this.#held.first()) {
      if (piece.start > this.#offset) this.#skip(piece.start, "end");
      this.#drain();
    }
    if (this.#finOffset > this.#offset) this.#skip(this.#finOffset, "end");
  }

  /** Where the stream ends, as far as is known. */
  get #last(): number {
    return this.#finOffset < 0 ? Number.POSITIVE_INFINITY : this.#finOffset;
  }

  #drop(): void {
    this.#held.clear();
    this.#heldBytes = 0;
  }

  #place(seq: number): number {
    return this.#offset + distance(this.#nextSeq, seq);
  }

  #begin(seq: number): void {
    const place = this.#place(seq);
    if (place >= 0) {
      this.#beginAt(place);
      return;
    }
    // Further than a window before: what was held belongs to another connection.
    this.#drop();
    this.#lowest = this.#finOffset = -1;
    this.#nextSeq = seq >>> 0;
  }

  /** The stream begins there, and what is held before it is no part of it. */
  #beginAt(place: number): void {
    this.#lowest = -1;
    if (this.#finOffset < place) this.#finOffset = -1;
    this.#advance(place - this.#offset);
    this.#origin = place;
    for (let piece = this.#held.first(); piece !== undefined; piece = this.#held.first()) {
      if (piece.start + piece.bytes.length > place) break;
      this.#release(piece);
    }
    this.#drain();
  }

  #deliver(bytes: Uint8Array): void {
    this.#remember(bytes);
    this.#sink.data(bytes, this.offset);
    this.#advance(bytes.length);
  }

  #skip(to: number, reason: GapReason): void {
    const length = Math.min(to, this.#last) - this.#offset;
    this.#sink.gap(this.offset, length, reason);
    // What was skipped is not known, so no later segment can contradict it.
    this.#remembered = 0;
    this.#advance(length);
  }

  #advance(length: number): void {
    this.#offset += length;
    this.#nextSeq = (this.#nextSeq + length) >>> 0;
    if (this.finished) this.#drop(); // what is held stands behind the FIN
  }

  #drain(): void {
    for (let piece = this.#held.first(); piece && piece.start <= this.#offset; piece = this.#held.first()) {
      this.#release(piece);
      this.#deliver(piece.bytes.subarray(this.#offset - piece.start, this.#last - piece.start));
    }
  }

  #release(piece: Piece): void {
    this.#held.remove(piece);
    this.#heldBytes -= piece.bytes.length + PIECE_OVERHEAD;
  }

  #enforceLimits(): void {
    while (this.#heldBytes > this.#limits.maxHeldBytes || this.#held.count > this.#limits.maxHeldSegments) {
      const piece = this.#held.first();
      if (piece === undefined) return;
      if (this.isWaiting) this.#beginAt(this.#lowest);
      else this.#skip(piece.start, "limit");
      this.#drain();
    }
  }

  // Lays [start, end) among the held pieces. Walking from left to right, each stretch is either free, and
  // becomes a piece, or taken, and the policy says whose bytes stay.
  #hold(start: number, end: number, bytes: Uint8Array): void {
    const from = Math.max(start, this.#offset);
    let at = from;
    for (const piece of this.#held.overlapping(from, end)) {
      const pieceEnd = piece.start + piece.bytes.length;
      const left = Math.max(piece.start, from);
      const right = Math.min(pieceEnd, end);
      const wins = newWins(this.#limits.policy, start, end, piece.segmentStart, piece.segmentEnd);
      this.#compare(
        left,
        piece.bytes.subarray(left - piece.start, right - piece.start),
        bytes.subarray(left - start, right - start),
        wins ? "new" : "held",
      );
      if (wins) {
        this.#carve(piece, left, right);
      } else {
        if (left > at) this.#insert(at, bytes.subarray(at - start, left - start), start, end);
        at = right;
      }
    }
    if (end > at) this.#insert(at, bytes.subarray(at - start, end - start), start, end);
  }

  // Takes [left, right) out of a held piece; what stands on either side stays.
  #carve(piece: Piece, left: number, right: number): void {
    this.#release(piece);
    const { start, bytes, segmentStart, segmentEnd } = piece;
    if (left > start) this.#insert(start, bytes.subarray(0, left - start), segmentStart, segmentEnd);
    if (right < start + bytes.length) {
      this.#insert(right, bytes.subarray(right - start), segmentStart, segmentEnd);
    }
  }

  #insert(start: number, bytes: Uint8Array, segmentStart: number, segmentEnd: number): void {
    this.#held.insert({ start, bytes: bytes.slice(), segmentStart, segmentEnd });
    this.#heldBytes += bytes.length + PIECE_OVERHEAD;
  }

  #compare(offset: number, held: Uint8Array, fresh: Uint8Array, kept: "held" | "new"): void {
    let first = 0;
    while (first < held.length && held[first] === fresh[first]) first++;
    if (first === held.length) return;
    let last = held.length - 1;
    while (held[last] === fresh[last]) last--;
    this.#sink.conflict({ offset: offset + first - this.#origin, length: last - first + 1, kept });
  }

  // A ring: the byte at offset o of the stream lies at o modulo its size.
  #remember(bytes: Uint8Array): void {
    const size = this.#limits.history;
    if (size === 0) return;
    this.#history ??= new Uint8Array(size);
    const kept = bytes.subarray(Math.max(0, bytes.length - size));
    const at = (this.offset + bytes.length - kept.length) % size;
    const head = Math.min(kept.length, size - at);
    this.#history.set(kept.subarray(0, head), at);
    this.#history.set(kept.subarray(head), 0);
    this.#remembered = Math.min(size, this.#remembered + bytes.length);
  }

  #compareDelivered(start: number, end: number, bytes: Uint8Array): void {
    const history = this.#history;
    if (history === undefined) return;
    const left = Math.max(start, this.#offset - this.#remembered);
    if (left >= end) return;
    const delivered = new Uint8Array(end - left);
    const at = (left - this.#origin) % history.length;
    const head = Math.min(delivered.length, history.length - at);
    delivered.set(history.subarray(at, at + head));
    delivered.set(history.subarray(0, delivered.length - head), head);
    this.#compare(left, delivered, bytes.subarray(left - start, end - start), "held");
  }
}
