// The package's own analysis reads what its endpoints have sent: nothing that it finds may lack a cause.
import { CHECKSUM_BAD, CHECKSUM_GOOD, CHECKSUM_PARTIAL, SEGMENT_OK } from "../../assembly/layout/status.ts";
import { SYN } from "../../assembly/layout/wire.ts";
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
  judgementNames,
  Reassembler,
} from "../../src/flow/index.ts";
import { Conversations } from "./conversation.ts";
import { Explainer } from "./explain.ts";
import { Broken, check, replay, SimulationFailure } from "./failure.ts";
import type { Outcome } from "./outcome.ts";
import { NEWEST_PLAN, type PlanVersion, planOf } from "./plan.ts";
import { simulate } from "./run.ts";
import { firstWrong } from "./stream.ts";
import { HostTap, isCorrupt, type Truth } from "./tap.ts";

const OUT_OF_LINE = JUDGED_RETRANSMITTED | JUDGED_RECOVERED | JUDGED_NEEDLESS | JUDGED_REORDERED;

interface Subject {
  readonly seed: number;
  readonly version: PlanVersion;
}

/** Simulates a seed, has the analysis read it, and holds the one against the other. */
export function simulateAndAnalyse(seed: number, version: PlanVersion = NEWEST_PLAN): Outcome {
  const tap = new HostTap();
  const outcome = simulate(seed, tap, version);
  try {
    analyse({ seed, version }, tap, outcome);
  } catch (error) {
    if (error instanceof Broken) throw new SimulationFailure(`${error.message}\n${replay(seed, version)}`);
    throw error;
  }
  return outcome;
}

function analyse(subject: Subject, tap: HostTap, outcome: Outcome): void {
  const { seed } = subject;
  const { file, truths } = tap.captured("all");
  const table = parseCapture(file, { payload: true });
  check(table.length === truths.length, `${table.length} rows of ${truths.length} packets`);
  checkRows(seed, table, truths);
  if (truths.every(({ fate }) => !isCorrupt(fate))) {
    checkAnalysis(subject, table, truths, outcome);
    return;
  }
  // Corrupt numbers move the analysis on, as they do in Wireshark, and a corrupt SYN begins another conversation: what
  // it says behind them may be anything. So they are judged without; but the streams are put together past them too,
  // where they are known to be bad.
  const intact = tap.captured("intact");
  const kept = parseCapture(intact.file, { payload: true });
  const isWhole = checkAnalysis(subject, kept, intact.truths, outcome);
  const whole = followed(table);
  const isPassable = truths.every(({ fate }, i) =>
    isCorrupt(fate) ? table.checksumStatus[i] !== CHECKSUM_PARTIAL : whole.stream[i] === 0,
  );
  if (isWhole && isPassable) checkStreams(seed, table, whole, outcome);
}

function followed(table: SegmentTable): Analysis {
  return new FlowTracker({ random: () => {}, maxFlows: 1000, maxUnacknowledgedBytes: 4 << 20 }).add(table);
}

function checkRows(seed: number, table: SegmentTable, truths: readonly Truth[]): void {
  for (const [i, truth] of truths.entries()) {
    const that = (holds: boolean, what: string) =>
      check(holds, () => `seed ${seed}, frame ${i + 1}: ${what}; true: ${JSON.stringify(truth)}`);
    const checksum = table.checksumStatus[i];
    if (isCorrupt(truth.fate)) {
      // A header that is cut off by its own lengths has no checksum to verify; one of 65,536 has by chance the sum that
      // is left to the network card.
      const isFoundOut = checksum === CHECKSUM_BAD || checksum === CHECKSUM_PARTIAL;
      that(isFoundOut || table.status[i] !== SEGMENT_OK, "it is called intact");
      continue;
    }
    that(checksum === CHECKSUM_GOOD, "its checksum is called bad");
    that(table.status[i] === SEGMENT_OK, "it is called malformed");
    that(table.seq[i] === truth.seq && table.payloadLength[i] === truth.length, "it is parsed wrongly");
  }
}

/** @returns whether all of it is one conversation, numbered as it is */
function checkAnalysis(
  { seed, version }: Subject,
  table: SegmentTable,
  truths: readonly Truth[],
  outcome: Outcome,
): boolean {
  const analysis = followed(table);
  const { judgements, findings, stream, direction } = analysis;
  const { hosts } = planOf(seed, version);
  const conversations = new Conversations((host) => hosts[host].listener !== null);
  const explainers = [new Explainer(), new Explainer()];
  let life = 0;
  let isUpset = false;
  for (const [i, truth] of truths.entries()) {
    const is = (bit: number) => (judgements[i] & bit) !== 0;
    const names = findingNames(findings[i]);
    const that = (holds: boolean, what: string) =>
      check(holds, () => {
        const found = [...judgementNames(judgements[i]), ...names].join(", ");
        return `seed ${seed}, frame ${i + 1}: ${what}; found: ${found}; true: ${JSON.stringify(truth)}`;
      });
    const own = conversations.take(truth, table.ack[i]);
    that(
      stream[i] === own.stream && direction[i] === own.direction,
      "it is taken for another conversation's",
    );
    life = Math.max(life, truth.life);
    // Numbers that begin anew: what TIME-WAIT still says counts as said by the connection that follows, and a SYN,ACK
    // has another number where it is a cookie that nobody takes, or where data have overtaken it.
    isUpset ||= truth.life < life || conversations.isReanswered;
    if (isUpset) break;
    // Which of them it was cannot always be told from outside, but one of them it must be.
    const isOutOfLine = truth.repeats || truth.overtaken || truth.again;
    if (is(OUT_OF_LINE)) that(isOutOfLine, "it was sent once, and came in its turn");
    if (is(JUDGED_DUPLICATE)) that(truth.again, "its like has not been there before");
    const isReused = names.includes("reused_ports");
    that(isReused === conversations.isReused, "its ports are reused, or are not");
    const unexplained = explainers[life].unexplained(truth, table.ack[i], names);
    that(unexplained === undefined, `${unexplained} without a cause`);
  }
  const isWhole = !isUpset && conversations.count === 1;
  if (isWhole) checkStreams(seed, table, analysis, outcome);
  return isWhole;
}

/** The streams that are put together from the capture are those that the applications sent. */
function checkStreams(seed: number, table: SegmentTable, analysis: Analysis, outcome: Outcome): void {
  const lengths: [number, number] = [0, 0];
  const isWhole = outcome.reasons.every((why) => why === "finished");
  // Of an end whose SYN never came, or only damaged, nobody can tell where its stream begins.
  const isNumbered = ([0, 1] as const).map((host) =>
    table.flags.some(
      (flags, i) =>
        flags & SYN && analysis.direction[i] === host && table.checksumStatus[i] === CHECKSUM_GOOD,
    ),
  );
  const reassembler = new Reassembler(
    {
      data(_, direction, bytes, offset) {
        if (!isNumbered[direction]) return;
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
