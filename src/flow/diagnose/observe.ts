import {
  SEEN_MSS,
  SEEN_SACK_PERMITTED,
  SEEN_TIMESTAMPS,
  SEEN_WINDOW_SCALE,
} from "../../../assembly/layout/columns.ts";
import {
  FINDING_DUPLICATE_ACK,
  FINDING_REUSED_PORTS,
  FINDING_WINDOW_FULL,
  FINDING_ZERO_WINDOW,
  JUDGED_DUPLICATE,
  JUDGED_KEEP_ALIVE,
  JUDGED_NEEDLESS,
  JUDGED_RECOVERED,
  JUDGED_RESET_OTHER_TTL,
  JUDGED_RESET_OUT_OF_WINDOW,
  JUDGED_RETRANSMITTED,
  JUDGED_WINDOW_PROBE,
} from "../../../assembly/layout/flow-findings.ts";
import { CHECKSUM_BAD, CHECKSUM_GOOD, CHECKSUM_PARTIAL } from "../../../assembly/layout/status.ts";
import { ACK, FIN, IPV4_HEADER_MIN, IPV6_HEADER, RST, SYN } from "../../../assembly/layout/wire.ts";
import type { Segments } from "../../capture/segments.ts";
import { add, ge } from "../../wire/seq.ts";
import type { Analysis } from "../analysis.ts";
import type { Direction } from "../reassembly/reassembler.ts";
import { Frames } from "./frames.ts";
import type { Sent } from "./passage.ts";
import type { Resume, SideStory, Story } from "./story.ts";

// A delayed ACK waits 40 ms (Linux) to 500 ms (RFC 9293 3.8.6.3).
const LATE_ACK = 35_000_000n;
const LATEST_ACK = 600_000_000n;
// What waited for an ACK goes out at once: within this of it, the way to the point of capture aside.
const AT_ONCE = 5_000_000n;

const MOST_RESUMES = 4;
const MOST_PROBES = 12;

/** Adds a row to its conversation's story. `idle`: nanoseconds of silence that count as long. */
export function observe(story: Story, segments: Segments, analysis: Analysis, i: number, idle: bigint): void {
  const direction = analysis.direction[i] as Direction;
  const side = story.sides[direction];
  const peer = story.sides[1 - direction];
  const flags = segments.flags[i];
  const judged = analysis.judgements[i];
  side.segments++;
  offloaded(side, segments, i);
  if (judged & JUDGED_DUPLICATE) {
    if (flags & SYN) changedSyn(story, segments, i);
    return;
  }
  if (flags & SYN) opening(story, side, segments, analysis, i);
  if (flags & RST) reset(side, peer, segments, i, judged);
  else if (side.rst && segments.payloadLength[i] > 0) side.dataAfterRst.add(segments.frame[i]);
  if (flags & FIN && side.fin === 0) {
    side.fin = segments.frame[i];
    side.finTime = segments.time[i];
    side.finEnd = add(segments.seq[i], segments.payloadLength[i] + 1);
  }
  if (flags & ACK && peer.fin && ge(segments.ack[i], peer.finEnd)) peer.finAcked = true;
  if (story.openedAt < 0n && direction === 0 && (flags & (SYN | RST | ACK)) === ACK && peer.syn.total > 0)
    story.openedAt = segments.time[i];

  answers(story, segments, i, direction, judged);
  if (flags & ACK) acknowledges(side, peer, segments, analysis, i, judged);
  sends(side, peer, segments, i, judged);
  windows(side, segments, analysis, i);
  keepAlive(story, side, peer, segments, i, judged);
  if (segments.payloadLength[i] > 0 && !(judged & JUDGED_KEEP_ALIVE)) {
    const fresh = !(judged & (JUDGED_RETRANSMITTED | JUDGED_RECOVERED));
    // What an end that has closed answers to data tells of its close, not of the silence before.
    if (fresh && !(flags & RST) && !peer.fin) resumed(story, segments, i, direction, idle);
    side.repeats = fresh ? 0 : side.repeats + 1;
    waits(side, segments, analysis, i);
    side.lastPayload = segments.payloadLength[i];
    side.lastDataFrame = segments.frame[i];
    side.lastDataTime = segments.time[i];
    if (!(segments.optionsSeen[i] & SEEN_TIMESTAMPS)) side.withoutTimestamps.add(segments.frame[i]);
  } else if (flags & ACK && !(flags & (SYN | FIN | RST)) && lateAck(analysis, i)) {
    peer.lastAckLate = segments.time[i];
    peer.waitedFor = analysis.ackRtt[i];
  }
  story.lastTime = segments.time[i];
}

