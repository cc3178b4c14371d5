import { ge, gt, lt } from "../../wire/seq.ts";
import { Frames } from "./frames.ts";

/** A segment with data, as far as its way to the other end is concerned. */
export interface Sent {
  readonly seq: number;
  readonly end: number;
  /** Bytes of its packet: payload, TCP header, and an IP header without options. */
  readonly size: number;
  readonly frame: number;
  readonly time: bigint;
}

/** A segment of the other end that acknowledges. */
export interface Acknowledgment {
  readonly ack: number;
  readonly frame: number;
  readonly time: bigint;
  /** Something arrived behind a gap: left and right edges in turn (RFC 2018), or an ACK repeated (RFC 5681 2). */
  readonly sacked: readonly number[];
  readonly repeated: boolean;
}

/** Bytes that were sent again, larger than anything of this end that had been acknowledged by then. */
export class Hole {
  readonly seq: number;
  /** What was not acknowledged: the bytes of its packet. */
  readonly size: number;
  /** How often it was sent again in that size. */
  attempts = 0;
  /** The frames that did so, the first time included where the capture has it. */
  readonly tries = new Frames(5);
  /** All that was sent again meanwhile, of these bytes and of those behind them. */
  sentAgain = new Frames();
  /** When the first of the tries was seen, when something was first sent again, and the last try. */
  readonly since: bigint;
  readonly firstAgain: bigint;
  lastTry: bigint;
  /** The same bytes in a smaller segment, and the ACK of it. */
  cut: Sent | undefined;
  answer: Acknowledgment | undefined;
  /** The last that the other end sent of its own accord meanwhile, when, and how often it repeated something. */
  heard = 0;
  heardAt = 0n;
  repeats = 0;
  /** What had been sent until the smaller segment was acknowledged. */
  until = 0;

  constructor(again: Sent, first: Sent | undefined, firstAgain: bigint) {
    this.seq = again.seq;
    this.size = first && first.size > again.size ? first.size : again.size;
    this.since = first?.time ?? again.time;
    this.lastTry = this.since;
    this.firstAgain = firstAgain;
    if (first) this.tries.add(first.frame);
  }

  /** The same bytes once more. */
  try(again: Sent): void {
    if (again.size < this.size) {
      this.cut = again;
      return;
    }
    this.attempts++;
    this.tries.add(again.frame);
    this.lastTry = again.time;
    this.cut = undefined;
  }

  get isPassed(): boolean {
    return this.answer !== undefined;
  }
}

const NONE: readonly Sent[] = [];
// Of several that were sent together one shows as well as all whether they arrive.
const MOST_TRIALS = 4;

/** Which sizes of one end's packets got through, and the hole that larger ones vanish in. */
export class Passage {
  /** The largest packet known to have arrived, and its frame; 0 for none. */
  passed = 0;
  passedFrame = 0;
  /** Larger ones that wait for an ACK, the first few. */
  #trials: readonly Sent[] = NONE;
  #highest: number | undefined;
  /** The last of them that was sent again in smaller pieces. */
  #inPieces: Sent | undefined;
  /** The other end's last word that something had arrived behind a gap. */
  behind: Acknowledgment | undefined;
  hole: Hole | undefined;

  /** Data that is new, up to here. */
  reaches(end: number): void {
    if (this.#highest === undefined || gt(end, this.#highest)) this.#highest = end;
  }

  /** Whether it is worth knowing what becomes of a packet of that size. */
  isCurious(size: number): boolean {
    return size > this.passed && this.#trials.length < MOST_TRIALS;
  }

  /** Watches a packet with data that is new. */
  tries(packet: Sent): void {
    this.#trials = [...this.#trials, packet];
  }

  /** Data sent again. Gives whether it belongs to a hole. */
  again(segment: Sent): boolean {
    const first = this.#trials.find(({ seq }) => seq === segment.seq);
    // What goes on in smaller pieces tells nothing any more of the size that it had.
    this.#inPieces = this.#trials.find((trial) => isPiece(segment, trial)) ?? this.#inPieces;
    this.#trials = this.#trials.filter((trial) => !isPiece(segment, trial));
    const { hole } = this;
    if (hole === undefined || (!hole.isPassed && lt(segment.seq, hole.seq))) {
      if (Math.max(segment.size, first?.size ?? 0) <= this.passed) return false;
      // What is lost at the tail is probed for first (RFC 8985 7); the hole is where the oldest bytes are missing.
      this.hole = new Hole(segment, first, hole?.firstAgain ?? segment.time);
      if (hole) this.hole.sentAgain = hole.sentAgain;
      this.hole.try(segment);
    } else if (hole.isPassed && !this.#isTooLarge(segment, hole)) {
      return false;
    } else if (segment.seq === hole.seq && !hole.isPassed) {
      hole.try(segment);
    }
    this.hole!.sentAgain.add(segment.frame);
    return true;
  }

  /** What the other end acknowledges. Gives a hole that was none: the same size got through. */
  acknowledged(by: Acknowledgment): Hole | undefined {
    for (const trial of this.#trials) if (hasArrived(trial, by)) this.#passes(trial);
    if (by.sacked.length > 0 || by.repeated) this.behind = by;
    const { hole } = this;
    if (!hole || hole.isPassed || !gt(by.ack, hole.seq)) return undefined;
    if (hole.cut && ge(by.ack, hole.cut.end)) {
      hole.answer = by;
      hole.until = this.#highest ?? by.ack;
      this.#passes(hole.cut);
      return undefined;
    }
    this.hole = undefined;
    return hole;
  }

  /** Whether what the other end acknowledges is of interest. */
  get isWaiting(): boolean {
    return this.#trials.length > 0 || (this.hole !== undefined && !this.hole.isPassed);
  }

  /** Packets that wait for an ACK and are larger than any that arrived; counted up to a few. */
  get waiting(): number {
    return this.#trials.length;
  }

  /** What was on its way when the smaller size was found, or was sent larger since, to see whether that passes by now. */
  #isTooLarge(segment: Sent, hole: Hole): boolean {
    if (ge(segment.seq, hole.seq) && lt(segment.seq, hole.until)) return true;
    return this.#inPieces !== undefined && isPiece(segment, this.#inPieces);
  }

  #passes({ size, frame }: Sent): void {
    if (size > this.passed) {
      this.passed = size;
      this.passedFrame = frame;
    }
    this.#trials = this.#trials.filter((trial) => trial.size > this.passed);
  }
}

function isPiece(segment: Sent, trial: Sent): boolean {
  return segment.size < trial.size && ge(segment.seq, trial.seq) && lt(segment.seq, trial.end);
}

function hasArrived({ seq, end }: Sent, { ack, sacked }: Acknowledgment): boolean {
  if (ge(ack, end)) return true;
  for (let i = 0; i < sacked.length; i += 2) if (ge(seq, sacked[i]) && ge(sacked[i + 1], end)) return true;
  return false;
}
