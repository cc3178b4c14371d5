import type { TcpOption, TcpOptionOf } from "../../src/wire/index.ts";
import { toHex } from "./oracle.ts";

type Terms = Record<string, string>;

/**
 * The fields that tshark (4.0) shows for an option, as it prints them; none where it does not look into it.
 */
export function inWiresharksTerms(option: TcpOption): Terms {
  switch (option.type) {
    case "mss":
      return { "tcp.options.mss_val": String(option.value) };
    case "windowScale":
      return { "tcp.options.wscale.shift": String(option.shift) };
    case "sack":
      return {
        "tcp.options.sack_le": option.blocks.map(({ left }) => left).join(),
        "tcp.options.sack_re": option.blocks.map(({ right }) => right).join(),
      };
    case "echo":
    case "echoReply":
      return { "tcp.options.echo_value": String(option.value) };
    case "timestamps":
      return {
        "tcp.options.timestamp.tsval": String(option.tsval),
        "tcp.options.timestamp.tsecr": String(option.tsecr),
      };
    case "cc":
    case "ccNew":
    case "ccEcho":
      return { "tcp.options.cc_value": String(option.count) };
    case "md5":
      return { "tcp.options.md5.digest": toHex(option.digest) };
    case "tcpAo":
      return {
        "tcp.options.ao.keyid": String(option.keyId),
        "tcp.options.ao.rnextkeyid": String(option.rNextKeyId),
        "tcp.options.ao.mac": toHex(option.mac),
      };
    case "userTimeout":
      return {
        "tcp.options.user_to_granularity": option.unit === "minutes" ? "1" : "0",
        "tcp.options.user_to_val": String(option.value),
      };
    case "quickStart":
      return {
        "tcp.options.qs.rate": String(option.rate),
        "tcp.options.qs.ttl_diff": String(option.ttlDifference),
      };
    case "fastOpen":
      return { "tcp.options.tfo.cookie": toHex(option.cookie) };
    case "accEcn":
      return {
        "tcp.options.acc_ecn.ee0b": String(option.ee0b ?? ""),
        "tcp.options.acc_ecn.eceb": String(option.eceb ?? ""),
        "tcp.options.acc_ecn.ee1b": String(option.ee1b ?? ""),
      };
    case "snack":
      if (option.bits !== undefined) return {};
      return {
        "tcp.options.snack.offset": String(option.offset),
        "tcp.options.snack.size": String(option.size),
      };
    case "experiment":
      return {
        "tcp.options.experimental.exid": hex(option.exid > 0xffff ? option.exid >>> 16 : option.exid, 4),
      };
    case "mptcp":
      return mptcpTerms(option);
    default:
      return {};
  }
}

function mptcpTerms(option: TcpOptionOf<"mptcp">): Terms {
  const fields: Terms = {};
  const set = (name: string, value: number | bigint | string | undefined): void => {
    if (value !== undefined) fields[`tcp.options.mptcp.${name}`] = String(value);
  };
  switch (option.subtype) {
    case "MP_CAPABLE":
      set("subtype", 0);
      set("version", option.version);
      set("sendkey", option.senderKey);
      set("recvkey", option.receiverKey);
      set("datalvllen", option.dataLength);
      set("checksum", option.checksum === undefined ? undefined : hex(option.checksum, 4));
      break;
    case "MP_JOIN":
      set("subtype", 1);
      if (option.phase === "ack") {
        set("sendhmac", toHex(option.hmac));
        break;
      }
      set("backup.flag", Number(option.backup));
      set("addrid", option.addressId);
      set("sendrand", option.random);
      if (option.phase === "syn") set("recvtok", option.token);
      break;
    case "DSS":
      set("subtype", 2);
      set("datafin.flag", Number(option.dataFin));
      set("rawdataack", option.dataAck);
      set("rawdataseqno", option.mapping?.dataSeq);
      set("subflowseqno", option.mapping?.subflowSeq);
      set("datalvllen", option.mapping?.length);
      break;
    case "ADD_ADDR":
      set("subtype", 3);
      set("addrid", option.addressId);
      set(option.address.includes(":") ? "ipv6" : "ipv4", option.address);
      set("port", option.port);
      break;
    case "REMOVE_ADDR":
      set("subtype", 4);
      set("addrid", option.addressIds.join());
      break;
    case "MP_PRIO":
      set("subtype", 5);
      set("backup.flag", Number(option.backup));
      set("addrid", option.addressId);
      break;
    case "MP_FAIL":
      set("subtype", 6);
      set("rawdataseqno", option.dataSeq);
      break;
    case "MP_FASTCLOSE":
      set("subtype", 7);
      set("recvkey", option.receiverKey);
      break;
    case "MP_TCPRST":
      set("subtype", 8);
      set("rst_reason", hex(option.reason, 2));
      break;
    case "OTHER":
      set("subtype", option.number);
  }
  return fields;
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}
