import { gt, le } from "../wire/seq.ts";
import type { Ranges } from "./ranges.ts";

// Marks of a segment in flight.
/** The peer holds it (SACK, RFC 2018). */
export const SACKED = 1;
/** Taken for lost and not sent again since. */
export const LOST = 2;
/** Sent again, and that copy taken to be under way. */
export const RETRANSMITTED = 4;
/** Sent again at some time: its acknowledgment says nothing about the round trip (Karn, RFC 6298 3). */
export const EVER_RETRANSMITTED = 8;

const SMALLEST = 16;

/**
 * The retransmission queue: segments sent and not yet acknowledged, in sequence order, one row a segment
 * in parallel columns. A connection holds one only while something is in flight.
 *
 * Rows are named by a count that grows by one a segment and wraps at 2^32; `slot(row)` is the row's place
 * in the columns. The oldest row is `first`, and `next` is the row that the next segment will get.
 */
export class Flight {
  /** Sequence number of the first byte. */
  start = new Int32Array(SMALLEST);
  /** Sequence number after the last (a FIN counts). */
  end = new Int32Array(SMALLEST);
  /** When it was last sent. */
  at = new Float64Array(SMALLEST);
  /** `SACKED` and its neighbours. */
  marks = new Uint8Array(SMALLEST);
  first = 0;
  next = 0;

  // Bytes in rows so marked; a row is never SACKED and LOST.
  sacked = 0;
  lost = 0;
  retransmitted = 0;
  /** Rows marked SACKED. */
  sackedRows = 0;

  /** No row before this one is to be sent again. */
  lostHint = 0;

  /** What SACK has reported beyond SND.UNA. */
  reported: Ranges | null = null;

  // RACK (RFC 8985 5.2): the segment sent last of all that were delivered since something was in flight.
  rackAt = Number.NEGATIVE_INFINITY;
  rackEnd = 0;
  rackRtt = 0;
  /** RACK.fack: the highest number delivered. Set to SND.UNA when the first segment is sent. */
  highest = 0;
  /** Rows before this one are decided: delivered, lost, or sent again (and then in the order of `Recovery.resent`). */
  decided = 0;

  get rows(): number {
    return (this.next - this.first) | 0;
  }

  slot(row: number): number {
    return row & (this.start.length - 1);
  }

  push(start: number, end: number, at: number): void {
    if (this.rows === this.start.length) this.#grow();
    const i = this.slot(this.next);
    this.start[i] = start;
    this.end[i] = end;
    this.at[i] = at;
    this.marks[i] = 0;
    this.next = (this.next + 1) | 0;
  }

  /** Drops the oldest row. */
  shift(): void {
    if (this.marks[this.slot(this.first)] !== 0) this.clear(this.first, SACKED | LOST | RETRANSMITTED);
    const next = (this.first + 1) | 0;
    if (this.lostHint === this.first) this.lostHint = next;
    if (this.decided === this.first) this.decided = next;
    this.first = next;
  }

  /** Takes bytes before `seq` off the oldest row, which reaches past it. */
  trim(seq: number): void {
    const i = this.slot(this.first);
    const marks = this.marks[i];
    this.clear(this.first, marks);
    this.start[i] = seq;
    this.mark(this.first, marks);
  }

  /** Cuts a row in two at `seq`, which lies inside it. Both keep its marks. */
  split(row: number, seq: number): void {
    if (this.rows === this.start.length) this.#grow();
    for (let r = this.next; r !== row; r = (r - 1) | 0) this.#move(this.slot(r), this.slot((r - 1) | 0));
    this.next = (this.next + 1) | 0;
    if (gt(this.lostHint, row)) this.lostHint = (this.lostHint + 1) | 0;
    if (gt(this.decided, row)) this.decided = (this.decided + 1) | 0;
    this.end[this.slot(row)] = seq;
    this.start[this.slot((row + 1) | 0)] = seq;
    if (this.marks[this.slot(row)] & SACKED) this.sackedRows++;
  }

  /** The first row that ends after `seq`; `next` when none does. */
  find(seq: number): number {
    let low = 0;
    let high = this.rows;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (le(this.end[this.slot((this.first + middle) | 0)], seq)) low = middle + 1;
      else high = middle;
    }
    return (this.first + low) | 0;
  }

  /** Takes a row, sent once or again, for lost: it is to be sent again. */
  lose(row: number): void {
    this.clear(row, RETRANSMITTED);
    this.mark(row, LOST);
    if (gt(this.lostHint, row)) this.lostHint = row;
  }

  /** The first row that is to be sent again; `next` when there is none. */
  nextLost(): number {
    while (this.lostHint !== this.next) {
      if ((this.marks[this.slot(this.lostHint)] & (LOST | RETRANSMITTED)) === LOST) break;
      this.lostHint = (this.lostHint + 1) | 0;
    }
    return this.lostHint;
  }

  /** Sets marks of a row and counts its bytes. */
  mark(row: number, marks: number): void {
    const i = this.slot(row);
    const set = marks & ~this.marks[i];
    const length = (this.end[i] - this.start[i]) | 0;
    this.marks[i] |= marks;
    if (set & SACKED) {
      this.sacked += length;
      this.sackedRows++;
    }
    if (set & LOST) this.lost += length;
    if (set & RETRANSMITTED) this.retransmitted += length;
  }

  /** Clears marks of a row and uncounts its bytes. */
  clear(row: number, marks: number): void {
    const i = this.slot(row);
    const cleared = marks & this.marks[i];
    const length = (this.end[i] - this.start[i]) | 0;
    this.marks[i] &= ~marks;
    if (cleared & SACKED) {
      this.sacked -= length;
      this.sackedRows--;
    }
    if (cleared & LOST) this.lost -= length;
    if (cleared & RETRANSMITTED) this.retransmitted -= length;
  }

  /** Forgets every row. */
  reset(): void {
    this.first = this.next = this.lostHint = this.decided = 0;
    this.reported = null;
    this.rackAt = Number.NEGATIVE_INFINITY;
    this.sacked = this.lost = this.retransmitted = this.sackedRows = 0;
  }

  #grow(): void {
    const { start, end, at, marks } = this;
    const larger = start.length * 2;
    const from = start.length - 1;
    this.start = new Int32Array(larger);
    this.end = new Int32Array(larger);
    this.at = new Float64Array(larger);
    this.marks = new Uint8Array(larger);
    for (let row = this.first; row !== this.next; row = (row + 1) | 0) {
      const i = row & (larger - 1);
      this.start[i] = start[row & from];
      this.end[i] = end[row & from];
      this.at[i] = at[row & from];
      this.marks[i] = marks[row & from];
    }
  }

  #move(to: number, from: number): void {
    this.start[to] = this.start[from];
    this.end[to] = this.end[from];
    this.at[to] = this.at[from];
    this.marks[to] = this.marks[from];
  }
}

// Released flights wait here for the next connection; one that grew large is left to the collector.
const POOLED = 1024;
const POOLED_ROWS = 4096;
const pool: Flight[] = [];

export function takeFlight(): Flight {
  return pool.pop() ?? new Flight();
}

export function releaseFlight(flight: Flight): void {
  if (pool.length >= POOLED || flight.start.length > POOLED_ROWS) return;
  flight.reset();
  pool.push(flight);
}
