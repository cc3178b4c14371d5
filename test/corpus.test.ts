// Over real captures every wire column says what tshark says, in every row, and no row is missing or extra.
import { describe, expect, test } from "vitest";
import { SEEN_MSS, SEEN_TIMESTAMPS, SEEN_WINDOW_SCALE } from "../assembly/layout/columns.ts";
import {
  CHECKSUM_GOOD,
  CHECKSUM_UNVERIFIED,
  SEGMENT_FIRST_FRAGMENT,
  SEGMENT_OFFSET_PAST_END,
} from "../assembly/layout/status.ts";
import { OPT_EOL, OPT_NOP, TCP_OPTIONS } from "../assembly/layout/wire.ts";
import { CaptureError, headerBytes, readCaptureSync, type Segments } from "../src/capture/index.ts";
import { formatIPv4, formatIPv6 } from "../src/wire/address.ts";
import { corpus, readCapture, readTruth } from "./corpus/shared.ts";
import unlike from "./corpus/unlike-tshark.json" with { type: "json" };

/** Where tshark is wrong: capture, frame, column, and the reason. */
const exceptions: Record<string, Record<string, Record<string, string>>> = unlike;

/** Captures that end in an error, which tshark reports too. */
const DAMAGED = new Set([
  "libpcap__shb-option-too-long.pcapng",
  "suricata-verify__bug-1450-04__tls_DER-incomplete-header.pcap",
]);

describe("the columns say what tshark says of", () => {
  if (!corpus) {
    console.log("skipped: no ../shared with corpus and truth beside the repository (or TCPWIRE_SHARED=path)");
    test.runIf(process.env.CI)("in CI the captures are there", () => expect(corpus).toBeDefined());
    return;
  }
  test.each(corpus)("%s", (name) => {
    const { rows, error } = read(name);
    const truth = readTruth(name);
    expect(error !== undefined, String(error)).toBe(DAMAGED.has(name));
    expect(rows.map((row) => row.frame)).toEqual(truth.map((row) => row.frame));
    const differing = truth.flatMap((answer, i) => {
      const expected = { ...rows[i], ...answerOf(answer, Object.keys(rows[i])) };
      for (const column of Object.keys(exceptions[name]?.[answer.frame] ?? {})) delete expected[column];
      return Object.keys(expected)
        .filter((column) => expected[column] !== rows[i][column])
        .map((column) => `frame ${answer.frame} ${column}: ${rows[i][column]}, tshark ${expected[column]}`);
    });
    expect(differing).toEqual([]);
  });

  test("each exception is of a row that differs", () => {
    for (const [name, frames] of Object.entries(exceptions)) {
      const { rows } = read(name);
      const truth = readTruth(name);
      for (const [frame, columns] of Object.entries(frames)) {
        const i = truth.findIndex((answer) => answer.frame === frame);
        for (const column of Object.keys(columns)) {
          expect(rows[i][column]).not.toBe(answerOf(truth[i], [column])[column]);
        }
      }
    }
  });
});

type Row = Record<string, string>;

function read(name: string): { rows: Row[]; error: unknown } {
  const rows: Row[] = [];
  try {
    for (const batch of readCaptureSync(readCapture(name))) {
      for (let i = 0; i < batch.length; i++) rows.push(rowOf(batch, i));
    }
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    return { rows, error };
  }
  return { rows, error: undefined };
}

// The truth's own names for its columns; a field that tshark does not show is "".
function rowOf(batch: Segments, i: number): Row {
  const header = headerBytes(batch, i);
  // Less than the window is too little for tshark to show more than the ports.
  const shown = header.length >= 16;
  const seen = batch.optionsSeen[i];
  const status = batch.status[i];
  const lengthless = status === SEGMENT_OFFSET_PAST_END || status === SEGMENT_FIRST_FRAGMENT;
  const address = (column: Uint32Array) =>
    batch.ipVersion[i] === 4 ? formatIPv4(column[i]) : formatIPv6(batch.addresses, column[i] * 16);
  const edges = Array.from({ length: batch.sackCount[i] }, (_, b) => 2 * (batch.sackStart[i] + b));
  const verdict = batch.checksumStatus[i];
  const row: Record<string, string | number | bigint> = {
    time_epoch: batch.time[i],
    src: address(batch.src),
    dst: address(batch.dst),
    sport: batch.srcPort[i],
    dport: batch.dstPort[i],
    seq_raw: shown ? batch.seq[i] : "",
    ack_raw: shown ? batch.ack[i] : "",
    hdr_len: shown ? batch.headerLength[i] : "",
    flags: shown ? batch.flags[i] : "",
    win_raw: shown ? batch.window[i] : "",
    checksum: shown ? batch.checksum[i] : "",
    checksum_status: shown ? (verdict === CHECKSUM_UNVERIFIED ? 2 : Number(verdict === CHECKSUM_GOOD)) : "",
    urgent: shown ? batch.urgentPointer[i] : "",
    len: shown && !lengthless ? batch.payloadLength[i] : "",
    opt_kinds: kindsAsTshark(header, batch.headerLength[i]).join(),
    mss: seen & SEEN_MSS ? batch.mss[i] : "",
    wscale: seen & SEEN_WINDOW_SCALE ? batch.windowScale[i] : "",
    sack_le: edges.map((edge) => batch.sackEdges[edge]).join(),
    sack_re: edges.map((edge) => batch.sackEdges[edge + 1]).join(),
    tsval: seen & SEEN_TIMESTAMPS ? batch.tsval[i] : "",
    tsecr: seen & SEEN_TIMESTAMPS ? batch.tsecr[i] : "",
    frame: batch.frame[i],
  };
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, String(value)]));
}

/** tshark shows each zero of the padding as an end of options, and no kind whose length cannot be. */
function kindsAsTshark(header: Uint8Array, headerLength: number): number[] {
  const kinds: number[] = [];
  for (let at = TCP_OPTIONS; at < header.length; ) {
    const kind = header[at];
    if (kinds.at(-1) === OPT_EOL && kind !== OPT_EOL) break;
    const length = kind === OPT_EOL || kind === OPT_NOP ? 1 : header[at + 1];
    if (length === undefined || length < 1 || at + length > headerLength) break;
    if (length === 1 && kind > OPT_NOP) break;
    kinds.push(kind);
    at += length;
  }
  return kinds;
}

function answerOf(truth: Row, columns: string[]): Row {
  // SACK edges are printed relative to the base that the row's own acknowledgment has.
  const base = Number(truth.ack_raw) - Number(truth.ack_rel);
  const absolute = (edge: string) => String((Number(edge) + base) >>> 0);
  return Object.fromEntries(
    columns.map((column) => {
      const value = truth[column];
      if (value === "") return [column, column === "ack_raw" && truth.seq_raw !== "" ? "0" : ""];
      if (column === "src" || column === "dst") return [column, value];
      if (column === "time_epoch") return [column, nanoseconds(value)];
      if (column.startsWith("sack_")) return [column, value.split(",").map(absolute).join()];
      return [column, value.split(",").map(Number).join()];
    }),
  );
}

function nanoseconds(text: string): string {
  const [seconds, fraction = ""] = text.split(".");
  return String(BigInt(seconds + fraction.padEnd(9, "0")));
}
