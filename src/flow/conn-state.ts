import {
  LETTER_ACK,
  LETTER_BAD_CHECKSUM,
  LETTER_DATA,
  LETTER_FIN,
  LETTER_FLIPPED,
  LETTER_GAP,
  LETTER_INCONSISTENT,
  LETTER_MULTIPLE,
  LETTER_RETRANSMISSION,
  LETTER_RST,
  LETTER_SERVER,
  LETTER_SYN,
  LETTER_SYN_ACK,
  LETTER_ZERO_WINDOW,
} from "../../assembly/layout/flow-statistics.ts";
import type { ConnState } from "./records.ts";

const letterText: Record<number, string> = {
  [LETTER_SYN]: "s",
  [LETTER_SYN_ACK]: "h",
  [LETTER_ACK]: "a",
  [LETTER_DATA]: "d",
  [LETTER_FIN]: "f",
  [LETTER_RST]: "r",
  [LETTER_BAD_CHECKSUM]: "c",
  [LETTER_GAP]: "g",
  [LETTER_RETRANSMISSION]: "t",
  [LETTER_ZERO_WINDOW]: "w",
  [LETTER_INCONSISTENT]: "i",
  [LETTER_MULTIPLE]: "q",
  [LETTER_FLIPPED]: "^",
};

/** Zeek's history of letter codes: lower case from the server, upper case from the client. */
export function historyText(letters: Uint8Array): string {
  return Array.from(letters, (letter) => {
    const text = letterText[letter & (LETTER_SERVER - 1)];
    return letter & LETTER_SERVER ? text : text.toUpperCase();
  }).join("");
}

/** How Zeek sees an end: what it did last of those that change its state. */
type End = "inactive" | "partial" | "syn-sent" | "syn-ack-sent" | "established" | "closed" | "reset";

/** Zeek's `conn_state` from its history (base/protocols/conn: what each value means). */
export function connState(history: string): ConnState {
  const client = endOf(history, "SHADFR", "sh");
  const server = endOf(history, "shadfr", "SH");
  if (server === "reset") return answeredByReset(client);
  if (client === "reset") return isSilent(server) ? "RSTOS0" : "RSTO";
  if (client === "closed" && server === "closed") return "SF";
  if (client === "closed") return isSilent(server) ? "SH" : "S2";
  if (server === "closed") return isSilent(client) ? "SHR" : "S3";
  if (client === "syn-sent" && server === "inactive") return "S0";
  return client === "established" && server === "established" ? "S1" : "OTH";
}

function answeredByReset(client: End): ConnState {
  if (client === "syn-sent" || client === "syn-ack-sent") return "REJ";
  return isSilent(client) ? "RSTRH" : "RSTR";
}

function isSilent(end: End): boolean {
  return end === "inactive" || end === "partial";
}

function endOf(history: string, [syn, synAck, ack, data, fin, rst]: string, peer: string): End {
  const did = (letter: string) => history.includes(letter);
  const [peerSyn, peerSynAck] = peer;
  if (did(rst)) return "reset";
  if (did(fin)) return "closed";
  if (!did(syn) && !did(synAck)) return did(ack) || did(data) ? "partial" : "inactive";
  if ((did(syn) && did(peerSynAck)) || (did(synAck) && did(peerSyn))) return "established";
  return did(synAck) ? "syn-ack-sent" : "syn-sent";
}
