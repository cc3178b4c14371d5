import {
  FLAGS_MASK,
  TCP_ACK,
  TCP_CHECKSUM,
  TCP_DST_PORT,
  TCP_HEADER_MIN,
  TCP_OFFSET_FLAGS,
  TCP_SEQ,
  TCP_SRC_PORT,
  TCP_URGENT,
  TCP_WINDOW,
} from "../../assembly/layout/wire.ts";
import { get16, get32, put16, put32 } from "./bytes.ts";

/**
 * The fixed 20 bytes of a TCP header (RFC 9293 3.1), as an object that can be used again for one segment after
 * another.
 */
export interface Header {
  srcPort: number;
  dstPort: number;
  seq: number;
  /** Means nothing without ACK in `flags`. */
  ack: number;
  /** The header's length in 32-bit words, 5 to 15. */
  dataOffset: number;
  /** The low 12 bits: three reserved, AE, CWR, ECE, URG, ACK, PSH, RST, SYN, FIN. */
  flags: number;
  /** Unscaled. */
  window: number;
  checksum: number;
  /** Means nothing without URG in `flags`. */
  urgentPointer: number;
}

/** A header of zeros but for its data offset of 5. */
export function newHeader(): Header {
  return {
    srcPort: 0,
    dstPort: 0,
    seq: 0,
    ack: 0,
    dataOffset: TCP_HEADER_MIN / 4,
    flags: 0,
    window: 0,
    checksum: 0,
    urgentPointer: 0,
  };
}

/**
 * Reads the 20 bytes at `at` into `header`, whatever they say: nothing is checked and nothing allocated. There
 * must be 20 bytes.
 */
export function readHeader(bytes: Uint8Array, at: number, header: Header): void {
  const word = get16(bytes, at + TCP_OFFSET_FLAGS);
  header.srcPort = get16(bytes, at + TCP_SRC_PORT);
  header.dstPort = get16(bytes, at + TCP_DST_PORT);
  header.seq = get32(bytes, at + TCP_SEQ);
  header.ack = get32(bytes, at + TCP_ACK);
  header.dataOffset = word >>> 12;
  header.flags = word & FLAGS_MASK;
  header.window = get16(bytes, at + TCP_WINDOW);
  header.checksum = get16(bytes, at + TCP_CHECKSUM);
  header.urgentPointer = get16(bytes, at + TCP_URGENT);
}

/**
 * Writes `header` as 20 bytes at `at`. Nothing is checked and nothing allocated: a value counts modulo the size
 * of its field. See `writeChecksum` for the checksum.
 */
export function writeHeader(target: Uint8Array, at: number, header: Readonly<Header>): void {
  put16(target, at + TCP_SRC_PORT, header.srcPort);
  put16(target, at + TCP_DST_PORT, header.dstPort);
  put32(target, at + TCP_SEQ, header.seq);
  put32(target, at + TCP_ACK, header.ack);
  put16(target, at + TCP_OFFSET_FLAGS, (header.dataOffset << 12) | (header.flags & FLAGS_MASK));
  put16(target, at + TCP_WINDOW, header.window);
  put16(target, at + TCP_CHECKSUM, header.checksum);
  put16(target, at + TCP_URGENT, header.urgentPointer);
}
