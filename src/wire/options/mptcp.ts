import {
  DSS_ACK,
  DSS_ACK_8,
  DSS_DATA_FIN,
  DSS_MAPPING,
  DSS_SEQ_8,
  MP_ADD_ADDR,
  MP_CAPABLE,
  MP_DSS,
  MP_FAIL,
  MP_FASTCLOSE,
  MP_JOIN,
  MP_PRIO,
  MP_REMOVE_ADDR,
  MP_TCPRST,
} from "../../../assembly/layout/options.ts";
import { addressBytes, formatAddress } from "../address.ts";
import { copy, get16, get32, get64, put, put16, put32, put64 } from "../bytes.ts";
import { byteCount, unsigned, unsigned64 } from "../range.ts";
import type { AddAddr, Dss, MpCapable, MpJoin, MptcpOption, MptcpOther } from "./mptcp-types.ts";

/** Reads the MPTCP option in `bytes[start, end)`, kind and length byte included, at least 3 bytes. */
export function readMptcp(bytes: Uint8Array, start: number, end: number): MptcpOption {
  const first = bytes[start + 2];
  const low = first & 0xf;
  const length = end - start;
  switch (first >> 4) {
    case MP_CAPABLE:
      if ([4, 12, 20, 22, 24].includes(length)) return readCapable(bytes, start, length);
      break;
    case MP_JOIN:
      if (length === 12 || length === 16 || length === 24) return readJoin(bytes, start, length);
      break;
    case MP_DSS:
      if (length >= 4) return readDss(bytes, start, length) ?? readOther(bytes, start, end);
      break;
    case MP_ADD_ADDR:
      if ([8, 10, 16, 18, 20, 22, 28, 30].includes(length)) return readAddAddr(bytes, start, length);
      break;
    case MP_REMOVE_ADDR: {
      const addressIds = Array.from(copy(bytes, start + 3, end));
      return { type: "mptcp", subtype: "REMOVE_ADDR", addressIds, ...reserved(low) };
    }
    case MP_PRIO:
      if (length <= 4) {
        return {
          type: "mptcp",
          subtype: "MP_PRIO",
          backup: (low & 1) === 1,
          ...(length === 4 ? { addressId: bytes[start + 3] } : {}),
          ...reserved(low & 0xe),
        };
      }
      break;
    case MP_FAIL:
      if (length === 12) {
        const dataSeq = get64(bytes, start + 4);
        return { type: "mptcp", subtype: "MP_FAIL", dataSeq, ...reserved(get16(bytes, start + 2) & 0xfff) };
      }
      break;
    case MP_FASTCLOSE:
      if (length === 12) {
        const receiverKey = get64(bytes, start + 4);
        const rest = reserved(get16(bytes, start + 2) & 0xfff);
        return { type: "mptcp", subtype: "MP_FASTCLOSE", receiverKey, ...rest };
      }
      break;
    case MP_TCPRST:
      if (length === 4) return { type: "mptcp", subtype: "MP_TCPRST", flags: low, reason: bytes[start + 3] };
      break;
  }
  return readOther(bytes, start, end);
}

/** How many bytes `writeMptcp` will write. */
export function mptcpLength(option: MptcpOption): number {
  switch (option.subtype) {
    case "MP_CAPABLE":
      if (option.checksum !== undefined) return 24;
      if (option.dataLength !== undefined) return 22;
      if (option.receiverKey !== undefined) return 20;
      return option.senderKey === undefined ? 4 : 12;
    case "MP_JOIN":
      return option.phase === "syn" ? 12 : option.phase === "syn-ack" ? 16 : 24;
    case "DSS":
      return 4 + wide(option.dataAck) + mappingLength(option.mapping);
    case "ADD_ADDR": {
      const address = addressBytes(option.address).length;
      return 4 + address + (option.port === undefined ? 0 : 2) + (option.hmac === undefined ? 0 : 8);
    }
    case "REMOVE_ADDR":
      return 3 + option.addressIds.length;
    case "MP_PRIO":
      return option.addressId === undefined ? 3 : 4;
    case "MP_FAIL":
    case "MP_FASTCLOSE":
      return 12;
    case "MP_TCPRST":
      return 4;
    case "OTHER":
      return 2 + option.data.length;
    default:
      throw new TypeError(`mptcp.subtype: ${JSON.stringify((option as MptcpOption).subtype)} is none`);
  }
}

