import { describe, expect, test } from "vitest";
import type { Analysis } from "../../src/flow/index.ts";
import { FlowTracker, findingBits, SCALE_UNKNOWN } from "../../src/flow/index.ts";
import { segmentsOf } from "./segments.ts";
import { type Answers, readTruth, truthFolder, truthNames } from "./truth.ts";

const random = (bytes: Uint8Array) => bytes.fill(0x5a);

describe("what the tracker says is what tshark says", () => {
  if (truthFolder === undefined) {
    console.log("skipped: no ../shared/truth beside the repository (TCPWIRE_SHARED names another place)");
    test.runIf(process.env.CI)("in CI tshark's answers are there", () => expect(truthFolder).toBeDefined());
    return;
  }
  test.each(truthNames(truthFolder))("%s", (file) => {
    const { rows, answers } = readTruth(`${truthFolder}/${file}`);
    const said = new FlowTracker({ random }).add(segmentsOf(rows));
    const streams = new Map<string, number>();
    const wrong = answers.flatMap((answer, i) => {
      if (!streams.has(answer.stream)) streams.set(answer.stream, said.stream[i]);
      const expected = { ...expectation(answer), stream: streams.get(answer.stream) };
      const actual = { ...statement(said, i, answer), stream: said.stream[i] };
      return JSON.stringify(actual) === JSON.stringify(expected)
        ? []
        : [{ frame: answer.frame, expected, actual }];
    });
    const unexplained = wrong.filter(({ frame }) => !differences[file]?.[frame]);
    expect(unexplained.slice(0, 3), `${unexplained.length} rows`).toEqual([]);
  });
});

/** Rows where something else is said, with the reason. */
const differences: Record<string, Record<string, string>> = {
  "tcpdump__tcp-auth-heapoverflow.pcap.tsv.gz": {
    "1": "tshark stops at an option that reaches past the end, before it prints the bytes in flight",
  },
};

function expectation(r: Answers) {
  const number = (name: string) => Number(r[name] || 0);
  return {
    findings: Object.keys(findingBits).filter((name) => r[name] === "1"),
    dup_ack_num: number("dup_ack_num"),
    dup_ack_frame: number("dup_ack_frame"),
    acks_frame: number("acks_frame"),
    ack_rtt: nanoseconds(r.ack_rtt),
    initial_rtt: nanoseconds(r.initial_rtt),
    bytes_in_flight: number("bytes_in_flight"),
    push_bytes_sent: number("push_bytes_sent"),
    rto: nanoseconds(r.rto),
    rto_frame: number("rto_frame"),
    completeness: number("completeness"),
    seq: number("seq_rel"),
    ack: number("ack_rel"),
    window: number("win") || number("win_raw"),
    factor: number("win_factor"),
  };
}

function statement(said: Analysis, i: number, r: Answers) {
  const scale = said.windowScale[i];
  return {
    findings: Object.entries(findingBits).flatMap(([name, bit]) => (said.findings[i] & bit ? [name] : [])),
    dup_ack_num: said.duplicateAckNum[i],
    dup_ack_frame: said.duplicateAckFrame[i],
    acks_frame: said.ackedFrame[i],
    ack_rtt: String(said.ackRtt[i]),
    initial_rtt: String(said.initialRtt[i]),
    bytes_in_flight: said.bytesInFlight[i],
    push_bytes_sent: said.pushBytesSent[i],
    rto: String(said.rto[i]),
    rto_frame: said.rtoFrame[i],
    completeness: said.completeness[i],
    seq: said.seq[i],
    ack: said.ack[i],
    window: said.window[i],
    factor: r.win_factor === "" ? 0 : scale < 0 ? (r.win_factor ? scale : SCALE_UNKNOWN) : 1 << scale,
  };
}

/** tshark's decimal seconds as nanoseconds. */
function nanoseconds(text: string): string {
  const [whole, fraction = ""] = text.replace("-", "").split(".");
  const value = BigInt(whole || 0) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
  return String(text.startsWith("-") ? -value : value);
}
