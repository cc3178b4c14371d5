import { ACK, FIN, PSH, RST, SYN, TCP_DST_PORT, TCP_SRC_PORT, URG } from "../../assembly/layout/wire.ts";
import { get16 } from "../wire/bytes.ts";
import { findOption } from "../wire/options/index.ts";
import { RelativeNumbers } from "../wire/relative.ts";
import { parseSegment, type Segment } from "../wire/segment.ts";
import { distance } from "../wire/seq.ts";
import { icmpLabel } from "./icmp-label.ts";
import { destinationOf, quotedPacket, segmentOf, sourceOf, tcpOffset } from "./packet.ts";
import type { Flight, Remark, StateChange, Trace } from "./trace.ts";

/** Which side a step starts from: 0 is the left one (the client), 1 the right one. */
export type Side = 0 | 1;

/** How a step is to catch the eye. */
export type Emphasis = "plain" | "open" | "close" | "reset" | "finding" | "lost";

/** States of both sides, RFC names; empty where nothing shows it. */
export type States = readonly [left: string, right: string];

/** A rung of the ladder: a segment. */
export interface Step {
  /** Milliseconds since the first step. */
  readonly at: number;
  readonly from: Side;
  /** `SYN seq 0`, `1448 bytes, seq 1`; already safe to print. */
  readonly label: string;
  readonly emphasis: Emphasis;
  /** Findings and remarks, printed beneath. */
  readonly notes: readonly string[];
  /** After the step: the sender's as it was sent, the receiver's once it had arrived. */
  readonly states: States;
  /** Frame number, where there is one. */
  readonly frame?: number;
  /** Payload bytes, for folding. */
  readonly bytes: number;
}

/** Something that no segment shows: a call, a timer, a change of state by itself. */
export interface Event {
  readonly event: string;
  /** Whose it is. */
  readonly side: Side;
  readonly at: number;
  readonly states: States;
}

/** Whose conversation a ladder shows. */
export interface LadderView {
  /** Names of the hosts. */
  readonly left: string;
  readonly right: string;
  /** The left side's socket. */
  readonly address: string;
  readonly port: number;
  /** States before anything happened. */
  readonly states: States;
  /** Sequence numbers as they are, instead of counted from each end's first. */
  readonly absolute?: boolean;
}

/** Draws a conversation from a world's trace: who sent what, and which states both ends were in, when. */
export function ladderOf(trace: Trace, view: LadderView): (Step | Event)[] {
  const draft = new Draft(view);
  const events: (Flight | StateChange | Remark)[] = [
    ...trace.flights.filter((flight) => isOf(flight, view)),
    ...trace.states.filter((change) => sideOf(change, view) !== undefined),
    ...trace.remarks.filter(({ host, socket }) =>
      socket ? sideOf({ host, ...socket }, view) !== undefined : host === view.left || host === view.right,
    ),
  ];
  events.sort((a, b) => a.order - b.order);
  for (const event of events) {
    if ("packet" in event) {
      if (quotedPacket(event.packet) === undefined) draft.segment(event);
      else draft.icmp(event);
    } else if ("state" in event) draft.state(sideOf(event, view)!, event);
    else draft.remark(event);
  }
  return draft.rungs();
}

type Open<T> = { -readonly [K in keyof T]: T[K] };

class Draft {
  readonly #view: LadderView;
  readonly #rungs: Open<Step | Event>[] = [];
  readonly #numbers = new RelativeNumbers();
  readonly #reading: [Reader, Reader] = [new Reader(), new Reader()];
  #states: States;
  /** A change of state that no rung shows yet. */
  #pending: { side: Side; at: number } | undefined;
  #lastFlight: Flight | undefined;

  constructor(view: LadderView) {
    this.#view = view;
    this.#states = view.states;
    this.#rungs.push({ event: "", side: 0, at: 0, states: view.states });
  }

  rungs(): (Step | Event)[] {
    this.#flush();
    return this.#rungs;
  }

