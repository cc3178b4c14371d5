import { CHECKSUM_BAD } from "../../../assembly/layout/status.ts";
import { ACK, FIN, RST, SYN, TCP_HEADER_MIN } from "../../../assembly/layout/wire.ts";
import { payloadBytes } from "../../capture/segment-bytes.ts";
import type { Segments } from "../../capture/segments.ts";
import { type Analysis, NO_STREAM } from "../analysis.ts";
import type { OverlapPolicy } from "./policy.ts";
import { type Conflict, type GapReason, StreamAssembler, type StreamLimits } from "./stream.ts";

/** 0: from the side that the tracker calls the client; 1: from the server. */
export type Direction = 0 | 1;

/** What the conversations of a capture say. `flow` is the tracker's stream number. */
export interface ReassemblySink {
  /** The next bytes of a direction. Borrowed: valid during the call. `offset` counts from its first byte. */
  data?(flow: number, direction: Direction, bytes: Uint8Array, offset: number): void;
  /** Bytes that will not come. */
  gap?(flow: number, direction: Direction, offset: number, length: number, reason: GapReason): void;
  /** A segment contradicted bytes of an earlier one. `frame` is the frame that brought it. */
  conflict?(flow: number, direction: Direction, conflict: Conflict, frame: number): void;
  /**
   * Nothing more will come of this conversation: both FINs are reached (`fin`), the input ended after a RST
   * (`rst`) or without one (`end`), or it was given up to stay within a limit (`limit`): what still comes then begins
   * anew, in mid-stream, with offset 0. A RST alone does not end it, since bytes under way past it are still in the
   * capture.
   */
  end?(flow: number, reason: "fin" | "rst" | "end" | "limit"): void;
}

export interface ReassemblyOptions {
  /** Whose bytes win where segments overlap out of order. Default `first`. */
  policy?: OverlapPolicy;
  /** Only this conversation. */
  flow?: number;
  /** Conversations under reassembly at a time; the one idle longest is ended. Default 65,536. */
  maxFlows?: number;
  /** Bytes held out of order by one direction, 160 of bookkeeping a piece included. Default 4 MiB. */
  maxHeldBytes?: number;
  /** Pieces held out of order by one direction. Default 16,384. */
  maxHeldSegments?: number;
  /** Bytes held out of order by all conversations together; of those that hold any, the one idle longest is ended. Default 256 MiB. */
  maxTotalHeldBytes?: number;
  /** Delivered bytes a direction remembers, to notice a retransmission with other contents. Default 0: none. */
  history?: number;
  /** Leave out segments whose checksum is bad, as a receiver would. Default false: captures taken on the sender often lack checksums. */
  skipBadChecksums?: boolean;
}

interface Conversation {
  readonly sides: readonly [StreamAssembler, StreamAssembler];
  held: number;
  /** Ends that have opened with a SYN, a bit each: the other's SYN must follow. */
  opened: number;
  reset: boolean;
  /** Told to the sink as ended: what still comes is repetition. */
  ended: boolean;
}

/**
 * Puts the byte streams of a capture's conversations back together: out of order, retransmitted,
 * overlapping, wrapped and missing bytes, and captures that begin in the middle. What it holds is bounded;
 * whatever a limit gives up is told as a gap.
 */
export class Reassembler {
  readonly #sink: ReassemblySink;
  readonly #only: number | undefined;
  readonly #maxFlows: number;
  readonly #maxTotal: number;
  readonly #skipBad: boolean;
  readonly #limits: StreamLimits;
  // Both in the order of last use: they keep insertion order, and use re-inserts.
  readonly #conversations = new Map<number, Conversation>();
  /** Those that hold bytes out of order. */
  readonly #holding = new Set<number>();
  #total = 0;
  #frame = 0;

