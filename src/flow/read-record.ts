import { SCALE_NONE, SCALE_UNKNOWN } from "../../assembly/layout/flow-findings.ts";
import {
  K_CONTEXT,
  K_HIGH,
  K_LOW,
  K_PORTS,
  OFFERED_SACK,
  OFFERED_SCALE,
  OFFERED_TIMESTAMPS,
  R_CLIENT,
  R_COMPLETENESS,
  R_FIRST,
  R_FIRST_FRAME,
  R_FLAGS,
  R_LAST,
  R_ROUND_TRIP,
  R_SERVER,
  R_STATES,
  R_STREAM,
  RECORD_DEPARTED,
  RECORD_REUSED,
  RECORD_ROUND_TRIP_KNOWN,
  RECORD_TURNED,
  S_BYTES,
  S_COUNT,
  S_MSS,
  S_PAYLOAD,
  S_SCALE,
  S_SLIM,
  S_TTL,
} from "../../assembly/layout/flow-record.ts";
import {
  C_BYTES_HIGH,
  C_DUPLICATES,
  C_FINDINGS,
  C_FIRST_DATA,
  C_LARGEST,
  C_LAST_DATA,
  C_NEEDLESS,
  C_PAYLOAD_HIGH,
  C_PROBE_IDLE,
  C_PROBE_INTERVAL,
  C_PROBES,
  C_PROBES_UNANSWERED,
  C_REORDERED,
  C_RETRANSMISSIONS,
  C_RETRANSMITTED_BYTES,
  C_RTT_COUNT,
  C_RTT_MAX,
  C_RTT_MEAN,
  C_RTT_MIN,
  C_RTT_SQUARES,
  C_WINDOW_PROBES,
  C_ZERO_WINDOWS,
  CLOSED_BY_CLIENT_FIN,
  N_DATA_PACKETS,
  N_PACKETS,
  N_WINDOW_MAX,
  N_WINDOW_MIN,
  T_CLIENT,
  T_CLIENT_NUMBERS,
  T_CLOSE_TIME,
  T_CLOSED_BY,
  T_HISTORY,
  T_IDLE,
  T_IDLE_FRAME,
  T_LAST_FRAME,
  T_LETTERS,
  T_RESET_BY,
  T_SERVER,
  T_SERVER_NUMBERS,
  T_SYN_ACK_TIME,
} from "../../assembly/layout/flow-statistics.ts";
import { formatIPv4, formatIPv6 } from "../wire/address.ts";
import { connState, historyText } from "./conn-state.ts";
import { type FindingName, findingBits, stateName } from "./findings.ts";
import type { FlowRecord, FlowSide, KeepAlive, RoundTrips } from "./records.ts";

/**
 * The record at `at` of the flow module's memory, its key at `key`; `statistics` are its own or were made for the
 * asking.
 */
