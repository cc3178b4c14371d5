import type { AccEcnOption, EnoOption, EnoSuboption, ExperimentOption, TcpOption } from "../../wire/index.ts";
import { experimentName } from "../../wire/index.ts";
import { hexText } from "../terminal/numbers.ts";
import { mptcpText } from "./mptcp-text.ts";

/**
 * What an option says that is not in every other segment, without commas: `tfo cookie 0x0102030405060708`,
 * `accecn0 ee0b 1 eceb 0`. Nothing for one that is malformed or of which no contents are known.
 */
export function rareOptionText(option: TcpOption): string | undefined {
  if ("experiment" in option && option.experiment !== undefined) return `exp ${textOf(option)}`;
  return textOf(option);
}

function textOf(option: TcpOption): string | undefined {
  switch (option.type) {
    case "mptcp":
      return mptcpText(option);
    case "accEcn":
      return accEcnText(option);
    case "fastOpen":
      return option.cookie.length === 0 ? "tfo cookiereq" : `tfo cookie ${hex(option.cookie)}`;
    case "userTimeout":
      return `uto ${option.value} ${option.unit === "minutes" ? "min" : "s"}`;
    case "tcpAo":
      return `tcp-ao keyid ${option.keyId} rnextkeyid ${option.rNextKeyId}${behind("mac", option.mac)}`;
    case "eno":
      return enoText(option);
    case "experiment":
      return experimentText(option);
    case "quickStart":
      return `quickstart ${rateText(option.rate)} ttl-diff ${option.ttlDifference} nonce ${hexNumber(option.nonce, 8)}`;
    case "scps":
      return `scps ${capabilitiesText(option.capabilities)} id ${option.connectionId}${behind("extended", option.extended)}`;
    case "snack":
      return `snack offset ${option.offset} size ${option.size}${behind("bits", option.bits)}`;
    case "partialOrderProfile": {
      const ends = `${option.start ? " start" : ""}${option.end ? " end" : ""}`;
      return `partial-order${ends === "" ? " middle" : ends}`;
    }
    case "alternateChecksumRequest":
      return `altcksum ${ALGORITHMS[option.algorithm] ?? option.algorithm}`;
    case "echo":
      return `echo ${option.value}`;
    case "echoReply":
      return `echoreply ${option.value}`;
    case "cc":
      return `cc ${option.count}`;
    case "ccNew":
      return `ccnew ${option.count}`;
    case "ccEcho":
      return `ccecho ${option.count}`;
    case "trailerChecksum":
      return `trailer-checksum ${option.value}`;
    default:
      return undefined;
  }
}

/** The counters in the order in which they were sent, by the names of RFC 9768 3.2.3. */
function accEcnText(option: AccEcnOption): string {
  const names =
    option.order === 0 ? (["ee0b", "eceb", "ee1b"] as const) : (["ee1b", "eceb", "ee0b"] as const);
  const counters = names.map((name) => (option[name] === undefined ? "" : ` ${name} ${option[name]}`));
  return `accecn${option.order}${counters.join("")}`;
}

function enoText({ suboptions, data }: EnoOption): string {
  if (suboptions === undefined) return `eno ${hex(data)}`;
  return `eno${suboptions.map((suboption) => ` ${suboptionText(suboption)}`).join("")}`;
}

// RFC 8547 4.2: bit b tells the passive opener, bit a that an application knows of the encryption.
function suboptionText(suboption: EnoSuboption): string {
  if (!("global" in suboption)) return `tep ${hexNumber(suboption.tep)}${behind("data", suboption.data)}`;
  const { global } = suboption;
  const rest = global & ~3;
  return `${global & 1 ? "passive" : "active"}${global & 2 ? " app-aware" : ""}${rest ? ` bits ${hexNumber(rest)}` : ""}`;
}

function experimentText({ exid, data }: ExperimentOption): string {
  const name = experimentName(exid);
  const number = hexNumber(exid, exid > 0xffff ? 8 : 4);
  const identifier = name === undefined ? number : `${name.replaceAll(",", "")} (${number})`;
  return `exp ${identifier}${data.length === 0 ? "" : ` ${hex(data)}`}`;
}

// RFC 4782 3.1: 40,000 * 2^r bit/s, 0 for none.
function rateText(rate: number): string {
  if (rate === 0) return "no rate";
  const kilobits = 40 * 2 ** rate;
  return kilobits < 1000 ? `${kilobits} kbit/s` : `${kilobits / 1000} Mbit/s`;
}

const ALGORITHMS = ["tcp", "fletcher8", "fletcher16"]; // RFC 1146
const CAPABILITIES = ["bets", "snack1", "snack2", "com", "nlts"]; // CCSDS 714.0-B, from the highest bit down

function capabilitiesText(capabilities: number): string {
  const names = CAPABILITIES.filter((_, i) => capabilities & (0x80 >> i));
  const rest = capabilities & 7;
  if (rest !== 0) names.push(hexNumber(rest));
  return names.length === 0 ? "none" : names.join("+");
}

/** A named value, where there is one. */
function behind(name: string, bytes: Uint8Array | undefined): string {
  return bytes === undefined || bytes.length === 0 ? "" : ` ${name} ${hex(bytes)}`;
}

function hex(bytes: Uint8Array): string {
  return `0x${hexText(bytes)}`;
}

function hexNumber(n: number, digits = 2): string {
  return `0x${n.toString(16).padStart(digits, "0")}`;
}
