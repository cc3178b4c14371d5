import {
  CHECKSUM_BAD,
  CHECKSUM_GOOD,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNVERIFIED,
} from "../../../assembly/layout/status.ts";
import {
  ACK,
  AE,
  CWR,
  ECE,
  FIN,
  PSH,
  RESERVED_MASK,
  RST,
  SYN,
  TCP_CHECKSUM,
  TCP_HEADER_MIN,
  URG,
} from "../../../assembly/layout/wire.ts";
import { payloadBytes } from "../../capture/segment-bytes.ts";
import type { Segments } from "../../capture/segments.ts";
import type { Field } from "./field.ts";
import { BEFORE_CHECKSUM, headerReaches, headerStands, payloadKnown } from "./header.ts";

/** The fixed part of the TCP header. */
export const tcpFields: readonly Field[] = [
  {
    name: "tcp.srcport",
    kind: "number",
    about: "source port",
    value: ({ segments }, i) => segments.srcPort[i],
  },
  {
    name: "tcp.dstport",
    kind: "number",
    about: "destination port",
    value: ({ segments }, i) => segments.dstPort[i],
  },
  {
    name: "tcp.port",
    kind: "number",
    about: "both ports",
    value: ({ segments }, i) => [segments.srcPort[i], segments.dstPort[i]],
  },
  {
    name: "tcp.seq_raw",
    kind: "number",
    about: "sequence number as on the wire",
    value: ({ segments }, i) => (headerReaches(segments, i, BEFORE_CHECKSUM) ? segments.seq[i] : undefined),
  },
  {
    name: "tcp.ack_raw",
    kind: "number",
    about: "acknowledgment number as on the wire",
    value: ({ segments }, i) => (headerReaches(segments, i, BEFORE_CHECKSUM) ? segments.ack[i] : undefined),
  },
  {
    name: "tcp.hdr_len",
    kind: "number",
    about: "header length in bytes",
    value: ({ segments }, i) =>
      headerReaches(segments, i, BEFORE_CHECKSUM) ? segments.headerLength[i] : undefined,
  },
  {
    name: "tcp.flags",
    kind: "hex",
    digits: 4,
    about: "the 12 flag bits",
    value: ({ segments }, i) => (headerReaches(segments, i, BEFORE_CHECKSUM) ? segments.flags[i] : undefined),
  },
  flag("syn", SYN, "whether SYN is set"),
  flag("ack", ACK, "whether ACK is set"),
  flag("fin", FIN, "whether FIN is set"),
  flag("reset", RST, "whether RST is set"),
  flag("push", PSH, "whether PSH is set"),
  flag("urg", URG, "whether URG is set"),
  flag("ece", ECE, "whether ECE is set"),
  flag("cwr", CWR, "whether CWR is set"),
  flag("ae", AE, "whether AE, once NS, is set"),
  flag("res", RESERVED_MASK, "whether any of the three reserved bits is set"),
  {
    name: "tcp.flags.str",
    kind: "text",
    about: "the flags as letters",
    value: ({ segments }, i) =>
      headerReaches(segments, i, BEFORE_CHECKSUM) ? flagLetters(segments.flags[i]) : undefined,
  },
  {
    name: "tcp.window_size_value",
    kind: "number",
    about: "window as on the wire, unscaled",
    value: ({ segments }, i) =>
      headerReaches(segments, i, BEFORE_CHECKSUM) ? segments.window[i] : undefined,
  },
  {
    name: "tcp.checksum",
    kind: "hex",
    digits: 4,
    about: "checksum as on the wire",
    value: ({ segments }, i) =>
      headerReaches(segments, i, THROUGH_CHECKSUM) ? segments.checksum[i] : undefined,
  },
  {
    name: "tcp.checksum.status",
    kind: "number",
    about: "0 bad (partial ones too, see tcpwire.checksum), 1 good, 2 unverified",
    value: ({ segments }, i) =>
      headerReaches(segments, i, THROUGH_CHECKSUM)
        ? WIRESHARK_VERDICT[segments.checksumStatus[i]]
        : undefined,
  },
  {
    name: "tcp.urgent_pointer",
    kind: "number",
    about: "urgent pointer",
    value: ({ segments }, i) =>
      headerReaches(segments, i, TCP_HEADER_MIN) ? segments.urgentPointer[i] : undefined,
  },
  {
    name: "tcp.len",
    kind: "number",
    about: "payload bytes on the wire",
    value: ({ segments }, i) => (payloadKnown(segments, i) ? segments.payloadLength[i] : undefined),
  },
  {
    name: "tcp.payload",
    kind: "bytes",
    about: "payload bytes, as far as captured",
    value: ({ segments }, i) => payload(segments, i),
  },
];

/** Bytes of a header with its checksum. */
const THROUGH_CHECKSUM = TCP_CHECKSUM + 2;

// By our verdict: unverified, good, bad, partial. Wireshark 4.0 calls what offload leaves bad.
const WIRESHARK_VERDICT: number[] = [];
WIRESHARK_VERDICT[CHECKSUM_UNVERIFIED] = 2;
WIRESHARK_VERDICT[CHECKSUM_GOOD] = 1;
WIRESHARK_VERDICT[CHECKSUM_BAD] = 0;
WIRESHARK_VERDICT[CHECKSUM_PARTIAL] = 0;

function flag(name: string, mask: number, about: string): Field {
  return {
    name: `tcp.flags.${name}`,
    kind: "boolean",
    about,
    value: ({ segments }, i) =>
      headerReaches(segments, i, BEFORE_CHECKSUM) ? (segments.flags[i] & mask) !== 0 : undefined,
  };
}

/** Wireshark's twelve places: reserved, AE, CWR, ECE, URG, ACK, PSH, RST, SYN, FIN. */
function flagLetters(flags: number): string {
  let text = "";
  for (let bit = 11; bit >= 0; bit--) text += (flags >> bit) & 1 ? "FSRPAUECARRR"[bit] : "·";
  return text;
}

function payload(segments: Segments, i: number): Uint8Array | undefined {
  if (!headerStands(segments, i)) return undefined;
  const bytes = payloadBytes(segments, i);
  return bytes.length === 0 ? undefined : bytes;
}