export function readRecord(buffer: ArrayBuffer, at: number, key: number, statistics: number): FlowRecord {
  const view = new DataView(buffer);
  const u8 = (offset: number) => view.getUint8(offset);
  const u32 = (offset: number) => view.getUint32(offset, true);
  const i64 = (offset: number) => view.getBigInt64(offset, true);
  const flags = u8(at + R_FLAGS);
  const states = u8(at + R_STATES);
  const [client, server] = endsOf(view, key, (flags & RECORD_TURNED) !== 0);
  const letters = new Uint8Array(buffer, statistics + T_HISTORY, u8(statistics + T_LETTERS));
  const closed = u8(statistics + T_CLOSED_BY);
  const reset = u8(statistics + T_RESET_BY);
  const synAck = i64(statistics + T_SYN_ACK_TIME);
  const initialRtt = flags & RECORD_ROUND_TRIP_KNOWN ? i64(at + R_ROUND_TRIP) : undefined;
  const completeness = u8(at + R_COMPLETENESS);
  const sides = {
    client: readSide(
      client,
      states & 15,
      view,
      at + R_CLIENT,
      statistics + T_CLIENT_NUMBERS,
      statistics + T_CLIENT,
    ),
    server: readSide(
      server,
      states >> 4,
      view,
      at + R_SERVER,
      statistics + T_SERVER_NUMBERS,
      statistics + T_SERVER,
    ),
  };
  const history = historyText(letters);
  return {
    stream: u32(at + R_STREAM),
    ipVersion: u32(key + K_CONTEXT) & 1 ? 6 : 4,
    client: sides.client,
    server: sides.server,
    start: i64(at + R_FIRST),
    end: i64(at + R_LAST),
    firstFrame: u32(at + R_FIRST_FRAME),
    lastFrame: u32(statistics + T_LAST_FRAME) || undefined,
    connState: connState(history),
    history,
    completeness,
    initialRtt: initialRtt === undefined ? undefined : Number(initialRtt),
    clientRtt: synAck && initialRtt !== undefined ? clientPart(i64, at, statistics, initialRtt) : undefined,
    maxIdle: Number(i64(statistics + T_IDLE)),
    maxIdleFrame: u32(statistics + T_IDLE_FRAME) || undefined,
    closedBy: closed === 0 ? undefined : closed % 2 === CLOSED_BY_CLIENT_FIN % 2 ? "client" : "server",
    closedAt: closed === 0 ? undefined : i64(statistics + T_CLOSE_TIME),
    resetBy: reset === 0 ? undefined : reset === 1 ? "client" : "server",
    outcome: outcomeOf(history, reset !== 0, sides, waiting(view, at)),
    reused: (flags & RECORD_REUSED) !== 0,
    evicted: (flags & RECORD_DEPARTED) !== 0,
  };
}

/** Addresses and ports of client and server. */
function endsOf(view: DataView, key: number, turned: boolean) {
  const pair = view.getUint32(key + K_LOW, true);
  const ports = view.getUint32(key + K_PORTS, true);
  const six = (view.getUint32(key + K_CONTEXT, true) & 1) !== 0;
  const bytes = new Uint8Array(view.buffer);
  const low = {
    address: six ? formatIPv6(bytes, pair) : formatIPv4(pair),
    port: ports >>> 16,
  };
  const high = {
    address: six ? formatIPv6(bytes, pair + 16) : formatIPv4(view.getUint32(key + K_HIGH, true)),
    port: ports & 0xffff,
  };
  return turned ? [high, low] : [low, high];
}

// One literal: V8 takes a quarter of a millisecond to spread objects of so many properties into another.
function readSide(
  end: Pick<FlowSide, "address" | "port">,
  state: number,
  view: DataView,
  side: number,
  numbers: number,
  counts: number,
): FlowSide {
  const u32 = (offset: number) => view.getUint32(counts + offset, true);
  const u64 = (offset: number) => Number(view.getBigUint64(counts + offset, true));
  const number = (offset: number) => view.getUint32(numbers + offset, true);
  const time = (offset: number) => view.getBigInt64(counts + offset, true) || undefined;
  const offers = view.getUint8(side + S_SLIM);
  const scale = view.getInt8(side + S_SCALE);
  const firstData = time(C_FIRST_DATA);
  const lastData = time(C_LAST_DATA);
  const payloadBytes = u32(C_PAYLOAD_HIGH) * 2 ** 32 + view.getUint32(side + S_PAYLOAD, true);
  const span = firstData === undefined || lastData === undefined ? 0 : Number(lastData - firstData);
  const heard = number(N_WINDOW_MIN) <= number(N_WINDOW_MAX);
  return {
    address: end.address,
    port: end.port,
    state: stateName(state),
    packets: number(N_PACKETS),
    bytes: u32(C_BYTES_HIGH) * 2 ** 32 + view.getUint32(side + S_BYTES, true),
    payloadBytes,
    dataPackets: number(N_DATA_PACKETS),
    largestPayload: u32(C_LARGEST),
    firstData,
    lastData,
    throughput: span > 0 ? (payloadBytes * 1e9) / span : undefined,
    retransmissions: u32(C_RETRANSMISSIONS),
    retransmittedBytes: u64(C_RETRANSMITTED_BYTES),
    needlessRetransmissions: u32(C_NEEDLESS),
    reordered: u32(C_REORDERED),
    duplicates: u32(C_DUPLICATES),
    findings: readFindings(view, counts + C_FINDINGS),
    rtt: readRoundTrips(view, counts),
    windowMin: heard ? number(N_WINDOW_MIN) : undefined,
    windowMax: heard ? number(N_WINDOW_MAX) : undefined,
    zeroWindows: u32(C_ZERO_WINDOWS),
    windowProbes: u32(C_WINDOW_PROBES),
    mss: view.getUint16(side + S_MSS, true) || undefined,
    offersWindowScale: (offers & OFFERED_SCALE) !== 0,
    offersSack: (offers & OFFERED_SACK) !== 0,
    offersTimestamps: (offers & OFFERED_TIMESTAMPS) !== 0,
    windowScale: scale === SCALE_UNKNOWN ? undefined : scale === SCALE_NONE ? 0 : scale,
    ttl: view.getUint8(side + S_TTL),
    keepAlive: readKeepAlive(view, counts),
  };
}

