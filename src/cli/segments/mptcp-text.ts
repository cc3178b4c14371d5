import {
  MPTCP_CHECKSUM_REQUIRED,
  MPTCP_EXTENSIBILITY,
  MPTCP_HMAC,
  MPTCP_NO_MORE_SUBFLOWS,
} from "../../../assembly/layout/options.ts";
import type { AddAddr, Dss, MpCapable, MpJoin, MpTcprst, MptcpOption } from "../../wire/index.ts";
import { hexText } from "../terminal/numbers.ts";

/**
 * What an MPTCP option says (RFC 8684 3), without commas: `mptcp dss ack 4096 seq 1 subseq 1 maps 1440`. Numbers of data
 * sequences are those of the wire, which start anywhere.
 */
export function mptcpText(option: MptcpOption): string {
  const text = `mptcp ${subtypeText(option)}`;
  return "reserved" in option && option.reserved !== undefined
    ? `${text} reserved ${hex(option.reserved)}`
    : text;
}

function subtypeText(option: MptcpOption): string {
  switch (option.subtype) {
    case "MP_CAPABLE":
      return capable(option);
    case "MP_JOIN":
      return join(option);
    case "DSS":
      return dss(option);
    case "ADD_ADDR":
      return addAddr(option);
    case "REMOVE_ADDR":
      return `remove-addr${option.addressIds.map((id) => ` id ${id}`).join("")}`;
    case "MP_PRIO":
      return `prio ${option.backup ? "backup" : "regular"}${numbered("id", option.addressId)}`;
    case "MP_FAIL":
      return `fail seq ${option.dataSeq}`;
    case "MP_FASTCLOSE":
      return `fastclose key ${hex(option.receiverKey, 16)}`;
    case "MP_TCPRST":
      return reset(option);
    case "OTHER":
      return `${SUBTYPES[option.number] ?? `subtype-${option.number}`} 0x${hexText(option.data)}`;
  }
}

// RFC 8684 8.1, in the order of the subtypes.
const SUBTYPES = ["capable", "join", "dss", "add-addr", "remove-addr", "prio", "fail", "fastclose", "reset"];

function capable({ version, flags, senderKey, receiverKey, dataLength, checksum }: MpCapable): string {
  let text = `capable v${version}`;
  if (flags & MPTCP_CHECKSUM_REQUIRED) text += " checksums";
  if (flags & MPTCP_EXTENSIBILITY) text += " extensible";
  if (flags & MPTCP_NO_MORE_SUBFLOWS) text += " no-joins-here";
  if (flags & MPTCP_HMAC) text += version === 0 ? " hmac-sha1" : " hmac-sha256";
  const rest = flags & ~(MPTCP_CHECKSUM_REQUIRED | MPTCP_EXTENSIBILITY | MPTCP_NO_MORE_SUBFLOWS | MPTCP_HMAC);
  if (rest !== 0) text += ` flags ${hex(rest)}`;
  if (senderKey !== undefined) text += ` key ${hex(senderKey, 16)}`;
  if (receiverKey !== undefined) text += ` peer-key ${hex(receiverKey, 16)}`;
  return text + numbered("maps", dataLength) + checksumText(checksum);
}

function join(option: MpJoin): string {
  if (option.phase === "ack") return `join hmac 0x${hexText(option.hmac)}`;
  const proof = option.phase === "syn" ? `token ${hex(option.token, 8)}` : `hmac 0x${hexText(option.hmac)}`;
  return `join${option.backup ? " backup" : ""} id ${option.addressId} ${proof} nonce ${hex(option.random, 8)}`;
}

function dss({ dataAck, mapping, dataFin }: Dss): string {
  let text = `dss${numbered("ack", dataAck)}`;
  if (mapping) {
    const { dataSeq, subflowSeq, length, checksum } = mapping;
    text += ` seq ${dataSeq} subseq ${subflowSeq} maps ${length}${checksumText(checksum)}`;
  }
  return dataFin ? `${text} fin` : text;
}

function addAddr({ echo, addressId, address, port, hmac }: AddAddr): string {
  const text = `add-addr${echo ? " echo" : ""} id ${addressId} ${address}${numbered("port", port)}`;
  return hmac === undefined ? text : `${text} hmac 0x${hexText(hmac)}`;
}

// RFC 8684 3.6
const REASONS = [
  "unspecified",
  "mptcp error",
  "lack of resources",
  "prohibited",
  "too much outstanding data",
  "unacceptable performance",
  "middlebox interference",
];
const TRANSIENT = 1;

function reset({ flags, reason }: MpTcprst): string {
  const rest = flags & ~TRANSIENT;
  const kind = flags & TRANSIENT ? " transient" : "";
  return `reset${kind} (${REASONS[reason] ?? `reason ${reason}`})${rest ? ` flags ${hex(rest)}` : ""}`;
}

function numbered(name: string, value: number | bigint | undefined): string {
  return value === undefined ? "" : ` ${name} ${value}`;
}

function checksumText(checksum: number | undefined): string {
  return checksum === undefined ? "" : ` csum ${hex(checksum, 4)}`;
}

function hex(n: number | bigint, digits = 1): string {
  return `0x${n.toString(16).padStart(digits, "0")}`;
}
