import {
  OPT_ACCECN_0,
  OPT_ACCECN_1,
  OPT_ECHO,
  OPT_ECHO_REPLY,
  OPT_ENO,
  OPT_EOL,
  OPT_EXPERIMENT_1,
  OPT_EXPERIMENT_2,
  OPT_FAST_OPEN,
  OPT_MD5,
  OPT_MPTCP,
  OPT_MSS,
  OPT_NOP,
  OPT_SACK,
  OPT_SACK_PERMITTED,
  OPT_TCP_AO,
  OPT_TIMESTAMPS,
  OPT_USER_TIMEOUT,
  OPT_WINDOW_SCALE,
} from "../../../assembly/layout/wire.ts";
import type { Segments } from "../../capture/segments.ts";
import { OptionWalk } from "../option-walk.ts";
import { hexText } from "../terminal/numbers.ts";

const walk = new OptionWalk();

/**
 * `, options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7]`, or nothing where there are none.
 * @param base what SACK edges are told from; 0 for as on the wire
 */
export function optionsText(segments: Segments, i: number, base: number): string {
  let text = "";
  for (walk.reset(segments, i); walk.next(); ) {
    if (text !== "") text += ",";
    if (!walk.holds(walk.length)) return `, options [${text}...]`;
    text += one(walk.bytes, walk.offset, walk.length, base);
    if (walk.kind === OPT_EOL) break;
  }
  return text === "" ? "" : `, options [${text}]`;
}

function one(bytes: Uint8Array, at: number, length: number, base: number): string {
  switch (bytes[at]) {
    case OPT_NOP:
      return "nop";
    case OPT_EOL:
      return "eol";
    case OPT_TIMESTAMPS:
      if (length === 10) return `TS val ${u32(bytes, at + 2)} ecr ${u32(bytes, at + 6)}`;
      break;
    case OPT_MSS:
      if (length === 4) return `mss ${u16(bytes, at + 2)}`;
      break;
    case OPT_WINDOW_SCALE:
      if (length === 3) return `wscale ${bytes[at + 2]}`;
      break;
    case OPT_SACK_PERMITTED:
      if (length === 2) return "sackOK";
      break;
    case OPT_SACK:
      if (length > 2 && length % 8 === 2) return sack(bytes, at, length, base);
      break;
    case OPT_USER_TIMEOUT:
      // RFC 5482 3: the top bit chooses minutes.
      if (length === 4) return `uto ${u16(bytes, at + 2) & 0x7fff} ${bytes[at + 2] & 0x80 ? "min" : "s"}`;
      break;
    case OPT_FAST_OPEN:
      if (length === 2) return "tfo cookiereq";
      break;
    case OPT_TCP_AO:
      if (length >= 4) {
        const mac = hexText(bytes.subarray(at + 4, at + length));
        return `tcp-ao keyid ${bytes[at + 2]} rnextkeyid ${bytes[at + 3]} mac 0x${mac}`;
      }
      break;
    case OPT_MPTCP:
      if (length >= 3) return `mptcp ${mptcp(bytes, at, length)}`;
  }
  const name = NAMES[bytes[at]] ?? `unknown-${bytes[at]}`;
  const rest = hexText(bytes.subarray(at + 2, at + length));
  return rest === "" ? name : `${name} 0x${rest}`;
}

/** Kinds shown by a name and their bytes. */
const NAMES: Readonly<Record<number, string>> = {
  [OPT_MSS]: "mss",
  [OPT_WINDOW_SCALE]: "wscale",
  [OPT_SACK_PERMITTED]: "sackOK",
  [OPT_SACK]: "sack",
  [OPT_TIMESTAMPS]: "TS",
  [OPT_ECHO]: "echo",
  [OPT_ECHO_REPLY]: "echoreply",
  [OPT_MD5]: "md5",
  [OPT_USER_TIMEOUT]: "uto",
  [OPT_TCP_AO]: "tcp-ao",
  [OPT_MPTCP]: "mptcp",
  [OPT_FAST_OPEN]: "tfo cookie",
  [OPT_ENO]: "eno",
  [OPT_ACCECN_0]: "accecn0",
  [OPT_ACCECN_1]: "accecn1",
  [OPT_EXPERIMENT_1]: "exp",
  [OPT_EXPERIMENT_2]: "exp",
};

function sack(bytes: Uint8Array, at: number, length: number, base: number): string {
  let text = `sack ${(length - 2) / 8} `;
  for (let edge = at + 2; edge < at + length; edge += 8) {
    text += `{${(u32(bytes, edge) - base) >>> 0}:${(u32(bytes, edge + 4) - base) >>> 0}}`;
  }
  return text;
}

// RFC 8684 8.1, in the order of the subtypes.
const MPTCP_SUBTYPES = [
  "capable",
  "join",
  "dss",
  "add-addr",
  "remove-addr",
  "prio",
  "fail",
  "fastclose",
  "tcprst",
];

function mptcp(bytes: Uint8Array, at: number, length: number): string {
  const subtype = bytes[at + 2] >> 4;
  return `${MPTCP_SUBTYPES[subtype] ?? `subtype-${subtype}`} 0x${hexText(bytes.subarray(at + 2, at + length))}`;
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}
