import * as wire from "../../../assembly/layout/wire.ts";

/** What people call an option kind. */
export function optionName(kind: number): string {
  return NAMES[kind] ?? `kind ${kind}`;
}

const NAMES: Readonly<Record<number, string>> = {
  [wire.OPT_MSS]: "MSS",
  [wire.OPT_WINDOW_SCALE]: "window scale",
  [wire.OPT_SACK_PERMITTED]: "SACK permitted",
  [wire.OPT_SACK]: "SACK",
  [wire.OPT_ECHO]: "echo",
  [wire.OPT_ECHO_REPLY]: "echo reply",
  [wire.OPT_TIMESTAMPS]: "timestamps",
  [wire.OPT_PARTIAL_ORDER_PERMITTED]: "partial order permitted",
  [wire.OPT_PARTIAL_ORDER_PROFILE]: "partial order profile",
  [wire.OPT_CC]: "CC",
  [wire.OPT_CC_NEW]: "CC.NEW",
  [wire.OPT_CC_ECHO]: "CC.ECHO",
  [wire.OPT_ALT_CHECKSUM_REQUEST]: "alternate checksum request",
  [wire.OPT_ALT_CHECKSUM_DATA]: "alternate checksum data",
  [wire.OPT_SKEETER]: "Skeeter",
  [wire.OPT_BUBBA]: "Bubba",
  [wire.OPT_TRAILER_CHECKSUM]: "trailer checksum",
  [wire.OPT_MD5]: "MD5 signature",
  [wire.OPT_SCPS]: "SCPS",
  [wire.OPT_SNACK]: "SNACK",
  [wire.OPT_RECORD_BOUNDARIES]: "record boundaries",
  [wire.OPT_CORRUPTION]: "corruption",
  [wire.OPT_SNAP]: "SNAP",
  [wire.OPT_COMPRESSION_FILTER]: "compression filter",
  [wire.OPT_QUICK_START]: "quick-start",
  [wire.OPT_USER_TIMEOUT]: "user timeout",
  [wire.OPT_TCP_AO]: "TCP-AO",
  [wire.OPT_MPTCP]: "MPTCP",
  [wire.OPT_FAST_OPEN]: "fast open",
  [wire.OPT_ENO]: "ENO",
  [wire.OPT_ACCECN_0]: "AccECN 0",
  [wire.OPT_ACCECN_1]: "AccECN 1",
  [wire.OPT_EXPERIMENT_1]: "experiment 253",
  [wire.OPT_EXPERIMENT_2]: "experiment 254",
};
