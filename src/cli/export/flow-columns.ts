import { type FindingName, type FlowRecord, type FlowSide, findingBits } from "../../flow/index.ts";
import type { Cell, Column, ColumnType } from "./column.ts";

/** The columns of exported flow records: those of the conversation, then of the client and of the server. */
export const flowColumns: readonly Column<FlowRecord>[] = [
  flow("stream", "u32", "number of the conversation within the capture, from 0", (f) => f.stream),
  flow("ip_version", "u8", "4 or 6", (f) => f.ipVersion),
  flow("start_ns", "i64", "first segment, nanoseconds since 1970-01-01 UTC, exact", (f) => f.start),
  flow("start_time", "time", "the same as a timestamp", (f) => f.start),
  flow("end_ns", "i64", "last segment", (f) => f.end),
  flow("end_time", "time", "the same as a timestamp", (f) => f.end),
  flow("first_frame", "u32", "frame of the first segment", (f) => f.firstFrame),
  flow("last_frame", "u32", "frame of the last segment", (f) => f.lastFrame),
  flow("conn_state", "text", "Zeek's conn_state", (f) => f.connState),
  flow("history", "text", "Zeek's history", (f) => f.history),
  flow("completeness", "u8", "1 SYN, 2 SYN-ACK, 4 ACK, 8 data, 16 FIN, 32 RST", (f) => f.completeness),
  flow("initial_rtt_ns", "i64", "from the SYN to the first ACK", (f) => whole(f.initialRtt)),
  flow("client_rtt_ns", "i64", "the client's part of it", (f) => whole(f.clientRtt)),
  flow("max_idle_ns", "i64", "the longest silence", (f) => whole(f.maxIdle)),
  flow("max_idle_frame", "u32", "the frame that ended it", (f) => f.maxIdleFrame),
  flow("closed_by", "text", "client or server: who sent the first FIN or RST", (f) => f.closedBy),
  flow("closed_at_ns", "i64", "when", (f) => f.closedAt),
  flow("reset_by", "text", "client or server: who sent the first RST", (f) => f.resetBy),
  flow(
    "outcome",
    "text",
    "why it ended: fin, reset, half-closed, unanswered, silent, open",
    (f) => f.outcome,
  ),
  flow("reused", "bool", "a later conversation has the same addresses and ports", (f) => f.reused),
  flow("evicted", "bool", "given up to save memory before the capture's end", (f) => f.evicted),
  ...sideColumns("client"),
  ...sideColumns("server"),
];

function sideColumns(end: "client" | "server"): Column<FlowRecord>[] {
  const side = (name: string, type: ColumnType, about: string, read: (side: FlowSide) => Cell) =>
    flow(`${end}_${name}`, type, about, (record) => read(record[end]));
  return [
    side("address", "text", "", (s) => s.address),
    side("port", "u16", "", (s) => s.port),
    side("state", "text", "state of RFC 9293 after the last segment", (s) => s.state),
    side("packets", "i64", "segments", (s) => whole(s.packets)),
    side("bytes", "i64", "bytes on the wire, with all headers", (s) => whole(s.bytes)),
    side("payload_bytes", "i64", "", (s) => whole(s.payloadBytes)),
    side("data_packets", "i64", "segments with payload", (s) => whole(s.dataPackets)),
    side("largest_payload", "u32", "bytes of payload in one segment", (s) => s.largestPayload),
    side("first_data_ns", "i64", "when it first sent payload", (s) => s.firstData),
    side("last_data_ns", "i64", "when it last sent payload", (s) => s.lastData),
    side("throughput", "f64", "bytes of payload a second between the two", (s) => s.throughput),
    side("retransmissions", "i64", "segments sent again", (s) => whole(s.retransmissions)),
    side("retransmitted_bytes", "i64", "", (s) => whole(s.retransmittedBytes)),
    side("needless_retransmissions", "i64", "of what was acknowledged already", (s) =>
      whole(s.needlessRetransmissions),
    ),
    side("reordered", "i64", "segments overtaken on the way", (s) => whole(s.reordered)),
    side("duplicates", "i64", "segments captured twice", (s) => whole(s.duplicates)),
    side("rtt_count", "i64", "round trips measured, from data to its ACK", (s) => whole(s.rtt?.count)),
    side("rtt_min_ns", "i64", "", (s) => whole(s.rtt?.min)),
    side("rtt_mean_ns", "f64", "", (s) => s.rtt?.mean),
    side("rtt_max_ns", "i64", "", (s) => whole(s.rtt?.max)),
    side("rtt_deviation_ns", "f64", "standard deviation", (s) => s.rtt?.deviation),
    side("window_min", "u32", "smallest window it announced, bytes", (s) => s.windowMin),
    side("window_max", "u32", "largest window it announced, bytes", (s) => s.windowMax),
    side("zero_windows", "i64", "segments that announced none", (s) => whole(s.zeroWindows)),
    side("window_probes", "i64", "probes of the other end's closed window", (s) => whole(s.windowProbes)),
    side("mss", "u16", "from its SYN", (s) => s.mss),
    side("offers_window_scale", "bool", "in its SYN", (s) => s.offersWindowScale),
    side("offers_sack", "bool", "in its SYN", (s) => s.offersSack),
    side("offers_timestamps", "bool", "in its SYN", (s) => s.offersTimestamps),
    side("window_scale", "u8", "shift of its window, where it is used", (s) => s.windowScale),
    side("ttl", "u8", "TTL or hop limit of its first segment", (s) => s.ttl),
    side("keep_alive_probes", "i64", "", (s) => whole(s.keepAlive?.probes)),
    side("keep_alive_unanswered", "i64", "since the other end was last heard", (s) =>
      whole(s.keepAlive?.unanswered),
    ),
    side("keep_alive_idle_ns", "i64", "silence before its probes", (s) => whole(s.keepAlive?.idle)),
    side("keep_alive_interval_ns", "i64", "between unanswered probes", (s) => whole(s.keepAlive?.interval)),
    ...(Object.keys(findingBits) as FindingName[]).map((name) =>
      side(`finding_${name}`, "i64", `segments with the finding tcp.analysis.${name}`, (s) =>
        whole(s.findings[name] ?? 0),
      ),
    ),
  ];
}

function flow(
  name: string,
  type: ColumnType,
  about: string,
  value: (record: FlowRecord) => Cell,
): Column<FlowRecord> {
  return { name, type, about, value };
}

/** A count or a span of time as a 64-bit integer. */
function whole(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(Math.round(value));
}
