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
  TCP_HEADER_MAX,
  TCP_HEADER_MIN,
} from "../../../assembly/layout/wire.ts";
import { accEcnLength } from "./accecn.ts";
import { enoLength } from "./eno.ts";
import { mptcpLength } from "./mptcp.ts";
import type { TcpOption, TcpOptionType } from "./types.ts";

/** What a header has for options: 15 words less the 5 that are fixed. */
export const OPTIONS_MAX = TCP_HEADER_MAX - TCP_HEADER_MIN;

/**
 * The bytes a list of options takes.
 *
 * @throws {RangeError} when they are more than the 40 of a header
 */
export function optionsLength(options: readonly TcpOption[]): number {
  let length = 0;
  for (let i = 0; i < options.length; i++) length += optionLength(options[i]);
  if (length > OPTIONS_MAX) throw new RangeError(`options: ${length} bytes, and a header has ${OPTIONS_MAX}`);
  return length;
}

/** The bytes an option takes, kind and length byte included. */
export function optionLength(option: TcpOption): number {
  switch (option.type) {
    case "nop":
      return 1;
    case "timestamps":
      return 10;
    case "sack":
      return 2 + 8 * option.blocks.length;
    case "mss":
      return 4;
    case "windowScale":
      return 3;
    case "sackPermitted":
      return 2;
    case "eol":
      return 1 + (option.padding?.length ?? 0);
    case "malformed":
      return option.bytes.length;
    default:
      return 2 + rareLength(option);
  }
}

/** An option's kind number. */
export function optionKind(option: TcpOption): number {
  switch (option.type) {
    case "unknown":
    case "experiment":
      return option.kind;
    case "malformed":
      return option.bytes[0];
    case "accEcn":
      return option.experiment ?? (option.order === 0 ? OPT_ACCECN_0 : OPT_ACCECN_1);
    case "fastOpen":
    case "eno":
      return option.experiment ?? KINDS[option.type];
    default:
      return KINDS[option.type];
  }
}

const KINDS: Record<Exclude<TcpOptionType, "unknown" | "experiment" | "malformed" | "accEcn">, number> = {
  eol: OPT_EOL,
  nop: OPT_NOP,
  mss: OPT_MSS,
  windowScale: OPT_WINDOW_SCALE,
  sackPermitted: OPT_SACK_PERMITTED,
  sack: OPT_SACK,
  echo: OPT_ECHO,
  echoReply: OPT_ECHO_REPLY,
  timestamps: OPT_TIMESTAMPS,
  partialOrderPermitted: OPT_PARTIAL_ORDER_PERMITTED,
  partialOrderProfile: OPT_PARTIAL_ORDER_PROFILE,
  cc: OPT_CC,
  ccNew: OPT_CC_NEW,
  ccEcho: OPT_CC_ECHO,
  alternateChecksumRequest: OPT_ALT_CHECKSUM_REQUEST,
  alternateChecksumData: OPT_ALT_CHECKSUM_DATA,
  skeeter: OPT_SKEETER,
  bubba: OPT_BUBBA,
  trailerChecksum: OPT_TRAILER_CHECKSUM,
  md5: OPT_MD5,
  scps: OPT_SCPS,
  snack: OPT_SNACK,
  recordBoundary: OPT_RECORD_BOUNDARIES,
  corruptionExperienced: OPT_CORRUPTION,
  snap: OPT_SNAP,
  compressionFilter: OPT_COMPRESSION_FILTER,
  quickStart: OPT_QUICK_START,
  userTimeout: OPT_USER_TIMEOUT,
  tcpAo: OPT_TCP_AO,
  mptcp: OPT_MPTCP,
  fastOpen: OPT_FAST_OPEN,
  eno: OPT_ENO,
};

/** The options that few segments have. */
export type RareOption = Exclude<
  TcpOption,
  | { readonly type: "nop" | "timestamps" | "sack" | "mss" | "windowScale" | "sackPermitted" }
  | { readonly type: "eol" | "malformed" }
>;

/** Their bytes behind the length byte. */
function rareLength(option: RareOption): number {
  switch (option.type) {
    case "partialOrderPermitted":
      return 0;
    case "partialOrderProfile":
    case "alternateChecksumRequest":
    case "trailerChecksum":
      return 1;
    case "userTimeout":
      return 2;
    case "echo":
    case "echoReply":
    case "cc":
    case "ccNew":
    case "ccEcho":
      return 4;
    case "quickStart":
      return 6;
    case "md5":
      return option.digest.length;
    case "scps":
      return 2 + (option.extended?.length ?? 0);
    case "snack":
      return 4 + (option.bits?.length ?? 0);
    case "tcpAo":
      return 2 + option.mac.length;
    case "mptcp":
      return mptcpLength(option) - 2;
    case "fastOpen":
      return option.cookie.length + exidLength(option);
    case "eno":
      return enoLength(option) + exidLength(option);
    case "accEcn":
      return accEcnLength(option) + exidLength(option);
    case "experiment":
      return option.data.length + (option.exid > 0xffff ? 4 : 2);
    case "alternateChecksumData":
    case "skeeter":
    case "bubba":
    case "recordBoundary":
    case "corruptionExperienced":
    case "snap":
    case "compressionFilter":
    case "unknown":
      return option.data.length;
    default:
      throw new TypeError(`options: ${JSON.stringify((option as TcpOption).type)} is no type of option`);
  }
}

function exidLength(option: { readonly experiment?: number }): number {
  return option.experiment === undefined ? 0 : 2;
}