function offloaded(side: SideStory, segments: Segments, i: number): void {
  const status = segments.checksumStatus[i];
  const payload = segments.payloadLength[i];
  if (status === CHECKSUM_BAD) side.badChecksums.add(segments.frame[i]);
  else if (status === CHECKSUM_PARTIAL) side.partialChecksums.add(segments.frame[i]);
  if (payload === 0 && status === CHECKSUM_PARTIAL) side.partialEmpty++;
  else if (payload === 0 && status === CHECKSUM_GOOD) side.finishedEmpty++;
  if (payload <= side.largest) return;
  side.largest = payload;
  side.largestFrame = segments.frame[i];
}

function opening(story: Story, side: SideStory, segments: Segments, analysis: Analysis, i: number): void {
  side.mss ||= segments.mss[i];
  if (side.syn.total === 0) side.synTime = segments.time[i];
  side.lastSynTime = segments.time[i];
  side.syn.add(segments.frame[i]);
  if (analysis.findings[i] & FINDING_REUSED_PORTS) story.reusedPorts = segments.frame[i];
  if (!(segments.flags[i] & ACK)) story.firstSynOptions ||= `${segments.frame[i]} ${synOptions(segments, i)}`;
}

function changedSyn(story: Story, segments: Segments, i: number): void {
  const [frame, options] = story.firstSynOptions.split(" ");
  if (options !== undefined && options !== synOptions(segments, i))
    story.changedSyn = [Number(frame), segments.frame[i]];
}

function synOptions(segments: Segments, i: number): string {
  const seen =
    segments.optionsSeen[i] & (SEEN_MSS | SEEN_WINDOW_SCALE | SEEN_SACK_PERMITTED | SEEN_TIMESTAMPS);
  return `${seen},${segments.mss[i]},${segments.windowScale[i]}`;
}

function reset(side: SideStory, peer: SideStory, segments: Segments, i: number, judged: number): void {
  const frame = segments.frame[i];
  if (judged & JUDGED_RESET_OTHER_TTL) side.otherTtl.add(frame);
  else if (judged & JUDGED_RESET_OUT_OF_WINDOW && !side.fin && !peer.fin && !peer.rst)
    side.outOfWindow.add(frame);
  if (side.rst) return;
  side.rst = frame;
  side.rstTime = segments.time[i];
  side.rstHasAck = (segments.flags[i] & ACK) !== 0;
  // From CLOSED a RST is sent with SEG.ACK as its number and without ACK (RFC 9293 3.10.7.1).
  // An end that has closed knew the session, and has nobody left to give data to (RFC 9293 3.6).
  if (!side.rstHasAck && peer.lastDataFrame && !side.fin) side.unknownSession = frame;
}

function sends(side: SideStory, peer: SideStory, segments: Segments, i: number, judged: number): void {
  if (segments.flags[i] & SYN) return;
  if (judged & JUDGED_RECOVERED) side.recovered.add(segments.frame[i]);
  const payload = segments.payloadLength[i];
  const isData = payload > 0 && !(judged & (JUDGED_KEEP_ALIVE | JUDGED_WINDOW_PROBE | JUDGED_NEEDLESS));
  if (judged & JUDGED_RETRANSMITTED) {
    const isHole = isData && side.passage.again(packet(segments, i));
    if (!isHole) side.retransmitted.add(segments.frame[i]);
    side.retry(segments.seq[i]);
  } else if (isData) {
    side.passage.reaches(add(segments.seq[i], payload));
    // More than the other end's MSS is what a network card still has to cut.
    const isPacket = peer.mss === 0 || payload <= peer.mss;
    if (isPacket && side.passage.isCurious(sizeOf(segments, i))) side.passage.tries(packet(segments, i));
  }
}

function acknowledges(
  side: SideStory,
  peer: SideStory,
  segments: Segments,
  analysis: Analysis,
  i: number,
  judged: number,
): void {
  const { passage } = peer;
  if (!passage.isWaiting) return;
  const time = segments.time[i];
  const frame = segments.frame[i];
  const first = 2 * segments.sackStart[i];
  const sacks = segments.sackCount[i];
  const wasNoHole = passage.acknowledged({
    ack: segments.ack[i],
    frame,
    time,
    sacked: sacks === 0 ? NONE : [...segments.sackEdges.subarray(first, first + 2 * sacks)],
    repeated: (analysis.findings[i] & FINDING_DUPLICATE_ACK) !== 0,
  });
  if (wasNoHole) peer.retransmitted = peer.retransmitted.with(wasNoHole.sentAgain);
  const { hole } = passage;
  if (hole === undefined || hole.isPassed) return;
  // Of its own accord: what has to be acknowledged, by a segment as small as they come.
  if (segments.payloadLength[i] === 0 && !(segments.flags[i] & FIN) && !(judged & JUDGED_KEEP_ALIVE)) return;
  const isProbedAgain = judged & JUDGED_KEEP_ALIVE && side.unansweredProbes.length > 0;
  if (judged & JUDGED_RETRANSMITTED || isProbedAgain) hole.repeats++;
  hole.heard = frame;
  hole.heardAt = time;
}