function readFindings(view: DataView, at: number): Partial<Record<FindingName, number>> {
  const found: Partial<Record<FindingName, number>> = {};
  for (const [i, name] of (Object.keys(findingBits) as FindingName[]).entries()) {
    const times = view.getUint32(at + 4 * i, true);
    if (times > 0) found[name] = times;
  }
  return found;
}

function readRoundTrips(view: DataView, counts: number): RoundTrips | undefined {
  const count = view.getUint32(counts + C_RTT_COUNT, true);
  if (count === 0) return undefined;
  const f64 = (offset: number) => view.getFloat64(counts + offset, true);
  return {
    count,
    min: f64(C_RTT_MIN),
    mean: f64(C_RTT_MEAN),
    max: f64(C_RTT_MAX),
    deviation: Math.sqrt(f64(C_RTT_SQUARES) / count),
  };
}

function readKeepAlive(view: DataView, counts: number): KeepAlive | undefined {
  const probes = view.getUint32(counts + C_PROBES, true);
  if (probes === 0) return undefined;
  const time = (offset: number) => Number(view.getBigInt64(counts + offset, true)) || undefined;
  return {
    probes,
    unanswered: view.getUint32(counts + C_PROBES_UNANSWERED, true),
    idle: time(C_PROBE_IDLE),
    interval: time(C_PROBE_INTERVAL),
  };
}

/** The handshake's second half. Where SYNs were sent again, the halves may not belong together. */
function clientPart(
  i64: (offset: number) => bigint,
  at: number,
  statistics: number,
  initialRtt: bigint,
): number | undefined {
  const part = i64(at + R_FIRST) + initialRtt - i64(statistics + T_SYN_ACK_TIME);
  return part >= 0n && part <= initialRtt ? Number(part) : undefined;
}

/** Whether either side's last segments wait for an ACK. */
function waiting(view: DataView, at: number): boolean {
  return [R_CLIENT, R_SERVER].some((side) => view.getUint16(at + side + S_COUNT, true) > 0);
}

function outcomeOf(
  history: string,
  reset: boolean,
  { client, server }: { client: FlowSide; server: FlowSide },
  waits: boolean,
): FlowRecord["outcome"] {
  if (reset) return "reset";
  const fins = Number(history.includes("F")) + Number(history.includes("f"));
  if (fins === 2) return "fin";
  const alone = client.packets === 0 || server.packets === 0;
  // Who goes on to acknowledge was answered, though a one-sided capture does not show it.
  if (alone && /[Ssh]/.test(history) && !/[AF]/i.test(history)) return "unanswered";
  const probed = (client.keepAlive?.unanswered ?? 0) > 1 || (server.keepAlive?.unanswered ?? 0) > 1;
  const resent = waits && (client.retransmissions > 0 || server.retransmissions > 0);
  if (probed || resent) return "silent";
  return fins === 1 ? "half-closed" : "open";
}
