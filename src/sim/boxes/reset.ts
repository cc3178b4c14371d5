import {
  ACK,
  FIN,
  RST,
  SYN,
  TCP_ACK,
  TCP_DST_PORT,
  TCP_OFFSET_FLAGS,
  TCP_SEQ,
  TCP_SRC_PORT,
} from "../../../assembly/layout/wire.ts";
import { get16, get32 } from "../../wire/bytes.ts";
import { destinationOf, ipLength, sourceOf, tcpOffset } from "../packet.ts";
import { tcpPacket } from "./ip.ts";

/**
 * The RST that answers a segment of no connection (RFC 9293 3.10.7.1), in the name of its destination; `undefined` for a
 * RST, which nobody answers, and for what is no segment.
 */
export function resetFor(packet: Uint8Array): Uint8Array | undefined {
  const at = tcpOffset(packet);
  if (at < 0 || packet[at + TCP_OFFSET_FLAGS + 1] & RST) return undefined;
  const flags = packet[at + TCP_OFFSET_FLAGS + 1];
  const header = (packet[at + TCP_OFFSET_FLAGS] >> 4) * 4;
  const data = Math.max(0, Math.min(packet.length, ipLength(packet)) - at - header);
  const length = data + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
  return tcpPacket(destinationOf(packet), sourceOf(packet), {
    srcPort: get16(packet, at + TCP_DST_PORT),
    dstPort: get16(packet, at + TCP_SRC_PORT),
    seq: flags & ACK ? get32(packet, at + TCP_ACK) : 0,
    ack: flags & ACK ? 0 : (get32(packet, at + TCP_SEQ) + length) >>> 0,
    flags: flags & ACK ? RST : RST | ACK,
  });
}
