import { ACK, SYN, TCP_SEQ, TCP_SRC_PORT } from "../../../assembly/layout/wire.ts";
import type { IcmpError } from "../../tcp/index.ts";
import { buildSegment } from "../../wire/build.ts";
import { put16, put32 } from "../../wire/bytes.ts";
import type { TcpOption } from "../../wire/options/index.ts";
import type { RunConfig } from "../config/config.ts";
import { pattern } from "../host/sent-bytes.ts";
import { type IcmpBody, ScriptError, type TcpBody } from "../script.ts";
import type { Conversation } from "./conversation.ts";

/** The bytes of a packet from the peer. Its data are those that belong at its place in the peer's stream. */
export function encodeSegment(
  body: TcpBody,
  conversation: Conversation,
  config: RunConfig,
  line: number,
): Uint8Array {
  const isSyn = (body.flags & SYN) !== 0;
  const offset = isSyn ? 0 : body.seq - 1;
  return buildSegment(
    {
      srcPort: conversation.remotePort,
      dstPort: conversation.localPort,
      seq: conversation.remoteToReal(body.seq, isSyn),
      ack: body.flags & ACK ? conversation.localToReal(body.ack, isSyn) : body.ack,
      flags: body.flags,
      window: body.window ?? 0,
      urgentPointer: body.urgent,
      options: (body.options ?? []).map((option) => realOption(option, body, conversation, config, line)),
      payload: pattern(Math.max(0, offset), body.length),
    },
    { src: config.remoteAddress, dst: config.localAddress },
  );
}

function realOption(
  option: TcpOption,
  body: TcpBody,
  conversation: Conversation,
  config: RunConfig,
  line: number,
): TcpOption {
  if (option.type === "sack") {
    const real = (seq: number) => conversation.localToReal(seq, false);
    return { type: "sack", blocks: option.blocks.map((b) => ({ left: real(b.left), right: real(b.right) })) };
  }
  if (option.type === "timestamps" && body.flags & ACK) {
    return { ...option, tsecr: conversation.echo(option.tsecr, config.scalesEchoes, line) };
  }
  return option;
}

/** Types and codes of ICMP errors (RFC 792, RFC 1812) and of ICMPv6's (RFC 4443). */
const CODES_V4: Readonly<Record<string, readonly [number, number]>> = {
  unreachable: [3, 0],
  "unreachable net_unreachable": [3, 0],
  "unreachable host_unreachable": [3, 1],
  "unreachable protocol_unreachable": [3, 2],
  "unreachable port_unreachable": [3, 3],
  "unreachable frag_needed": [3, 4],
  "unreachable source_route_failed": [3, 5],
  "unreachable net_unknown": [3, 6],
  "unreachable host_unknown": [3, 7],
  "unreachable source_host_isolated": [3, 8],
  "unreachable net_prohibited": [3, 9],
  "unreachable host_prohibited": [3, 10],
  "unreachable net_unreachable_for_tos": [3, 11],
  "unreachable host_unreachable_for_tos": [3, 12],
  "unreachable packet_filtered": [3, 13],
  "unreachable communication_prohibited": [3, 13],
  "unreachable precedence_violation": [3, 14],
  "unreachable host_precedence_violation": [3, 14],
  "unreachable precedence_cutoff": [3, 15],
  source_quench: [4, 0],
  time_exceeded: [11, 0],
  "time_exceeded exc_ttl": [11, 0],
  "time_exceeded exc_frag_time": [11, 1],
  parameter_problem: [12, 0],
};
const CODES_V6: Readonly<Record<string, readonly [number, number]>> = {
  unreachable: [1, 0],
  "unreachable no_route": [1, 0],
  "unreachable net_unreachable": [1, 0],
  "unreachable admin_prohibited": [1, 1],
  "unreachable host_prohibited": [1, 1],
  "unreachable not_neighbour": [1, 2],
  "unreachable address_unreachable": [1, 3],
  "unreachable host_unreachable": [1, 3],
  "unreachable port_unreachable": [1, 4],
  packet_too_big: [2, 0],
  "unreachable packet_too_big": [2, 0],
  "unreachable frag_needed": [2, 0],
  time_exceeded: [3, 0],
  "time_exceeded exceeded_hopcount": [3, 0],
  "time_exceeded exceeded_frag_time": [3, 1],
  parameter_problem: [4, 0],
};

/** An ICMP error, and the segment of the endpoint's that it quotes: where none is named, the first byte. */
export function encodeIcmp(
  body: IcmpBody,
  conversation: Conversation,
  config: RunConfig,
  line: number,
): IcmpError {
  const name = body.code === null ? body.type : `${body.type} ${body.code}`;
  const found = (config.family === 6 ? CODES_V6 : CODES_V4)[name];
  if (found === undefined)
    throw new ScriptError(line, `\`icmp ${name}\` is no ICMP error that this runner knows`);
  const quoted = new Uint8Array(8);
  put16(quoted, TCP_SRC_PORT, conversation.localPort);
  put16(quoted, TCP_SRC_PORT + 2, conversation.remotePort);
  put32(quoted, TCP_SEQ, conversation.localToReal(body.quoted?.seq ?? 0, false));
  const [type, code] = found;
  return { type, code, quoted, ...(body.mtu === null ? {} : { mtu: body.mtu }) };
}
