import {
  OPT_ACCECN_0,
  OPT_ACCECN_1,
  OPT_ALT_CHECKSUM_DATA,
  OPT_ALT_CHECKSUM_REQUEST,
  OPT_BUBBA,
  OPT_CC,
  OPT_CC_ECHO,
  OPT_CC_NEW,
  OPT_COMPRESSION_FILTER,
  OPT_CORRUPTION,
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
  OPT_PARTIAL_ORDER_PERMITTED,
  OPT_PARTIAL_ORDER_PROFILE,
  OPT_QUICK_START,
  OPT_RECORD_BOUNDARIES,
  OPT_SACK,
  OPT_SACK_PERMITTED,
  OPT_SCPS,
  OPT_SKEETER,
  OPT_SNACK,
  OPT_SNAP,
  OPT_TCP_AO,
  OPT_TIMESTAMPS,
  OPT_TRAILER_CHECKSUM,
  OPT_USER_TIMEOUT,
  OPT_WINDOW_SCALE,
} from "../../../assembly/layout/wire.ts";
import type { Segments } from "../../capture/segments.ts";
import { parseOptions } from "../../wire/index.ts";
import { OptionWalk } from "../option-walk.ts";
import { hexText } from "../terminal/numbers.ts";
import { rareOptionText } from "./rare-option-text.ts";

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
  }
  const words = rareOptionText(parseOptions(bytes, at, at + length)[0]);
  if (words !== undefined) return words;
  const name = NAMES[bytes[at]] ?? `unknown-${bytes[at]}`;
  const rest = hexText(bytes.subarray(at + 2, at + length));
  return rest === "" ? name : `${name} 0x${rest}`;
}

/** Kinds of which there is nothing to tell in words, or whose length is wrong: a name, and their bytes behind it. */
const NAMES: Readonly<Record<number, string>> = {
  [OPT_MSS]: "mss",
  [OPT_WINDOW_SCALE]: "wscale",
  [OPT_SACK_PERMITTED]: "sackOK",
  [OPT_SACK]: "sack",
  [OPT_TIMESTAMPS]: "TS",
  [OPT_ECHO]: "echo",
  [OPT_ECHO_REPLY]: "echoreply",
  [OPT_PARTIAL_ORDER_PERMITTED]: "partial-order ok",
  [OPT_PARTIAL_ORDER_PROFILE]: "partial-order",
  [OPT_CC]: "cc",
  [OPT_CC_NEW]: "ccnew",
  [OPT_CC_ECHO]: "ccecho",
  [OPT_ALT_CHECKSUM_REQUEST]: "altcksum",
  [OPT_ALT_CHECKSUM_DATA]: "altcksum data",
  [OPT_SKEETER]: "skeeter",
  [OPT_BUBBA]: "bubba",
  [OPT_TRAILER_CHECKSUM]: "trailer-checksum",
  [OPT_MD5]: "md5",
  [OPT_SCPS]: "scps",
  [OPT_SNACK]: "snack",
  [OPT_RECORD_BOUNDARIES]: "record-boundary",
  [OPT_CORRUPTION]: "corruption-experienced",
  [OPT_SNAP]: "snap",
  [OPT_COMPRESSION_FILTER]: "compression-filter",
  [OPT_QUICK_START]: "quickstart",
  [OPT_USER_TIMEOUT]: "uto",
  [OPT_TCP_AO]: "tcp-ao",
  [OPT_MPTCP]: "mptcp",
  [OPT_FAST_OPEN]: "tfo",
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

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}