const NONE: readonly number[] = [];

function packet(segments: Segments, i: number): Sent {
  return {
    seq: segments.seq[i],
    end: add(segments.seq[i], segments.payloadLength[i]),
    size: sizeOf(segments, i),
    frame: segments.frame[i],
    time: segments.time[i],
  };
}

function sizeOf(segments: Segments, i: number): number {
  const ip = segments.ipVersion[i] === 6 ? IPV6_HEADER : IPV4_HEADER_MIN;
  return ip + segments.headerLength[i] + segments.payloadLength[i];
}

function windows(side: SideStory, segments: Segments, analysis: Analysis, i: number): void {
  const found = analysis.findings[i];
  side.maxInFlight = Math.max(side.maxInFlight, analysis.bytesInFlight[i]);
  if (found & FINDING_WINDOW_FULL) side.windowFull.add(segments.frame[i]);
  if (segments.flags[i] & (SYN | RST)) return;
  if (found & FINDING_ZERO_WINDOW) {
    side.zeroWindow.add(segments.frame[i]);
    if (side.closedSince < 0n) side.closedSince = segments.time[i];
  } else if (side.closedSince >= 0n && analysis.window[i] > 0) {
    // Less than nothing where a clock was set back meanwhile.
    const closedFor = segments.time[i] - side.closedSince;
    if (closedFor > 0n) side.closedFor += closedFor;
    side.closedSince = -1n;
  }
}

function keepAlive(
  story: Story,
  side: SideStory,
  peer: SideStory,
  segments: Segments,
  i: number,
  judged: number,
): void {
  if (peer.unansweredProbes.length > 0) {
    peer.unansweredProbes = [];
    // Whoever answers a probe knows the session still, and so does all that stands between.
    if (!(segments.flags[i] & RST)) survived(story, peer.probedAfter);
  }
  if (!(judged & JUDGED_KEEP_ALIVE)) return;
  if (side.unansweredProbes.length === 0 && story.lastTime > 0n) {
    side.probedAfter = segments.time[i] - story.lastTime;
  }
  side.probes.add(segments.frame[i]);
  if (side.unansweredProbes.length < MOST_PROBES) {
    side.unansweredProbes = [...side.unansweredProbes, segments.frame[i]];
  }
}

function resumed(story: Story, segments: Segments, i: number, direction: Direction, idle: bigint): void {
  if (story.lastTime === 0n) return;
  const silence = segments.time[i] - story.lastTime;
  if (silence < idle) return;
  if (story.resumes.length >= MOST_RESUMES) story.resumes.shift();
  story.resumes.push({
    frame: segments.frame[i],
    direction,
    time: segments.time[i],
    idle: silence,
    answer: "none",
    answerFrame: 0,
    answerAfter: 0n,
    answerOtherTtl: false,
    retries: new Frames(),
  });
}

function answers(story: Story, segments: Segments, i: number, direction: Direction, judged: number): void {
  const last = story.resumes.at(-1);
  if (last === undefined || last.answer !== "none") return;
  if (last.direction === direction) {
    if (judged & (JUDGED_RETRANSMITTED | JUDGED_RECOVERED)) last.retries.add(segments.frame[i]);
    return;
  }
  answered(story, last, segments, i, judged);
}

function answered(story: Story, resume: Resume, segments: Segments, i: number, judged: number): void {
  resume.answer = segments.flags[i] & RST ? "rst" : "ack";
  resume.answerFrame = segments.frame[i];
  resume.answerAfter = segments.time[i] - resume.time;
  resume.answerOtherTtl = (judged & JUDGED_RESET_OTHER_TTL) !== 0;
  if (resume.answer === "ack") survived(story, resume.idle);
}

function survived(story: Story, idle: bigint): void {
  if (idle > story.survivedIdle) story.survivedIdle = idle;
}

function lateAck(analysis: Analysis, i: number): boolean {
  const rtt = analysis.ackRtt[i];
  const path = analysis.initialRtt[i];
  return rtt >= LATE_ACK && rtt <= LATEST_ACK && path > 0n && rtt > path * 3n;
}

// The end whose data was acknowledged late sends what had waited, though its last segment was a small one:
// Nagle's algorithm (RFC 9293 3.7.4) held it back, and the delayed ACK made the wait long.
function waits(side: SideStory, segments: Segments, analysis: Analysis, i: number): void {
  const since = segments.time[i] - side.lastAckLate;
  if (side.lastAckLate >= 0n && since <= AT_ONCE + analysis.initialRtt[i] && side.lastPayload < 536) {
    side.waits.add(segments.frame[i]);
  }
  side.lastAckLate = -1n;
}
