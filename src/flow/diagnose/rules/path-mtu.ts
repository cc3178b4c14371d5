import type { Direction } from "../../reassembly/reassembler.ts";
import { type Case, directions, endOf, ms, type Rule, serverOf, storySide } from "../case.ts";
import { duration, type Finding } from "../diagnosis.ts";
import type { Hole, Passage } from "../passage.ts";

// Every way takes these: what is no larger was lost for another reason (RFC 791 3.2, RFC 8200 5).
const PASSES_EVERYWHERE = { 4: 576, 6: 1280 };
// Where the same bytes get through as soon as they are smaller, twice is enough; else Linux looks for a black hole
// after as many (net.ipv4.tcp_retries1).
const TRIES_THEN_CUT = 2;
const TRIES = 3;
// Once the other end may have to repeat something: the ACK of it was on a segment too large. What it did not repeat for
// so long has been acknowledged (RFC 6298 2.1, 5.5).
const REPEATS = 1;
const UNREPEATED = 1_000_000_000n;

/**
 * Large packets vanish while small ones pass, and nobody tells the sender: a path-MTU black hole (RFC 2923 2.1,
 * RFC 8899 1.1). Told from TCP alone, for of the ICMP messages that are missing a capture shows nothing: the same
 * bytes were sent again and again in the same size, nothing so large had been acknowledged, and smaller ones were.
 */
export const pathMtuBlackHole: Rule = (c) =>
  directions.flatMap((direction) => {
    const hole = blackHole(c, direction);
    return hole ? [tell(c, direction, hole)] : [];
  });

/** What vanished in a black hole, where it did. */
export function blackHole(c: Case, direction: Direction): Hole | undefined {
  const hole = tooLarge(c, direction);
  return hole && smallerPassed(hole, storySide(c, direction).passage, c) ? hole : undefined;
}

/** What was sent again since the way did not take its size, no matter whether somebody told the sender. */
export function sentAgainForSize(c: Case, direction: Direction): Hole | undefined {
  const hole = tooLarge(c, direction);
  return hole?.isPassed ? hole : blackHole(c, direction);
}

/** What may have vanished in a black hole, though nothing smaller shows that the other end was still there. */
export function perhapsBlackHole(c: Case, direction: Direction): Hole | undefined {
  const hole = tooLarge(c, direction);
  return hole && !hole.isPassed && hole.attempts >= TRIES && hole.repeats <= REPEATS ? hole : undefined;
}

/** What `ping -M do -s` takes for a packet of that size: without IPv4's header and ICMP's. */
export function pingSize(c: Case, size: number): number {
  return size - (c.record.ipVersion === 6 ? 48 : 28);
}

function tooLarge(c: Case, direction: Direction): Hole | undefined {
  const { hole, passed } = storySide(c, direction).passage;
  return hole && hole.size > passed && hole.size > PASSES_EVERYWHERE[c.record.ipVersion] ? hole : undefined;
}

function smallerPassed(hole: Hole, passage: Passage, c: Case): boolean {
  const { attempts, cut, answer, lastTry } = hole;
  if (cut && answer) {
    // An ACK as late as the next retransmission would have been may be of the larger segment.
    return attempts >= TRIES_THEN_CUT && answer.time - cut.time < cut.time - lastTry;
  }
  return attempts >= TRIES && (isBehind(hole, passage) || isHeard(hole, c));
}

/** Something smaller arrived behind what did not: after the first retransmission, or while several large ones did not. */
function isBehind({ seq, firstAgain }: Hole, { behind, waiting }: Passage): boolean {
  return behind !== undefined && behind.ack === seq && (behind.time > firstAgain || waiting > 1);
}

/** The other end spoke of its own accord, and the ACK of that had arrived: it did not go on saying it. */
function isHeard({ heard, heardAt, repeats }: Hole, c: Case): boolean {
  return heard > 0 && repeats <= REPEATS && c.captureEnd - heardAt > UNREPEATED << BigInt(repeats);
}

function tell(c: Case, direction: Direction, hole: Hole): Finding {
  const { size, attempts, tries, cut, answer } = hole;
  const { passed, passedFrame, behind } = storySide(c, direction).passage;
  const sender = endOf(c, direction);
  const stalled = ms((answer?.time ?? hole.lastTry) - hole.since);
  const found = cut && answer;
  const proof = found
    ? `The same bytes in packets of ${bytes(cut.size)} (frame ${cut.frame}) were acknowledged at once (frame ${answer.frame}), after ${duration(stalled)} in which nothing moved.`
    : behind?.ack === hole.seq
      ? `Smaller ones passed: the other end acknowledged what was sent behind it (frame ${behind.frame}), and asked for it in vain.`
      : `Smaller ones passed: the other end was still there (frame ${hole.heard}), and the ACK of that reached it.`;
  const known = passed > 0 ? ` The largest that is known to have arrived has ${bytes(passed)}.` : "";
  return {
    name: "path-mtu-black-hole",
    severity: found ? "warning" : "problem",
    key: `${serverOf(c)} ${direction} ${found !== undefined}`,
    stream: c.record.stream,
    title: `Packets of ${bytes(size)} from ${sender} vanish and smaller ones pass: a path-MTU black hole`,
    explanation: `The same segment in a packet of ${bytes(size)} was sent ${attempts + 1} times and never acknowledged. ${proof}${known} A link on the way (a tunnel, a VPN, PPPoE) takes no more, the packet may not be fragmented (DF set, or IPv6), and the ICMP message that tells the sender so (type 3 code 4; ICMPv6 type 2) is dropped on the way back, or not believed.`,
    advice: `Let ICMP type 3 code 4 (ICMPv6: type 2) through to the sender. Where one cannot: clamp the MSS on the router before that link (iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu), ${found ? "" : "have the sender look for black holes itself (net.ipv4.tcp_mtu_probing=1, RFC 4821), "}or lower the MTU at the sender${passed > 0 ? "" : " or the end of the tunnel"}; ping -M do -s ${pingSize(c, size)} shows whether the size passes.`,
    frames: [
      ...tries.list,
      ...(found ? [cut.frame, answer.frame] : proofs(hole, passedFrame, behind?.frame)),
    ],
    values: {
      size,
      passed,
      retransmissions: attempts,
      stalled,
      passedInSmaller: Number(found !== undefined),
    },
  };
}

function proofs({ heard }: Hole, ...frames: readonly (number | undefined)[]): number[] {
  return [...frames, heard].filter((frame) => frame !== undefined && frame > 0) as number[];
}

function bytes(size: number): string {
  return `${size.toLocaleString("en-US")} bytes`;
}
