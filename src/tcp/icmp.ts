import { TCP_SEQ, TCP_SRC_PORT } from "../../assembly/layout/wire.ts";
import { get32 } from "../wire/bytes.ts";
import { ge, lt } from "../wire/seq.ts";
import { TcpError, type TcpErrorCode } from "./errors.ts";
import { EVENT_SOFT_ERROR } from "./events.ts";
import { packetTooBig } from "./pmtu.ts";
import { SYN_RECEIVED, SYN_SENT } from "./state.ts";
import type { Tcb } from "./tcb.ts";
import { end } from "./teardown.ts";

/** An ICMP or ICMPv6 error about a packet that we are said to have sent. */
export interface IcmpError {
  /** Its type and code, as on the wire: those of ICMP with IPv4 addresses, of ICMPv6 with IPv6. */
  readonly type: number;
  readonly code: number;
  /** The MTU of "fragmentation needed" and "packet too big"; 0 where an old router told none. */
  readonly mtu?: number;
  /** The TCP header that it quotes: at least the 8 bytes with ports and sequence number. */
  readonly quoted: Uint8Array;
}

// ICMP (RFC 792, RFC 1191) and ICMPv6 (RFC 4443).
const UNREACHABLE = 3;
const PROTOCOL_UNREACHABLE = 2;
const PORT_UNREACHABLE = 3;
const FRAGMENTATION_NEEDED = 4;
const SOURCE_QUENCH = 4;
const V6_UNREACHABLE = 1;
const V6_PORT_UNREACHABLE = 4;
const V6_PACKET_TOO_BIG = 2;

/**
 * Takes an ICMP error (RFC 9293 3.9.2.2). Anyone can forge one, so it counts only when it quotes a segment
 * that is in flight (RFC 5927 4.1), and then it ends no connection that stands (RFC 5927 5.2): the
 * retransmission timer will, should the path stay broken.
 *
 * @returns false when it was ignored
 */
export function icmpArrived(tcb: Tcb, error: IcmpError): boolean {
  const { snd } = tcb;
  if (error.quoted.length < TCP_SEQ + 4 || get32(error.quoted, TCP_SRC_PORT) !== tcb.ports >>> 0)
    return false;
  const seq = get32(error.quoted, TCP_SEQ);
  if (tcb.state < SYN_SENT || !ge(seq, snd.una) || !lt(seq, snd.nxt)) return false;
  const isV6 = tcb.family === 6;
  if (!isV6 && error.type === SOURCE_QUENCH) return false; // MUST-55
  if (isV6 ? error.type === V6_PACKET_TOO_BIG : isFragmentationNeeded(error)) {
    return packetTooBig(tcb, error.mtu ?? 0);
  }
  const code = meaning(error, isV6);
  const isHard = code === "connection-refused";
  if (isHard && (tcb.state === SYN_SENT || tcb.state === SYN_RECEIVED)) {
    end(tcb, "refused", new TcpError(code)); // SHLD-26
  } else {
    tcb.softError = new TcpError(code); // MUST-56
    tcb.events |= EVENT_SOFT_ERROR;
  }
  return true;
}

function isFragmentationNeeded({ type, code }: IcmpError): boolean {
  return type === UNREACHABLE && code === FRAGMENTATION_NEEDED;
}

/** "Port" and "protocol unreachable" come from the peer's host itself; everything else is about the path to it. */
function meaning({ type, code }: IcmpError, isV6: boolean): TcpErrorCode {
  if (isV6)
    return type === V6_UNREACHABLE && code === V6_PORT_UNREACHABLE ? "connection-refused" : "unreachable";
  const isHard = type === UNREACHABLE && (code === PORT_UNREACHABLE || code === PROTOCOL_UNREACHABLE);
  return isHard ? "connection-refused" : "unreachable";
}
