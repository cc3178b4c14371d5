import {
  SEEN_MSS,
  SEEN_SACK_PERMITTED,
  SEEN_TIMESTAMPS,
  SEEN_WINDOW_SCALE,
} from "../../../assembly/layout/columns.ts";
import { ACK, URG } from "../../../assembly/layout/wire.ts";
import type { Segments } from "../../capture/segments.ts";
import { type Analysis, findingNames, judgementNames, NO_STREAM, stateName } from "../../flow/index.ts";
import { segmentCode } from "../../wire/errors.ts";
import { flagNames } from "../../wire/flags.ts";
import { destinationText, sourceText } from "../addresses.ts";
import { headerReaches, payloadKnown } from "../fields/header.ts";
import { vlanIds } from "../fields/tcpwire.ts";
import { CHECKSUM_NAMES } from "../words.ts";
import type { Cell, Column, ColumnType } from "./column.ts";

/** A batch of segments, and what the tracker says of them. */
export interface SegmentRows {
  readonly segments: Segments;
  readonly analysis: Analysis;
}

type Read<Source> = (source: Source, i: number) => Cell;

/** The columns of exported segments. Names are the library's, lower case with underscores. */
export const segmentColumns: readonly Column<SegmentRows>[] = [
  segment("frame", "u32", "frame number in the capture, from 1", (s, i) => s.frame[i]),
  segment("time_ns", "i64", "nanoseconds since 1970-01-01 UTC, exact", (s, i) => s.time[i]),
  segment("time", "time", "the same as a timestamp", (s, i) => s.time[i]),
  segment("frame_length", "u32", "bytes of the frame on the wire", (s, i) => s.frameLength[i]),
  segment("frame_captured", "u32", "bytes of the frame that were captured", (s, i) => s.frameCaptured[i]),
  segment("file_offset", "i64", "where the frame's bytes are in the capture", (s, i) =>
    BigInt(s.fileOffset[i]),
  ),
  segment("interface_id", "u16", "pcapng interface, from 0", (s, i) => s.interfaceId[i]),
  segment("vlans", "u32s", "VLAN identifiers, outer first", (s, i) => vlanIds(s.vlan[i])),
  segment("tunnel", "u32", "a number that tells encapsulations apart", (s, i) => s.tunnel[i] || undefined),
  segment("ip_version", "u8", "4 or 6", (s, i) => s.ipVersion[i]),
  segment("src", "text", "source address", sourceText),
  segment("src_port", "u16", "source port", (s, i) => s.srcPort[i]),
  segment("dst", "text", "destination address", destinationText),
  segment("dst_port", "u16", "destination port", (s, i) => s.dstPort[i]),
  segment("ttl", "u8", "TTL or hop limit", (s, i) => s.ttl[i]),
  segment("traffic_class", "u8", "DSCP in the high 6 bits, ECN in the low 2", (s, i) => s.trafficClass[i]),
  header("seq", "u32", "sequence number as on the wire", 8, (s, i) => s.seq[i]),
  header("ack", "u32", "acknowledgment number as on the wire, with ACK only", 14, (s, i) =>
    s.flags[i] & ACK ? s.ack[i] : undefined,
  ),
  header("flags", "u16", "the low 12 bits of offset and flags", 14, (s, i) => s.flags[i]),
  header("flag_names", "texts", "the flags that are set", 14, (s, i) => FLAG_LISTS[s.flags[i] & 511]),
  header("window", "u16", "window as on the wire", 16, (s, i) => s.window[i]),
  header("checksum", "u16", "checksum as on the wire", 18, (s, i) => s.checksum[i]),
  segment(
    "checksum_status",
    "text",
    "good, bad, partial or unverified",
    (s, i) => CHECKSUM_NAMES[s.checksumStatus[i]],
  ),
  header("urgent_pointer", "u16", "with URG only", 20, (s, i) =>
    s.flags[i] & URG ? s.urgentPointer[i] : undefined,
  ),
  header(
    "header_length",
    "u8",
    "bytes of the TCP header, as its data offset says",
    13,
    (s, i) => s.headerLength[i],
  ),
  segment("payload_length", "u32", "bytes of payload on the wire", (s, i) =>
    payloadKnown(s, i) ? s.payloadLength[i] : undefined,
  ),
  segment("missing", "u32", "bytes that the capture lacks (snaplen)", (s, i) => s.missing[i]),
  segment("status", "text", "OK, or what is wrong with the segment", (s, i) => segmentCode(s.status[i])),
  option("mss", "u16", "maximum segment size", SEEN_MSS, (s, i) => s.mss[i]),
  option("window_scale", "u8", "window scale shift", SEEN_WINDOW_SCALE, (s, i) => s.windowScale[i]),
  segment("sack_permitted", "bool", "whether the option is there", (s, i) =>
    Boolean(s.optionsSeen[i] & SEEN_SACK_PERMITTED),
  ),
  option("tsval", "u32", "timestamp value", SEEN_TIMESTAMPS, (s, i) => s.tsval[i]),
  option("tsecr", "u32", "timestamp echo reply", SEEN_TIMESTAMPS, (s, i) => s.tsecr[i]),
  segment("sack_left", "u32s", "left edges of the SACK blocks as on the wire", (s, i) => sackEdges(s, i, 0)),
  segment("sack_right", "u32s", "right edges of the SACK blocks as on the wire", (s, i) =>
    sackEdges(s, i, 1),
  ),

  analysis("stream", "u32", "number of the conversation within the capture, from 0", (a, i) => a.stream[i]),
  analysis("direction", "u8", "0 from the client to the server, 1 the other way", (a, i) => a.direction[i]),
  analysis("relative_seq", "u32", "sequence number from the conversation's start", (a, i) => a.seq[i]),
  analysis(
    "relative_ack",
    "u32",
    "acknowledgment number from the conversation's start, with ACK only",
    (a, i, s) => (s.flags[i] & ACK ? a.ack[i] : undefined),
  ),
  analysis("next_seq", "u32", "relative sequence number of what follows", (a, i, s) =>
    payloadKnown(s, i) ? a.nextSeq[i] : undefined,
  ),
  analysis("scaled_window", "u32", "window in bytes", (a, i) => a.window[i]),
  analysis("time_relative_ns", "i64", "since the conversation's first segment", (a, i) => a.timeRelative[i]),
  analysis("time_delta_ns", "i64", "since the conversation's previous segment", (a, i) => a.timeDelta[i]),
  analysis("findings", "texts", "what Wireshark finds (tcp.analysis.*)", (a, i) =>
    a.findings[i] === 0 ? NONE : findingNames(a.findings[i]),
  ),
  analysis("judgements", "texts", "what tcpwire thinks where Wireshark guesses", (a, i) =>
    a.judgements[i] === 0 ? NONE : judgementNames(a.judgements[i]),
  ),
  figure("duplicate_ack_num", "u32", "how often the ACK was repeated by now", (a, i) => a.duplicateAckNum[i]),
  figure("duplicate_ack_frame", "u32", "the frame that it repeats", (a, i) => a.duplicateAckFrame[i]),
  figure("acked_frame", "u32", "the frame whose end it acknowledges", (a, i) => a.ackedFrame[i]),
  analysis("ack_rtt_ns", "i64", "since that frame", (a, i) =>
    a.ackedFrame[i] === 0 ? undefined : a.ackRtt[i],
  ),
  figure(
    "initial_rtt_ns",
    "i64",
    "from the SYN to the ACK that ends the handshake",
    (a, i) => a.initialRtt[i],
  ),
  figure("bytes_in_flight", "u32", "bytes sent and not acknowledged", (a, i) => a.bytesInFlight[i]),
  figure("push_bytes_sent", "u32", "bytes sent since the last PSH", (a, i) => a.pushBytesSent[i]),
  figure("rto_frame", "u32", "the frame that had sent what is sent again", (a, i) => a.rtoFrame[i]),
  analysis("rto_ns", "i64", "since that frame", (a, i) => (a.rtoFrame[i] === 0 ? undefined : a.rto[i])),
  analysis(
    "completeness",
    "u8",
    "1 SYN, 2 SYN-ACK, 4 ACK, 8 data, 16 FIN, 32 RST",
    (a, i) => a.completeness[i],
  ),
  analysis("state", "text", "the sender's state after the segment", (a, i) => stateName(a.state[i])),
  analysis("peer_state", "text", "the other end's state after the segment", (a, i) =>
    stateName(a.peerState[i]),
  ),
];