/** Writes the option's bytes from the subtype on, after kind and length, at `at`. */
export function writeMptcp(target: Uint8Array, at: number, option: MptcpOption): void {
  switch (option.subtype) {
    case "MP_CAPABLE":
      writeCapable(target, at, option);
      return;
    case "MP_JOIN":
      writeJoin(target, at, option);
      return;
    case "DSS":
      writeDss(target, at, option);
      return;
    case "ADD_ADDR":
      writeAddAddr(target, at, option);
      return;
    case "REMOVE_ADDR":
      for (const id of option.addressIds) unsigned("mptcp.addressIds", id, 0xff);
      target[at] = (MP_REMOVE_ADDR << 4) | keep(option.reserved, 0xf);
      put(target, at + 1, option.addressIds);
      return;
    case "MP_PRIO":
      target[at] = (MP_PRIO << 4) | keep(option.reserved, 0xe) | Number(option.backup);
      if (option.addressId !== undefined) {
        unsigned("mptcp.addressId", option.addressId, 0xff);
        target[at + 1] = option.addressId;
      }
      return;
    case "MP_FAIL":
      unsigned64("mptcp.dataSeq", option.dataSeq);
      put16(target, at, (MP_FAIL << 12) | keep(option.reserved, 0xfff));
      put64(target, at + 2, option.dataSeq);
      return;
    case "MP_FASTCLOSE":
      unsigned64("mptcp.receiverKey", option.receiverKey);
      put16(target, at, (MP_FASTCLOSE << 12) | keep(option.reserved, 0xfff));
      put64(target, at + 2, option.receiverKey);
      return;
    case "MP_TCPRST":
      unsigned("mptcp.flags", option.flags, 0xf);
      unsigned("mptcp.reason", option.reason, 0xff);
      put16(target, at, (MP_TCPRST << 12) | (option.flags << 8) | option.reason);
      return;
    case "OTHER":
      writeOther(target, at, option);
      return;
  }
}

function readCapable(bytes: Uint8Array, start: number, length: number): MpCapable {
  return {
    type: "mptcp",
    subtype: "MP_CAPABLE",
    version: bytes[start + 2] & 0xf,
    flags: bytes[start + 3],
    ...(length >= 12 ? { senderKey: get64(bytes, start + 4) } : {}),
    ...(length >= 20 ? { receiverKey: get64(bytes, start + 12) } : {}),
    ...(length >= 22 ? { dataLength: get16(bytes, start + 20) } : {}),
    ...(length >= 24 ? { checksum: get16(bytes, start + 22) } : {}),
  };
}

function writeCapable(target: Uint8Array, at: number, option: MpCapable): void {
  const { senderKey, receiverKey, dataLength, checksum } = option;
  unsigned("mptcp.version", option.version, 0xf);
  unsigned("mptcp.flags", option.flags, 0xff);
  target[at] = (MP_CAPABLE << 4) | option.version;
  target[at + 1] = option.flags;
  const fields = [senderKey, receiverKey, dataLength, checksum].map((field) => field !== undefined);
  if (fields.some((given, i) => given && !fields.slice(0, i).every(Boolean))) {
    throw new TypeError("mptcp: senderKey, receiverKey, dataLength, checksum: each needs those before it");
  }
  if (senderKey !== undefined) {
    unsigned64("mptcp.senderKey", senderKey);
    put64(target, at + 2, senderKey);
  }
  if (receiverKey !== undefined) {
    unsigned64("mptcp.receiverKey", receiverKey);
    put64(target, at + 10, receiverKey);
  }
  if (dataLength !== undefined) {
    unsigned("mptcp.dataLength", dataLength, 0xffff);
    put16(target, at + 18, dataLength);
  }
  if (checksum !== undefined) {
    unsigned("mptcp.checksum", checksum, 0xffff);
    put16(target, at + 20, checksum);
  }
}

