import type { TcpOption } from "../wire/options/index.ts";

/** A packetdrill script, read but not run. */
export interface Script {
  readonly path: string;
  /** `--name=value` lines, in their order. */
  readonly headers: readonly Header[];
  readonly events: readonly ScriptEvent[];
}

/** A header line: `--tolerance_usecs=10000`. `value` is absent for a switch. */
export interface Header {
  readonly line: number;
  readonly name: string;
  readonly value?: string;
}

/** One thing that happens, or must happen, at its time. */
export interface ScriptEvent {
  /** Line of its time, from 1. */
  readonly line: number;
  /** Null for shell lines before the first and after the last event, which have none. */
  readonly time: EventTime | null;
  readonly action: Action;
  /** As the script has it, on one line. */
  readonly text: string;
}

/** Microseconds since the first event, or since what happened before; `to` makes a range. */
export type EventTime =
  | { readonly type: "absolute"; readonly from: number; readonly to?: number }
  | { readonly type: "relative"; readonly from: number; readonly to?: number }
  /** `*`: whenever it happens. */
  | { readonly type: "any" };

export type Action =
  | { readonly type: "packet"; readonly packet: ScriptPacket }
  | { readonly type: "call"; readonly call: Call }
  | { readonly type: "command"; readonly text: string }
  | { readonly type: "code"; readonly text: string }
  /** The language has it, this runner does not. */
  | { readonly type: "unsupported"; readonly reason: string };

/** A packet, its numbers relative to the initial ones. */
export interface ScriptPacket {
  /** `<` arrives at the endpoint, `>` leaves it. */
  readonly direction: "in" | "out";
  readonly ip: IpInfo;
  readonly ports: { readonly src: number; readonly dst: number } | null;
  readonly body: TcpBody | IcmpBody;
}

/** What square brackets say of the IP header. */
export interface IpInfo {
  /** The ECN codepoint; `ect01` stands for either ECT. */
  readonly ecn?: number | "ect01";
}

export interface TcpBody {
  readonly protocol: "tcp";
  /** FIN, SYN... as on the wire. */
  readonly flags: number;
  /** The flags were given as `.N`: AE, CWR and ECE count together. */
  readonly ace: boolean;
  readonly seq: number;
  readonly length: number;
  readonly ack: number;
  /** Null where the script names none: anything goes out, and 0 comes in. */
  readonly window: number | null;
  readonly urgent: number;
  /** Null for `<...>`: anything. */
  readonly options: readonly TcpOption[] | null;
}

export interface IcmpBody {
  readonly protocol: "icmp";
  readonly type: string;
  readonly code: string | null;
  readonly mtu: number | null;
  /** The quoted segment, where one is named. */
  readonly quoted: { readonly seq: number; readonly length: number } | null;
}

/** A socket call with what it must give. */
export interface Call {
  readonly name: string;
  readonly args: readonly Expression[];
  /** A blocking call returns at this time, in microseconds counted as its event's are; null for one that does not block. */
  readonly until: number | null;
  readonly result: Expression;
  /** `EAGAIN` behind a result of -1. */
  readonly errno: string | null;
}

export type Expression =
  | { readonly type: "any" }
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "name"; readonly name: string }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "unary"; readonly operator: "-" | "~" | "!"; readonly operand: Expression }
  | {
      readonly type: "binary";
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  /** `[a, b]`. */
  | { readonly type: "list"; readonly items: readonly Expression[] }
  /** `{a, name=b}`: a field may have no name, and `count` is the number in `msg_iov(2)=`. */
  | { readonly type: "struct"; readonly fields: readonly Field[] }
  /** `htons(80)`, `inet_addr("192.0.2.1")`. */
  | { readonly type: "call"; readonly name: string; readonly args: readonly Expression[] };

export interface Field {
  readonly name: string | null;
  readonly value: Expression;
}

/** A script that cannot be read, or asks for what the language does not have. */
export class ScriptError extends Error {
  override readonly name = "ScriptError";
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}