  segment(flight: Flight): void {
    const from: Side = isFrom(flight.packet, this.#view) ? 0 : 1;
    const segment = parseSegment(segmentOf(flight.packet)!);
    const { seq, ack } = this.#view.absolute ? segment : this.#numbers.add(from, segment);
    const own = this.#reading[from];
    const seen = own.read(segment, this.#reading[1 - from]);
    const notes = [...seen, ...this.#wayOf(flight, from)];
    if (this.#pending && (this.#pending.side !== from || this.#pending.at !== flight.sent)) this.#flush();
    this.#pending = undefined;
    this.#rungs.push({
      at: flight.sent,
      from,
      label: labelOf(segment, seq, ack, own.window(segment), seen.includes(PROBE)),
      emphasis: emphasisOf(segment.flags, flight, notes.length > 0),
      notes,
      states: this.#states,
      bytes: segment.payload.length,
    });
    this.#lastFlight = flight;
  }

  /** An ICMP error about a segment of the conversation: it comes from beyond its receiver, whoever sent it. */
  icmp(flight: Flight): void {
    const from: Side = isFrom(quotedPacket(flight.packet)!, this.#view) ? 1 : 0;
    this.#flush();
    this.#rungs.push({
      at: flight.sent,
      from,
      label: icmpLabel(flight.packet),
      emphasis: flight.to === "" ? "lost" : "finding",
      notes: this.#wayOf(flight, from),
      states: this.#states,
      bytes: 0,
    });
    this.#lastFlight = flight;
  }

  state(side: Side, { at, host, state }: StateChange): void {
    if (this.#pending && (this.#pending.side !== side || this.#pending.at !== at)) this.#flush();
    this.#states = side === 0 ? [state, this.#states[1]] : [this.#states[0], state];
    const last = this.#rungs.at(-1)!;
    const flight = "event" in last ? undefined : this.#lastFlight;
    if (flight?.arrived === at && flight.to === host && this.#pending === undefined) {
      last.states = this.#states;
      // What it does next is its own doing.
      this.#lastFlight = undefined;
    } else {
      this.#pending = { side, at };
    }
  }

  remark({ at, host, text }: Remark): void {
    this.#flush();
    this.#rungs.push({ event: text, side: host === this.#view.left ? 0 : 1, at, states: this.#states });
  }

  #flush(): void {
    if (this.#pending === undefined) return;
    const { at } = this.#pending;
    const last = this.#rungs.at(-1)!;
    // What both ends come to at the same moment is one rung.
    if ("event" in last && last.event === "" && last.at === at) last.states = this.#states;
    else this.#rungs.push({ event: "", ...this.#pending, states: this.#states });
    this.#pending = undefined;
  }

  /** What became of it on the way, and who else was in it. */
  #wayOf({ from, to, notes }: Flight, side: Side): string[] {
    const { left, right } = this.#view;
    const others: string[] = [];
    if (from !== (side === 0 ? left : right)) others.push(`from ${from}`);
    if (to !== "" && to !== (side === 0 ? right : left)) others.push(`went to ${to}`);
    if (notes.length === 0 && to === "") others.push("nobody is there");
    return [...others, ...notes.map((note) => (note === "lost" ? "lost on the way" : note))];
  }
}

const PROBE = "keep-alive probe";

/** Follows one direction: how far it has come, and how its window is scaled. */
class Reader {
  #next: number | undefined;
  #synFlags = 0;
  #isClosed = false;
  #shift = 0;
  #offered: number | undefined;
  /** The peer's offer counts as well: without both nobody scales. */
  #scales = false;

