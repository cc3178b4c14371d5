// The package's own analysis reads what its endpoints have sent: nothing that it finds may lack a cause.
import { CHECKSUM_BAD, CHECKSUM_GOOD, SEGMENT_OK } from "../../assembly/layout/status.ts";
import { parseCapture, type SegmentTable } from "../../src/capture/index.ts";
import {
  type Analysis,
  FlowTracker,
  findingNames,
  JUDGED_DUPLICATE,
  JUDGED_NEEDLESS,
  JUDGED_RECOVERED,
  JUDGED_REORDERED,
  JUDGED_RETRANSMITTED,
  JUDGED_WINDOW_PROBE_ACK,
  judgementNames,
  Reassembler,
} from "../../src/flow/index.ts";
import { CORRUPTED } from "../../src/sim/index.ts";
import { check } from "./failure.ts";
import { planOf } from "./plan.ts";
import { type Outcome, simulate } from "./run.ts";
import { firstWrong } from "./stream.ts";
import { HostTap } from "./tap.ts";

const OUT_OF_LINE = JUDGED_RETRANSMITTED | JUDGED_RECOVERED | JUDGED_NEEDLESS | JUDGED_REORDERED;

/** Findings that a path without faults explains as well: they are about windows and silence. */
const ALWAYS = new Set([
  "window_update",
  "window_full",
  "zero_window",
  "zero_window_probe",
  "zero_window_probe_ack",
  "keep_alive",
  "keep_alive_ack",
  "tfo_syn",
  "tfo_ack",
]);

/** Simulates a seed, has the analysis read it, and holds the one against the other. */
export function simulateAndAnalyse(seed: number): Outcome {
  const tap = new HostTap();
  const outcome = simulate(seed, tap);
  analyse(seed, tap, outcome);
  return outcome;
}

function analyse(seed: number, tap: HostTap, outcome: Outcome): void {
  const table = parseCapture(tap.capture(), { payload: true });
  check(table.length === tap.truths.length, `${table.length} rows of ${tap.truths.length} packets`);
  const tracker = new FlowTracker({ random: () => {}, maxFlows: 1000, maxUnacknowledgedBytes: 4 << 20 });
  const analysis = tracker.add(table);
  const { judgements, findings, stream, direction } = analysis;
  const { faultless, hosts } = planOf(seed);
  // Data of a SYN that a server ignores are sent anew, which looks like any other repetition.
  const isQuiet = faultless && hosts.every(({ fastOpen }) => fastOpen === "off");
  let isSpoilt = false;
  // Whose probes have been seen: where data cross them, Wireshark's rules do not see the answers as such.
  const probes: [boolean, boolean] = [false, false];
  for (let i = 0; i < table.length; i++) {
    const truth = tap.truths[i];
    const is = (bit: number) => (judgements[i] & bit) !== 0;
    const that = (holds: boolean, what: string) =>
      check(holds, () => {
        const found = [...judgementNames(judgements[i]), ...findingNames(findings[i])].join(", ");
        return `seed ${seed}, frame ${i + 1}: ${what}; found: ${found}; true: ${JSON.stringify(truth)}`;
      });
    const isCorrupt = truth.host === 1 && (truth.fate & CORRUPTED) !== 0;
    if (isCorrupt) {
      isSpoilt = true;
      // A header that is cut off by its own lengths has no checksum to verify.
      that(table.checksumStatus[i] === CHECKSUM_BAD || table.status[i] !== SEGMENT_OK, "it is called intact");
      continue;
    }
    that(table.checksumStatus[i] === CHECKSUM_GOOD, "its checksum is called bad");
    that(table.status[i] === SEGMENT_OK, "it is called malformed");
    that(table.seq[i] === truth.seq && table.payloadLength[i] === truth.length, "it is parsed wrongly");
    that(stream[i] === 0 && direction[i] === truth.host, "it is taken for another conversation's");
    // Corrupt numbers move the analysis on, as they do in Wireshark: what is out of line then may be anything.
    if (isSpoilt) continue;
    // Which of them it was cannot always be told from outside, but one of them it must be.
    const isOutOfLine = truth.repeats || truth.overtaken || truth.again;
    if (is(OUT_OF_LINE)) that(isOutOfLine, "it was sent once, and came in its turn");
    if (is(JUDGED_DUPLICATE)) that(truth.again, "its like has not been there before");
    if (!isQuiet) continue;
    const names = findingNames(findings[i]);
    if (names.includes("keep_alive")) probes[truth.host as 0 | 1] = true;
    for (const name of names) {
      const isAnswer = name === "duplicate_ack" && probes[(1 - truth.host) as 0 | 1];
      const isExplained = ALWAYS.has(name) || truth.repeats || is(JUDGED_WINDOW_PROBE_ACK) || isAnswer;
      that(isExplained, `${name} without a fault`);
    }
  }
  checkStreams(seed, table, analysis, outcome);
}

/** The streams that are put together from the capture are those that the applications sent. */
function checkStreams(seed: number, table: SegmentTable, analysis: Analysis, outcome: Outcome): void {
  const lengths: [number, number] = [0, 0];
  const isWhole = outcome.reasons.every((why) => why === "finished");
  const reassembler = new Reassembler(
    {
      data(_, direction, bytes, offset) {
        const wrong =
          offset === lengths[direction] ? firstWrong(bytes, direction, offset) : lengths[direction];
        check(
          wrong < 0,
          () => `seed ${seed}: byte ${wrong} of direction ${direction} is put together wrongly`,
        );
        lengths[direction] += bytes.length;
      },
      gap(_, direction, offset, length, reason) {
        lengths[direction] += length;
        check(!isWhole, () => `seed ${seed}: direction ${direction} lacks ${length} at ${offset}: ${reason}`);
      },
    },
    { skipBadChecksums: true },
  );
  reassembler.add(table, analysis);
  reassembler.end();
  if (!isWhole) return;
  for (const host of [0, 1] as const) {
    check(lengths[host] === outcome.sent[host], () => {
      return `seed ${seed}: ${lengths[host]} bytes of ${outcome.sent[host]} are put together`;
    });
  }
}
