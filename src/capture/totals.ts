import * as state from "../../assembly/layout/state.ts";
import {
  CHECKSUM_BAD,
  CHECKSUM_GOOD,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNVERIFIED,
} from "../../assembly/layout/status.ts";

/** What has been counted since the start of the capture. Plain data. */
export interface CaptureTotals {
  /** Frames (packets captured), of whatever kind. */
  readonly frames: number;
  /** Bytes of all frames on the wire. */
  readonly bytes: number;
  /** Bytes of all frames that were captured. */
  readonly captured: number;
  /** Frames that were captured short (snaplen). */
  readonly cut: number;
  /** Earliest and latest time stamp of a frame: nanoseconds since 1970-01-01T00:00Z; `undefined` without frames. */
  readonly earliest: bigint | undefined;
  readonly latest: bigint | undefined;
  /** TCP headers, each of which is a row. */
  readonly segments: number;
  /** Rows by the verdict on their checksum. */
  readonly checksums: {
    readonly unverified: number;
    readonly good: number;
    readonly bad: number;
    readonly partial: number;
  };
  /** IPv4 and IPv6 headers; a packet inside a tunnel counts again. */
  readonly ipv4: number;
  readonly ipv6: number;
  /** Frames without an IP header that could be followed. */
  readonly nonIp: number;
  readonly udp: number;
  /** ICMP and ICMPv6. */
  readonly icmp: number;
  /** IP packets of other protocols. */
  readonly otherIp: number;
  /** IP fragments. */
  readonly fragments: number;
  /** Datagrams put together from fragments. */
  readonly reassembled: number;
  /** Datagrams given up: too many at a time, too long for the rest to come, or fragments that contradict each other. */
  readonly fragmentsDropped: number;
  /** Frames with a packet inside a packet. */
  readonly tunnelled: number;
  /** Frames with more layers than are followed. */
  readonly tooDeep: number;
  /** Headers that are cut or make no sense, by layer. */
  readonly malformed: {
    readonly link: number;
    readonly ip: number;
    readonly tunnel: number;
    readonly tcp: number;
  };
}

/** The counters of a codec's memory, as they stand. */
export function readTotals(memory: ArrayBufferLike): CaptureTotals {
  const view = new DataView(memory);
  const count = (address: number): number => Number(view.getBigUint64(address, true));
  const checksums = (verdict: number): number => count(state.COUNT_CHECKSUM + verdict * 8);
  const earliest = view.getBigInt64(state.STATE_EARLIEST, true);
  const latest = view.getBigInt64(state.STATE_LATEST, true);
  const timed = earliest <= latest;
  return {
    frames: count(state.COUNT_FRAMES),
    bytes: count(state.COUNT_BYTES),
    captured: count(state.COUNT_CAPTURED),
    cut: count(state.COUNT_CUT),
    earliest: timed ? earliest : undefined,
    latest: timed ? latest : undefined,
    segments: count(state.COUNT_TCP),
    checksums: {
      unverified: checksums(CHECKSUM_UNVERIFIED),
      good: checksums(CHECKSUM_GOOD),
      bad: checksums(CHECKSUM_BAD),
      partial: checksums(CHECKSUM_PARTIAL),
    },
    ipv4: count(state.COUNT_IPV4),
    ipv6: count(state.COUNT_IPV6),
    nonIp: count(state.COUNT_NON_IP),
    udp: count(state.COUNT_UDP),
    icmp: count(state.COUNT_ICMP),
    otherIp: count(state.COUNT_OTHER_IP),
    fragments: count(state.COUNT_FRAGMENTS),
    reassembled: count(state.COUNT_REASSEMBLED),
    fragmentsDropped: count(state.COUNT_FRAGMENTS_DROPPED),
    tunnelled: count(state.COUNT_TUNNELLED),
    tooDeep: count(state.COUNT_TOO_DEEP),
    malformed: {
      link: count(state.COUNT_MALFORMED_LINK),
      ip: count(state.COUNT_MALFORMED_IP),
      tunnel: count(state.COUNT_MALFORMED_TUNNEL),
      tcp: count(state.COUNT_MALFORMED_TCP),
    },
  };
}