const NONE: readonly string[] = [];
const FLAG_LISTS = Array.from({ length: 512 }, (_, flags) => flagNames(flags));

function segment(name: string, type: ColumnType, about: string, read: Read<Segments>): Column<SegmentRows> {
  return { name, type, about, value: (rows, i) => read(rows.segments, i) };
}

/** A value of the TCP header that lies within its first `reach` bytes: absent where they were not captured. */
function header(
  name: string,
  type: ColumnType,
  about: string,
  reach: number,
  read: Read<Segments>,
): Column<SegmentRows> {
  return segment(name, type, about, (s, i) => (headerReaches(s, i, reach) ? read(s, i) : undefined));
}

function option(
  name: string,
  type: ColumnType,
  about: string,
  bit: number,
  read: Read<Segments>,
): Column<SegmentRows> {
  return segment(name, type, about, (s, i) => (s.optionsSeen[i] & bit ? read(s, i) : undefined));
}

/** What the tracker says: absent where it could not follow the conversation. */
function analysis(
  name: string,
  type: ColumnType,
  about: string,
  read: (analysis: Analysis, i: number, segments: Segments) => Cell,
): Column<SegmentRows> {
  return {
    name,
    type,
    about,
    value({ analysis, segments }, i) {
      const followed = analysis.stream[i] !== NO_STREAM && headerReaches(segments, i, HEADER);
      return followed ? read(analysis, i, segments) : undefined;
    },
  };
}

const HEADER = 20;

/** A figure that stands only where it is not 0. */
function figure(
  name: string,
  type: ColumnType,
  about: string,
  read: (analysis: Analysis, i: number) => number | bigint,
): Column<SegmentRows> {
  return analysis(name, type, about, (a, i) => read(a, i) || undefined);
}

function sackEdges(s: Segments, i: number, side: 0 | 1): number[] | undefined {
  if (s.sackCount[i] === 0) return undefined;
  return Array.from(
    { length: s.sackCount[i] },
    (_, block) => s.sackEdges[2 * (s.sackStart[i] + block) + side],
  );
}
