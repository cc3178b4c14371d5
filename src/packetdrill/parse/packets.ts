import { ACK, AE, CWR, ECE, FIN, PSH, RST, SYN, URG } from "../../../assembly/layout/wire.ts";
import { withAce } from "../../wire/flags.ts";
import type { TcpOption } from "../../wire/options/index.ts";
import { type IcmpBody, type IpInfo, ScriptError, type ScriptPacket, type TcpBody } from "../script.ts";
import type { Cursor } from "./cursor.ts";
import { tcpOptions } from "./options.ts";

/** A packet of a protocol or in an encapsulation that a TCP endpoint has nothing to do with. */
export class UnsupportedPacket extends Error {}

const ENCAPSULATIONS = ["ipv4", "ipv6", "gre", "GREv0", "mpls"];
const FLAGS: Readonly<Record<string, number>> = {
  F: FIN,
  S: SYN,
  R: RST,
  P: PSH,
  U: URG,
  E: ECE,
  W: CWR,
  A: AE,
};
const ECN: Readonly<Record<string, number | "ect01">> = { noecn: 0, ect1: 1, ect0: 2, ce: 3, ect01: "ect01" };

/**
 * `< S 0:0(0) win 32792 <mss 1460>`, `> [ect0] P. 1:101(100) ack 1`, `< icmp unreachable frag_needed mtu 1400`.
 * @throws {UnsupportedPacket} for UDP, GRE, MPLS, PSP, and IP in IP
 */
export function packet(cursor: Cursor): ScriptPacket {
  const { line } = cursor.peek();
  const direction = cursor.takes("<") ? "in" : "out";
  if (direction === "out") cursor.expect(">");
  encapsulated(cursor);
  const ip = ipInfo(cursor);
  if (direction === "in" && ip.ecn === "ect01")
    throw new ScriptError(line, "[ect01] is for outbound packets");
  for (const name of ["encap", "udp"]) {
    if (cursor.is("word", name))
      throw new UnsupportedPacket(name === "udp" ? "UDP packets" : "PSP encapsulation");
  }
  if (cursor.takesWord("icmp")) return { direction, ip, ports: null, body: icmp(cursor, line) };
  const ports = cursor.is("integer") ? portPair(cursor) : null;
  const body = tcp(cursor);
  if (direction === "in" && body.options === null) {
    throw new ScriptError(line, "<...> is for outbound packets: what comes in has to be said");
  }
  return { direction, ip, ports, body };
}

function encapsulated(cursor: Cursor): void {
  const found = ENCAPSULATIONS.find((name) => cursor.is("word", name));
  if (found !== undefined) throw new UnsupportedPacket(`${found} encapsulation`);
}

/** `[ect0]`, `(tos 0x2)`, `[ttl 1]`, `[ce,flowlabel 0x1]`: an endpoint knows of the ECN codepoint alone. */
function ipInfo(cursor: Cursor): IpInfo {
  const close = cursor.is("sign", "[") ? "]" : cursor.is("sign", "(") ? ")" : null;
  if (close === null) return {};
  cursor.next();
  let ip: IpInfo = {};
  while (!cursor.takes(close)) {
    const name = cursor.word("ect0, ect1, ect01, ce, noecn, tos, ttl or flowlabel");
    if (Object.hasOwn(ECN, name)) ip = { ecn: ECN[name] };
    else if (name === "tos") ip = { ecn: cursor.integer("a type of service", 0, 0xff) & 3 };
    else if (name === "ttl" || name === "flowlabel") cursor.integer(name);
    else throw new ScriptError(cursor.peek().line, `\`${name}\` says nothing of an IP header`);
    cursor.takes(",");
  }
  return ip;
}

function portPair(cursor: Cursor): { src: number; dst: number } {
  const src = cursor.integer("a source port", 0, 0xffff);
  cursor.expect(">");
  return { src, dst: cursor.integer("a destination port", 0, 0xffff) };
}

function tcp(cursor: Cursor): TcpBody {
  const { flags, ace } = tcpFlags(cursor);
  const { line } = cursor.peek();
  const { seq, length } = range(cursor);
  const ack = cursor.takesWord("ack") ? cursor.integer("an acknowledgment number") : 0;
  const window = cursor.takesWord("win") ? cursor.integer("a window", 0, 0xffff) : null;
  const urgent = cursor.takesWord("urg") ? cursor.integer("an urgent pointer", 0, 0xffff) : 0;
  const options = cursor.takes("<") ? anyOrOptions(cursor) : [];
  if (length > 0xffff) throw new ScriptError(line, `${length} bytes fit no packet`);
  return { protocol: "tcp", flags, ace, seq, length, ack, window, urgent, options };
}

function anyOrOptions(cursor: Cursor): TcpOption[] | null {
  if (!cursor.is("ellipsis")) return tcpOptions(cursor);
  cursor.next();
  cursor.expect(">");
  return null;
}

/** Letters, then `.` for ACK, then with AccECN the ACE field as a number; `-` for none. */
function tcpFlags(cursor: Cursor): { flags: number; ace: boolean } {
  if (cursor.takes("-")) return { flags: 0, ace: false };
  let flags = 0;
  if (cursor.is("word")) {
    const { text, line } = cursor.next();
    for (const letter of text) {
      if (!(letter in FLAGS))
        throw new ScriptError(line, `\`${text}\` is neither flags nor a kind of packet`);
      flags |= FLAGS[letter];
    }
    if (!cursor.is("float")) return { flags: cursor.takes(".") ? flags | ACK : flags, ace: false };
  } else if (cursor.takes(".")) {
    return { flags: ACK, ace: false };
  }
  if (!cursor.is("float")) throw cursor.wanted("flags");
  const { text, line } = cursor.next();
  const count = /^\.([0-7])$/.exec(text)?.[1];
  if (count === undefined) throw new ScriptError(line, `\`${text}\` is no ACE field: it counts from 0 to 7`);
  return { flags: withAce(flags | ACK, Number(count)), ace: true };
}

/** `1:101(100)`: the numbers have to agree. */
export function range(cursor: Cursor): { seq: number; length: number } {
  const { line } = cursor.peek();
  const seq = cursor.integer("a sequence number");
  cursor.expect(":");
  const end = cursor.integer("the sequence number after the last");
  cursor.expect("(");
  const length = cursor.integer("a length");
  cursor.expect(")");
  if ((seq + length) >>> 0 !== end) {
    throw new ScriptError(line, `${seq}:${end} is not ${length} bytes`);
  }
  return { seq, length };
}

function icmp(cursor: Cursor, line: number): IcmpBody {
  const type = cursor.word("an ICMP type");
  const isMore = (word: string) => cursor.is("word", word);
  const code = cursor.is("word") && !isMore("mtu") && !isMore("id") ? cursor.next().text : null;
  const mtu = cursor.takesWord("mtu") ? cursor.integer("an MTU") : null;
  if (cursor.takesWord("id")) cursor.integer("an identifier");
  if (!cursor.takes("[")) return { protocol: "icmp", type, code, mtu, quoted: null };
  if (cursor.is("word"))
    throw new UnsupportedPacket(`ICMP about ${cursor.peek().text.toUpperCase()} packets`);
  const quoted = range(cursor);
  if (!cursor.takes("]")) throw new ScriptError(line, "the quoted segment has no `]`");
  return { protocol: "icmp", type, code, mtu, quoted };
}