function readJoin(bytes: Uint8Array, start: number, length: number): MpJoin {
  const low = bytes[start + 2] & 0xf;
  const common = { type: "mptcp", subtype: "MP_JOIN" } as const;
  if (length === 24) {
    const hmac = copy(bytes, start + 4, start + 24);
    return { ...common, phase: "ack", hmac, ...reserved(get16(bytes, start + 2) & 0xfff) };
  }
  const backup = (low & 1) === 1;
  const addressId = bytes[start + 3];
  const rest = reserved(low & 0xe);
  if (length === 12) {
    const token = get32(bytes, start + 4);
    return { ...common, phase: "syn", backup, addressId, token, random: get32(bytes, start + 8), ...rest };
  }
  const hmac = copy(bytes, start + 4, start + 12);
  return { ...common, phase: "syn-ack", backup, addressId, hmac, random: get32(bytes, start + 12), ...rest };
}

function writeJoin(target: Uint8Array, at: number, option: MpJoin): void {
  if (option.phase === "ack") {
    byteCount("mptcp.hmac", option.hmac, 20);
    put16(target, at, (MP_JOIN << 12) | keep(option.reserved, 0xfff));
    put(target, at + 2, option.hmac);
    return;
  }
  unsigned("mptcp.addressId", option.addressId, 0xff);
  unsigned("mptcp.random", option.random, 0xffffffff);
  target[at] = (MP_JOIN << 4) | keep(option.reserved, 0xe) | Number(option.backup);
  target[at + 1] = option.addressId;
  if (option.phase === "syn") {
    unsigned("mptcp.token", option.token, 0xffffffff);
    put32(target, at + 2, option.token);
    put32(target, at + 6, option.random);
  } else {
    byteCount("mptcp.hmac", option.hmac, 8);
    put(target, at + 2, option.hmac);
    put32(target, at + 10, option.random);
  }
}

/** `undefined` when the flags ask for another length. */
function readDss(bytes: Uint8Array, start: number, length: number): Dss | undefined {
  const word = get16(bytes, start + 2) & 0xfff;
  const ackBytes = word & DSS_ACK ? (word & DSS_ACK_8 ? 8 : 4) : 0;
  const seqBytes = word & DSS_MAPPING ? (word & DSS_SEQ_8 ? 8 : 4) : 0;
  const without = 4 + ackBytes + (seqBytes > 0 ? seqBytes + 6 : 0);
  const hasChecksum = seqBytes > 0 && length === without + 2;
  if (!hasChecksum && length !== without) return undefined;
  let at = start + 4;
  const take = (size: number): number | bigint => {
    at += size;
    return size === 8 ? get64(bytes, at - 8) : get32(bytes, at - 4);
  };
  const dataAck = ackBytes > 0 ? take(ackBytes) : undefined;
  const dataSeq = seqBytes > 0 ? take(seqBytes) : undefined;
  const option: Dss = {
    type: "mptcp",
    subtype: "DSS",
    dataFin: (word & DSS_DATA_FIN) !== 0,
    ...(dataAck === undefined ? {} : { dataAck }),
    ...(dataSeq === undefined
      ? {}
      : {
          mapping: {
            dataSeq,
            subflowSeq: get32(bytes, at),
            length: get16(bytes, at + 4),
            ...(hasChecksum ? { checksum: get16(bytes, at + 6) } : {}),
          },
        }),
  };
  return { ...option, ...reserved(word & dssReserved(option)) };
}

function writeDss(target: Uint8Array, at: number, option: Dss): void {
  put16(target, at, (MP_DSS << 12) | dssFlags(option) | keep(option.reserved, dssReserved(option)));
  at += 2;
  if (option.dataAck !== undefined) at = writeWide("mptcp.dataAck", target, at, option.dataAck);
  if (option.mapping === undefined) return;
  const { dataSeq, subflowSeq, length, checksum } = option.mapping;
  at = writeWide("mptcp.mapping.dataSeq", target, at, dataSeq);
  unsigned("mptcp.mapping.subflowSeq", subflowSeq, 0xffffffff);
  unsigned("mptcp.mapping.length", length, 0xffff);
  put32(target, at, subflowSeq);
  put16(target, at + 4, length);
  if (checksum !== undefined) {
    unsigned("mptcp.mapping.checksum", checksum, 0xffff);
    put16(target, at + 6, checksum);
  }
}