  /** What a segment is besides its fields: a keep-alive probe, a retransmission. */
  read(segment: Segment, peer: Reader): string[] {
    const { seq, flags, payload } = segment;
    const length = payload.length + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
    const notes: string[] = [];
    if (flags & SYN) {
      this.#offered = findOption(segment.options, "windowScale")?.shift;
      const both = this.#offered !== undefined && (peer.#offered !== undefined || !(flags & ACK));
      this.#scales = both;
      if (flags & ACK) peer.#scales = both;
      this.#shift = this.#offered ?? 0;
    }
    const behind = this.#next === undefined || flags & SYN ? 0 : distance(seq, this.#next);
    const isAgain = (flags & SYN) !== 0 && this.#next === (seq + 1) >>> 0 && this.#synFlags === flags;
    if (flags & SYN) this.#synFlags = flags;
    const isPlain = !(flags & (SYN | FIN | RST));
    if (isPlain && payload.length === 1 && peer.#isClosed) notes.push("zero-window probe");
    else if (isPlain && behind === 1 && payload.length === 0) notes.push(PROBE);
    else if (isAgain || (length > 0 && behind > 0 && !(flags & RST))) notes.push("retransmission");
    this.#isClosed = segment.window === 0 && !(flags & RST);
    if (this.#isClosed) notes.push("the window is closed");
    if (this.#next === undefined || flags & SYN || distance(this.#next, seq + length) > 0)
      this.#next = (seq + length) >>> 0;
    return notes;
  }

  /** The window in bytes (RFC 7323 2.2: that of a SYN is never scaled). */
  window({ flags, window }: Segment): number {
    return flags & SYN || !this.#scales ? window : window * 2 ** this.#shift;
  }
}

/** @param isProbe its number is what makes it one, though it carries nothing */
function labelOf(segment: Segment, seq: number, ack: number, window: number, isProbe: boolean): string {
  const { flags, payload, options } = segment;
  const names = [
    flags & SYN && (flags & ACK ? "SYN ACK" : "SYN"),
    flags & FIN && "FIN",
    flags & RST && "RST",
    flags & URG && "URG",
    flags & PSH && "PSH",
  ];
  const parts = [names.filter(Boolean).join(" ")];
  if (payload.length > 0 || flags & (SYN | FIN | RST) || isProbe) parts.push(`seq ${seq}`);
  if (flags & ACK) parts.push(`ack ${ack}`);
  if (payload.length > 0) parts.push(`· ${payload.length} ${payload.length === 1 ? "byte" : "bytes"}`);
  if (flags & SYN) {
    const mss = findOption(options, "mss")?.value;
    const shift = findOption(options, "windowScale")?.shift;
    if (mss !== undefined) parts.push(`mss ${mss}`);
    if (shift !== undefined) parts.push(`wscale ${shift}`);
  }
  const sack = findOption(options, "sack")?.blocks.length ?? 0;
  if (sack > 0) parts.push(`sack ${sack}`);
  if (!(flags & RST)) parts.push(`win ${window}`);
  return parts.filter((part) => part !== "").join(" ");
}

function emphasisOf(flags: number, { to }: Flight, noted: boolean): Emphasis {
  if (to === "") return "lost";
  if (flags & RST) return "reset";
  if (flags & SYN) return "open";
  if (flags & FIN) return "close";
  return noted ? "finding" : "plain";
}

function isOf(flight: Flight, view: LadderView): boolean {
  const packet = quotedPacket(flight.packet) ?? flight.packet;
  return tcpOffset(packet) >= 0 && (isFrom(packet, view) || isTo(packet, view));
}

function isFrom(packet: Uint8Array, { address, port }: LadderView): boolean {
  return sourceOf(packet) === address && get16(packet, tcpOffset(packet) + TCP_SRC_PORT) === port;
}

function isTo(packet: Uint8Array, { address, port }: LadderView): boolean {
  return destinationOf(packet) === address && get16(packet, tcpOffset(packet) + TCP_DST_PORT) === port;
}

function sideOf(
  { host, localPort, remote, remotePort }: Pick<StateChange, "host" | "localPort" | "remote" | "remotePort">,
  view: LadderView,
): Side | undefined {
  if (host === view.left && localPort === view.port) return 0;
  return host === view.right && remote === view.address && remotePort === view.port ? 1 : undefined;
}
