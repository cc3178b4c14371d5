import { ACK, AE, CWR, ECE, FIN, PSH, RST, SYN, URG } from "../../../assembly/layout/wire.ts";
import { aceField } from "../../wire/flags.ts";
import type { TcpOption } from "../../wire/options/index.ts";
import type { EventTime } from "../script.ts";

const LETTERS: readonly (readonly [number, string])[] = [
  [FIN, "F"],
  [SYN, "S"],
  [RST, "R"],
  [PSH, "P"],
  [URG, "U"],
];
const ECN_LETTERS: readonly (readonly [number, string])[] = [
  [AE, "A"],
  [ECE, "E"],
  [CWR, "W"],
];
const ECN_NAMES = ["noecn", "ect1", "ect0", "ce"];

/** What a packet of the script, or a segment in the script's numbers, has to show. */
export interface Showable {
  readonly ecn?: number | "ect01";
  readonly flags: number;
  readonly ace?: boolean;
  readonly seq: number;
  readonly length: number;
  readonly ack: number;
  readonly window: number | null;
  readonly urgent: number;
  readonly options: readonly TcpOption[] | null;
}

/** A packet as scripts have it: `> P. 1:101(100) ack 1 win 257 <nop,nop,TS val 100 ecr 0>`. */
export function showPacket(direction: "<" | ">", packet: Showable): string {
  const { ecn, flags, seq, length, ack, window, urgent, options } = packet;
  const parts: string[] = [direction];
  if (ecn !== undefined) parts.push(`[${typeof ecn === "number" ? ECN_NAMES[ecn] : ecn}]`);
  parts.push(showFlags(flags, packet.ace ?? false), `${seq}:${(seq + length) >>> 0}(${length})`);
  if (flags & ACK) parts.push(`ack ${ack}`);
  if (window !== null) parts.push(`win ${window}`);
  if (flags & URG || urgent !== 0) parts.push(`urg ${urgent}`);
  if (options === null) parts.push("<...>");
  else if (options.length > 0) parts.push(`<${options.map(showOption).join(",")}>`);
  return parts.join(" ");
}

function showFlags(flags: number, ace: boolean): string {
  const letters = ace ? LETTERS : [...LETTERS, ...ECN_LETTERS];
  const text = letters.map(([bit, letter]) => (flags & bit ? letter : "")).join("");
  return `${text}${flags & ACK ? "." : ""}${ace ? aceField(flags) : ""}` || "-";
}

/** An option as scripts have it; of those that the language has no word for, the kind and its bytes. */
export function showOption(option: TcpOption): string {
  switch (option.type) {
    case "mss":
      return `mss ${option.value}`;
    case "windowScale":
      return `wscale ${option.shift}`;
    case "sackPermitted":
      return "sackOK";
    case "sack":
      return `sack ${option.blocks.map(({ left, right }) => `${left}:${right}`).join(" ")}`;
    case "timestamps":
      return `TS val ${option.tsval} ecr ${option.tsecr}`;
    case "fastOpen":
      return `${option.experiment === undefined ? "FO" : "FOEXP"} ${hex(option.cookie)}`.trim();
    case "md5":
      return `md5 ${hex(option.digest)}`;
    case "accEcn": {
      const names =
        option.order === 0 ? (["ee0b", "eceb", "ee1b"] as const) : (["ee1b", "eceb", "ee0b"] as const);
      const counters = names.filter((name) => option[name] !== undefined);
      return ["ECN", ...counters.map((name) => `${name.slice(1)} ${option[name]}`)].join(" ");
    }
    case "userTimeout":
      return `(user timeout ${option.value} ${option.unit})`;
    case "unknown":
      return `(option ${option.kind} ${hex(option.data)})`;
    case "eol":
    case "nop":
      return option.type;
    default:
      return `(${option.type})`;
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Milliseconds as a script's seconds. */
export function showTime(ms: number): string {
  return (Math.round(ms * 1000) / 1e6).toFixed(6).replace(/0{1,3}$/, "");
}

/** A time of the script, once it is known when it counts from. */
export function showExpectedTime(time: EventTime, fromUs: number, toUs: number): string {
  if (time.type === "any") return "*";
  return fromUs === toUs ? showTime(fromUs / 1000) : `${showTime(fromUs / 1000)}~${showTime(toUs / 1000)}`;
}
