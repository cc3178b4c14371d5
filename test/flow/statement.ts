// A row of an analysis and a row of tshark's answers in the same terms.
import { SYN } from "../../assembly/layout/wire.ts";
import { type Analysis, findingBits, findingNames } from "../../src/flow/index.ts";

type Statement = Record<string, string | number>;

/** Our names, and those of the columns in ../shared/truth. */
export const columnsOfTruth: Record<string, string> = {
  seq: "seq_rel",
  ack: "ack_rel",
  window: "win",
  factor: "win_factor",
  duplicateAckNum: "dup_ack_num",
  duplicateAckFrame: "dup_ack_frame",
  ackedFrame: "acks_frame",
  ackRtt: "ack_rtt",
  initialRtt: "initial_rtt",
  bytesInFlight: "bytes_in_flight",
  pushBytesSent: "push_bytes_sent",
  rto: "rto",
  rtoFrame: "rto_frame",
  completeness: "completeness",
  ...Object.fromEntries(Object.keys(findingBits).map((name) => [`finding ${name}`, name])),
};

/** Our names, and those of the fields of `tshark -T fields`. */
export const fieldsOfTshark: Record<string, string> = {
  seq: "tcp.seq",
  ack: "tcp.ack",
  window: "tcp.window_size",
  factor: "tcp.window_size_scalefactor",
  nextSeq: "tcp.nxtseq",
  timeRelative: "tcp.time_relative",
  timeDelta: "tcp.time_delta",
  duplicateAckNum: "tcp.analysis.duplicate_ack_num",
  duplicateAckFrame: "tcp.analysis.duplicate_ack_frame",
  ackedFrame: "tcp.analysis.acks_frame",
  ackRtt: "tcp.analysis.ack_rtt",
  initialRtt: "tcp.analysis.initial_rtt",
  bytesInFlight: "tcp.analysis.bytes_in_flight",
  pushBytesSent: "tcp.analysis.push_bytes_sent",
  rto: "tcp.analysis.rto",
  rtoFrame: "tcp.analysis.rto_frame",
  completeness: "tcp.completeness",
  ...Object.fromEntries(Object.keys(findingBits).map((name) => [`finding ${name}`, `tcp.analysis.${name}`])),
};

/** tshark's answer; `stream` is our number for its conversation. What it does not print is 0. */
export function expectation(
  answer: Record<string, string>,
  columns: Record<string, string>,
  stream: number,
): Statement {
  // Of a header without a sequence number (in pieces, cut short) nothing is printed that follows from it.
  const told = Object.entries(columns).filter(
    ([, theirs]) => answer[theirs] !== "" || answer[columns.seq] !== "",
  );
  const entries = told.map(([ours, theirs]): [string, string | number] => {
    const text = answer[theirs];
    if (ours.startsWith("finding ")) return [ours, Number(text !== "" && text !== "0")];
    return [ours, text.includes(".") ? nanoseconds(text) : Number(text)];
  });
  return { stream, ...Object.fromEntries(entries) };
}

/** What we say of row `i`, a segment with these flags. Times are texts of nanoseconds. */
export function statement(said: Analysis, i: number, flags: number): Statement {
  const time = (value: bigint) => (value === 0n ? 0 : String(value));
  const scale = said.windowScale[i];
  const found: readonly string[] = findingNames(said.findings[i]);
  return {
    stream: said.stream[i],
    seq: said.seq[i],
    ack: said.ack[i],
    nextSeq: said.nextSeq[i],
    window: said.window[i],
    // tshark prints none for a SYN.
    factor: flags & SYN ? 0 : scale < 0 ? scale : 2 ** scale,
    timeRelative: time(said.timeRelative[i]),
    timeDelta: time(said.timeDelta[i]),
    duplicateAckNum: said.duplicateAckNum[i],
    duplicateAckFrame: said.duplicateAckFrame[i],
    ackedFrame: said.ackedFrame[i],
    ackRtt: time(said.ackRtt[i]),
    initialRtt: time(said.initialRtt[i]),
    bytesInFlight: said.bytesInFlight[i],
    pushBytesSent: said.pushBytesSent[i],
    rto: time(said.rto[i]),
    rtoFrame: said.rtoFrame[i],
    completeness: said.completeness[i],
    ...Object.fromEntries(
      Object.keys(findingBits).map((name) => [`finding ${name}`, Number(found.includes(name))]),
    ),
  };
}

/** tshark's decimal seconds as a text of nanoseconds, as `statement` has them. */
function nanoseconds(text: string): string | number {
  const [whole, fraction] = text.replace("-", "").split(".");
  const value = BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
  return value === 0n ? 0 : String(text.startsWith("-") ? -value : value);
}
