import type { Direction } from "../reassembly/reassembler.ts";
import { Frames } from "./frames.ts";
import { Passage } from "./passage.ts";

/** Data sent after a silence in which no keep-alive probe was seen either. */
export interface Resume {
  readonly frame: number;
  readonly direction: Direction;
  readonly time: bigint;
  /** Nanoseconds of silence before it. */
  readonly idle: bigint;
  /** What the other end first said to it. */
  answer: "none" | "ack" | "rst";
  answerFrame: number;
  /** Nanoseconds until the answer. */
  answerAfter: bigint;
  /** The answer came from another distance than the other end's segments before. */
  answerOtherTtl: boolean;
  readonly retries: Frames;
}

const NONE: readonly number[] = [];

/** What one end did, as far as rules need frames of it. */
export class SideStory {
  readonly syn = new Frames();
  /** MSS option of its SYN, 0 where that was not captured. */
  mss = 0;
  /** Of the first and of the last SYN. */
  synTime = 0n;
  lastSynTime = 0n;
  fin = 0;
  finTime = 0n;
  /** The number behind it, which acknowledges it. */
  finEnd = 0;
  finAcked = false;
  /** Sent again, but for what belongs to `passage.hole`. */
  retransmitted = new Frames();
  readonly passage = new Passage();
  readonly recovered = new Frames();
  /** The most often one sequence number was sent again, and how often that was. */
  #retrySeq = -1;
  #retries = 0;
  mostRetries = 0;
  /** How many of its last segments with data, in a row, only repeated what it had sent. */
  repeats = 0;
  readonly zeroWindow = new Frames();
  /** When the window closed; -1 while it is open. */
  closedSince = -1n;
  /** Nanoseconds that it was closed in all. */
  closedFor = 0n;
  readonly windowFull = new Frames();
  readonly probes = new Frames();
  /** Probes since the other end was last heard. */
  unansweredProbes: readonly number[] = NONE;
  /** Nanoseconds of silence before the first of them. */
  probedAfter = 0n;
  /** A RST without ACK that answers with the sequence number it was acknowledged with: "I know no such session". */
  unknownSession = 0;
  rst = 0;
  /** Of the first RST; -1 where there is none. */
  rstTime = -1n;
  rstHasAck = false;
  /** RSTs from another distance than the end's segments. */
  readonly otherTtl = new Frames();
  /** RSTs that the other end has to ignore, while neither end had closed. */
  readonly outOfWindow = new Frames();
  readonly dataAfterRst = new Frames();
  /** ACKs that came late, as a delayed ACK does, and were at once followed by what had waited for them. */
  readonly waits = new Frames();
  waitedFor = 0n;
  lastAckLate = -1n;
  lastPayload = 0;
  lastDataFrame = 0;
  lastDataTime = -1n;
  readonly badChecksums = new Frames(3);
  readonly partialChecksums = new Frames(3);
  /** Segments without data: those whose checksum is partial, and those whose checksum is good. */
  partialEmpty = 0;
  finishedEmpty = 0;
  largest = 0;
  largestFrame = 0;
  segments = 0;
  withoutTimestamps = new Frames();
  maxInFlight = 0;

  /** All that it sent again. */
  get sentAgain(): Frames {
    const { hole } = this.passage;
    return hole ? this.retransmitted.with(hole.sentAgain) : this.retransmitted;
  }

  retry(seq: number): void {
    this.#retries = seq === this.#retrySeq ? this.#retries + 1 : 1;
    this.#retrySeq = seq;
    this.mostRetries = Math.max(this.mostRetries, this.#retries);
  }
}

/** What happened in one conversation, as far as rules need it beside its record. Bounded. */
export class Story {
  readonly sides: readonly [SideStory, SideStory] = [new SideStory(), new SideStory()];
  readonly resumes: Resume[] = [];
  /** The longest silence after which data or a keep-alive probe was still answered. Nanoseconds. */
  survivedIdle = 0n;
  /** When the client first acknowledged the server's SYN; -1 before. */
  openedAt = -1n;
  reusedPorts = 0;
  /** A duplicate of the SYN that had other options: captured before and behind something that changes them. */
  changedSyn: readonly [number, number] | undefined;
  firstSynOptions = "";
  lastTime = 0n;
}
