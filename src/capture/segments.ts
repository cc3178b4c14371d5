/**
 * The columns of TCP segments: one row per TCP header found in a capture. A frame may give no row, one,
 * or several (tunnels). Row `i` of every column belongs to the same segment.
 *
 * A batch from `readCapture` is *borrowed*: its columns are views of WebAssembly memory that the next
 * batch overwrites. A `SegmentTable` owns its columns.
 */
export interface Segments {
  /** Rows. */
  readonly length: number;
  /** Nanoseconds since 1970-01-01T00:00Z, exact; 0 for pcapng's simple packet blocks, which have none. */
  readonly time: BigInt64Array;
  /** Frame number in the capture, from 1 (`frame.number`). */
  readonly frame: Uint32Array;
  /** Where the frame's first captured byte is in the capture: bytes from its start, after decompression. */
  readonly fileOffset: Float64Array;
  /** Bytes captured of the frame (`frame.cap_len`). */
  readonly frameCaptured: Uint32Array;
  /** Bytes of the frame on the wire (`frame.len`). */
  readonly frameLength: Uint32Array;
  /** IPv4 source address as a number, or, where `ipVersion` is 6, its index in `addresses`. */
  readonly src: Uint32Array;
  /** IPv4 destination address as a number, or, where `ipVersion` is 6, its index in `addresses`. */
  readonly dst: Uint32Array;
  readonly srcPort: Uint16Array;
  readonly dstPort: Uint16Array;
  /** Sequence number as on the wire. */
  readonly seq: Uint32Array;
  /** Acknowledgment number as on the wire; means nothing without ACK in `flags`. */
  readonly ack: Uint32Array;
  /** The low 12 bits: three reserved, AE, CWR, ECE, URG, ACK, PSH, RST, SYN, FIN (`tcp.flags`). */
  readonly flags: Uint16Array;
  /** Window as on the wire, unscaled (`tcp.window_size_value`). */
  readonly window: Uint16Array;
  readonly checksum: Uint16Array;
  /** `CHECKSUM_UNVERIFIED | GOOD | BAD | PARTIAL`. */
  readonly checksumStatus: Uint8Array;
  readonly urgentPointer: Uint16Array;
  /** Offset of the TCP header in `bytes`. */
  readonly headerOffset: Uint32Array;
  /** TCP header length in bytes, 20 to 60; as the data offset says, even where that is wrong (`status`). */
  readonly headerLength: Uint8Array;
  /** Payload bytes on the wire, from the IP length (`tcp.len`). They lie behind the header in `bytes`. */
  readonly payloadLength: Uint32Array;
  /**
   * Bytes at the segment's end that the capture lacks (snaplen): of the payload, or, where there is none to
   * speak of, of the header. `headerBytes` and `payloadBytes` give what there is.
   */
  readonly missing: Uint32Array;
  /** `SEGMENT_*`: the first malformation, 0 for none. */
  readonly status: Uint8Array;
  /** 4 or 6. */
  readonly ipVersion: Uint8Array;
  /** TTL (IPv4) or hop limit (IPv6). */
  readonly ttl: Uint8Array;
  /** DSCP in the high 6 bits, ECN in the low 2. */
  readonly trafficClass: Uint8Array;
  /** `SEEN_*` bits: which options the header carries. */
  readonly optionsSeen: Uint8Array;
  /** MSS option, 0 when absent. */
  readonly mss: Uint16Array;
  /** Window scale shift as on the wire, 0 when absent. */
  readonly windowScale: Uint8Array;
  readonly tsval: Uint32Array;
  readonly tsecr: Uint32Array;
  /** SACK blocks of the row, from `sackStart` on in `sackEdges`. */
  readonly sackCount: Uint8Array;
  /** Index of the row's first block: block b is `sackEdges[2 * (sackStart + b)]` (left) and the next (right). */
  readonly sackStart: Uint32Array;
  /** A hash of the encapsulations around the packet (tunnel addresses and keys), 0 outside any. */
  readonly tunnel: Uint32Array;
  /** VLAN tags: outer << 16 | inner; with one tag, that tag; 0 without. Priority bits included. */
  readonly vlan: Uint32Array;
  /** pcapng interface number within its section; 0 in pcap. */
  readonly interfaceId: Uint16Array;
  /** IPv6 addresses, 16 bytes each in network order. */
  readonly addresses: Uint8Array;
  /** SACK edges, left and right in turn. */
  readonly sackEdges: Uint32Array;
  /** What `headerOffset` points into. */
  readonly bytes: Uint8Array;
  /** Whether payloads lie behind their headers in `bytes`; a `SegmentTable` may hold headers alone. */
  readonly holdsPayload: boolean;
}