  constructor(sink: ReassemblySink, options: ReassemblyOptions = {}) {
    this.#sink = sink;
    this.#only = options.flow;
    this.#maxFlows = options.maxFlows ?? 65_536;
    this.#maxTotal = options.maxTotalHeldBytes ?? 256 << 20;
    this.#skipBad = options.skipBadChecksums ?? false;
    this.#limits = {
      policy: options.policy ?? "first",
      maxHeldBytes: options.maxHeldBytes ?? 4 << 20,
      maxHeldSegments: options.maxHeldSegments ?? 16_384,
      history: options.history ?? 0,
    };
  }

  /** Bytes held out of order in all conversations, bookkeeping included. */
  get heldBytes(): number {
    return this.#total;
  }

  /**
   * Takes a batch. Nothing of it is kept beyond the call.
   * @param segments the rows, with their payload (`holdsPayload`)
   * @param analysis what `FlowTracker.add` said of the same rows
   * @throws {TypeError} when the segments were read without their payload
   */
  add(segments: Segments, analysis: Pick<Analysis, "stream" | "direction">): void {
    if (!segments.holdsPayload) throw new TypeError("Reassembler: these segments hold no payload");
    const { stream, direction } = analysis;
    for (let row = 0; row < segments.length; row++) {
      const flow = stream[row];
      if (this.#only === undefined ? flow === NO_STREAM : flow !== this.#only) continue;
      // Without a header of 20 bytes there is no sequence number to go by.
      if (segments.headerLength[row] < TCP_HEADER_MIN) continue;
      if (this.#skipBad && segments.checksumStatus[row] === CHECKSUM_BAD) continue;
      this.#segment(segments, row, flow, direction[row] as Direction);
    }
  }

  /** No more segments will come: delivers what is held, with its gaps, and ends every conversation. */
  end(): void {
    for (const flow of [...this.#conversations.keys()]) this.#close(flow, "end");
  }

  #segment(segments: Segments, row: number, flow: number, direction: Direction): void {
    const flags = segments.flags[row];
    const payload = segments.payloadLength[row];
    const conversation = this.#conversation(flow);
    if (conversation.ended) return;
    const side = conversation.sides[direction];
    const other = conversation.sides[1 - direction];
    const seq = segments.seq[row];
    // SYN takes the first sequence number; what it carries (fast open, RFC 7413) begins behind it.
    const first = flags & SYN ? (seq + 1) >>> 0 : seq;
    this.#frame = segments.frame[row];

    if (flags & SYN || !(conversation.opened & (2 >> direction))) side.start(first);
    else if (!(flags & RST)) side.await(seq);
    if ((flags & (SYN | ACK)) === SYN) conversation.opened |= 1 << direction;
    if (flags & ACK && other.started) other.acknowledged(segments.ack[row]);
    // What a RST carries is a diagnostic, not part of the stream (RFC 9293 3.5.3).
    if (payload > 0 && !(flags & RST)) {
      side.push(first, payloadBytes(segments, row), payload);
    }
    if (flags & FIN) side.fin((first + payload) >>> 0);

    if (flags & RST) conversation.reset = true;
    this.#recount(flow, conversation, side.heldBytes + other.heldBytes);
    if (side.finished && other.finished) this.#finish(flow, conversation, "fin");
    while (this.#total > this.#maxTotal) this.#closeOldest(this.#holding);
  }

  #recount(flow: number, conversation: Conversation, held: number): void {
    if (held === 0 && conversation.held === 0) return;
    this.#total += held - conversation.held;
    conversation.held = held;
    this.#holding.delete(flow);
    if (held > 0) this.#holding.add(flow);
  }

  #conversation(flow: number): Conversation {
    const known = this.#conversations.get(flow);
    if (known) {
      this.#conversations.delete(flow);
      this.#conversations.set(flow, known);
      return known;
    }
    if (this.#conversations.size >= this.#maxFlows) this.#closeOldest(this.#conversations);
    const fresh: Conversation = {
      sides: [this.#side(flow, 0), this.#side(flow, 1)],
      held: 0,
      opened: 0,
      reset: false,
      ended: false,
    };
    this.#conversations.set(flow, fresh);
    return fresh;
  }

  #side(flow: number, direction: Direction): StreamAssembler {
    const sink = this.#sink;
    return new StreamAssembler(this.#limits, {
      data: (bytes, offset) => sink.data?.(flow, direction, bytes, offset),
      gap: (offset, length, reason) => sink.gap?.(flow, direction, offset, length, reason),
      conflict: (conflict) => sink.conflict?.(flow, direction, conflict, this.#frame),
    });
  }

  #closeOldest(among: Pick<ReadonlySet<number>, "keys">): void {
    const oldest = among.keys().next();
    if (!oldest.done) this.#close(oldest.value, "limit");
  }

  #close(flow: number, reason: "end" | "limit"): void {
    const conversation = this.#conversations.get(flow);
    if (!conversation) return;
    this.#finish(flow, conversation, conversation.reset && reason === "end" ? "rst" : reason);
    this.#conversations.delete(flow);
  }

  #finish(flow: number, conversation: Conversation, reason: "fin" | "rst" | "end" | "limit"): void {
    if (conversation.ended) return;
    conversation.ended = true;
    for (const side of conversation.sides) side.end();
    this.#recount(flow, conversation, 0);
    this.#sink.end?.(flow, reason);
  }
}
