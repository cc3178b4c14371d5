import { ACK, FIN, PSH, SYN } from "../../../assembly/layout/wire.ts";
import { controlLength } from "../../wire/flags.ts";
import type { TcpOption } from "../../wire/options/index.ts";
import { parseSegment } from "../../wire/segment.ts";
import type { Departure } from "../host/host.ts";
import type { Conversation } from "./conversation.ts";

/** A segment of the endpoint's in the script's numbers; or several that follow each other, taken as one. */
export interface Emitted {
  /** When the first of them left, ms. */
  readonly at: number;
  readonly flags: number;
  readonly seq: number;
  readonly length: number;
  readonly ack: number;
  readonly window: number;
  readonly urgent: number;
  readonly options: readonly TcpOption[];
  readonly ecn: number;
  /** Nothing waited behind it: it had to carry PSH (RFC 9293 3.9.1.2, MUST-61). */
  readonly isLast: boolean;
  /** Offset of the first byte that is not what the application wrote; -1. */
  readonly wrongByte: number;
}

export function decode(departure: Departure, conversation: Conversation): Emitted {
  const segment = parseSegment(departure.bytes);
  const { flags, payload } = segment;
  const isSyn = (flags & SYN) !== 0;
  const seq = conversation.localToScript(segment.seq, isSyn);
  const offset = isSyn ? 0 : conversation.localToScript(segment.seq, false) - 1;
  return {
    at: departure.at,
    flags,
    seq,
    length: payload.length,
    ack: flags & ACK ? conversation.remoteToScript(segment.ack, isSyn) : segment.ack,
    window: segment.window,
    urgent: segment.urgentPointer,
    options: segment.options.map((option) => scriptOption(option, conversation)),
    ecn: departure.ecn,
    isLast: (segment.seq + payload.length + controlLength(flags)) >>> 0 === departure.queueEnd,
    wrongByte: departure.connection?.sent.firstWrong(offset, payload) ?? -1,
  };
}

/** Whether `next` goes on where `first` ends, and says the same otherwise. */
export function continues(first: Emitted, next: Emitted): boolean {
  const changing = PSH | FIN;
  return (
    next.seq === (first.seq + first.length) >>> 0 &&
    first.length > 0 &&
    next.length > 0 &&
    (first.flags & ~changing) === (next.flags & ~changing) &&
    (first.flags & FIN) === 0 &&
    first.ack === next.ack &&
    first.ecn === next.ecn
  );
}

/** Two that follow each other as one: the last one's flags and options. */
export function joined(first: Emitted, next: Emitted): Emitted {
  return {
    ...next,
    at: first.at,
    seq: first.seq,
    length: first.length + next.length,
    wrongByte: first.wrongByte < 0 ? next.wrongByte : first.wrongByte,
  };
}

function scriptOption(option: TcpOption, conversation: Conversation): TcpOption {
  if (option.type === "sack") {
    const script = (seq: number) => conversation.remoteToScript(seq, false);
    return {
      type: "sack",
      blocks: option.blocks.map((b) => ({ left: script(b.left), right: script(b.right) })),
    };
  }
  if (option.type !== "timestamps") return option;
  return { ...option, tsval: conversation.timestampToScript(option.tsval) ?? option.tsval };
}