function dssFlags({ dataFin, dataAck, mapping }: Dss): number {
  return (
    (dataFin ? DSS_DATA_FIN : 0) |
    (dataAck === undefined ? 0 : DSS_ACK | (wide(dataAck) === 8 ? DSS_ACK_8 : 0)) |
    (mapping === undefined ? 0 : DSS_MAPPING | (wide(mapping.dataSeq) === 8 ? DSS_SEQ_8 : 0))
  );
}

/** The bits that the fields leave alone. */
function dssReserved({ dataAck, mapping }: Dss): number {
  return 0xfe0 | (dataAck === undefined ? DSS_ACK_8 : 0) | (mapping === undefined ? DSS_SEQ_8 : 0);
}

function mappingLength(mapping: Dss["mapping"]): number {
  if (mapping === undefined) return 0;
  return wide(mapping.dataSeq) + 6 + (mapping.checksum === undefined ? 0 : 2);
}

function wide(value: number | bigint | undefined): 0 | 4 | 8 {
  if (value === undefined) return 0;
  return typeof value === "bigint" ? 8 : 4;
}

function writeWide(name: string, target: Uint8Array, at: number, value: number | bigint): number {
  if (typeof value === "bigint") {
    unsigned64(name, value);
    put64(target, at, value);
    return at + 8;
  }
  unsigned(name, value, 0xffffffff);
  put32(target, at, value);
  return at + 4;
}

function readAddAddr(bytes: Uint8Array, start: number, length: number): AddAddr {
  const low = bytes[start + 2] & 0xf;
  const size = length < 20 ? 4 : 16;
  const hasHmac = length - size >= 12;
  const hasPort = (length - size) % 8 === 6;
  const at = start + 4 + size;
  const portBytes = hasPort ? 2 : 0;
  // RFC 6824 has the IP version where RFC 8684 has three reserved bits and E.
  const version = !hasHmac && low === (size === 4 ? 4 : 6) ? 0 : 1;
  return {
    type: "mptcp",
    subtype: "ADD_ADDR",
    version,
    echo: version === 1 && (low & 1) === 1,
    addressId: bytes[start + 3],
    address: formatAddress(copy(bytes, start + 4, at)),
    ...(hasPort ? { port: get16(bytes, at) } : {}),
    ...(hasHmac ? { hmac: copy(bytes, at + portBytes, at + portBytes + 8) } : {}),
    ...(version === 1 ? reserved(low & 0xe) : {}),
  };
}

function writeAddAddr(target: Uint8Array, at: number, option: AddAddr): void {
  const { version, echo, addressId, port, hmac } = option;
  const address = addressBytes(option.address);
  unsigned("mptcp.addressId", addressId, 0xff);
  if (version === 0 && hmac !== undefined) throw new TypeError("mptcp.hmac: version 0 has none");
  const low = version === 0 ? (address.length === 4 ? 4 : 6) : keep(option.reserved, 0xe) | Number(echo);
  target[at] = (MP_ADD_ADDR << 4) | low;
  target[at + 1] = addressId;
  at = put(target, at + 2, address);
  if (port !== undefined) {
    unsigned("mptcp.port", port, 0xffff);
    put16(target, at, port);
    at += 2;
  }
  if (hmac !== undefined) {
    byteCount("mptcp.hmac", hmac, 8);
    put(target, at, hmac);
  }
}

function readOther(bytes: Uint8Array, start: number, end: number): MptcpOther {
  const data = copy(bytes, start + 2, end);
  return { type: "mptcp", subtype: "OTHER", number: data[0] >> 4, data };
}

function writeOther(target: Uint8Array, at: number, option: MptcpOther): void {
  byteCount("mptcp.data", option.data, 1, 38);
  if (option.data[0] >> 4 !== option.number) {
    throw new TypeError(`mptcp.number: ${option.number} is not the ${option.data[0] >> 4} in data`);
  }
  put(target, at, option.data);
}

function reserved(bits: number): { reserved?: number } {
  return bits === 0 ? {} : { reserved: bits };
}

/** The reserved bits to write. @throws {RangeError} when they would set bits that other fields set */
function keep(bits: number | undefined, mask: number): number {
  if (bits === undefined) return 0;
  if ((bits & ~mask) !== 0) throw new RangeError(`mptcp.reserved: ${bits} has bits beyond ${mask}`);
  return bits;
}
