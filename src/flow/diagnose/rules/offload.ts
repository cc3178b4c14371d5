import type { Direction } from "../../reassembly/reassembler.ts";
import { type Case, directions, endOf, type Rule, recordSide, storySide } from "../case.ts";
import { count } from "../diagnosis.ts";

/** What one end's segments show of work that is left to network cards. */
interface Signs {
  /** Segments without data whose checksum waits for the card: only the capturing machine's own look so. */
  readonly left: boolean;
  /** The same of segments with data: its own, or what was joined on receipt (the kernel gives that no full sum). */
  readonly partial: number;
  /** Cards that take no partial sum leave what was in memory there: nearly every segment is "bad". */
  readonly never: boolean;
  /** Payload of the largest segment, where it is above the MSS that the other end told; else 0. */
  readonly large: number;
}

/** What the capture shows of a network card's work: checksums not yet there, segments not yet cut, or joined already. */
export const offload: Rule = (c) => {
  const signs = [signsOf(c, 0), signsOf(c, 1)] as const;
  if (!signs.some(({ partial, never, large }) => partial || never || large)) return [];
  const inside = placeOf(c, signs);
  const shown = directions.filter((d) => signs[d].partial || signs[d].never || signs[d].large);
  return [
    {
      name: "offload",
      severity: "note",
      key: inside.place,
      stream: c.record.stream,
      title: `Offloading shows: the capture was taken ${inside.place}`,
      explanation: `${shown.map((d) => sentence(c, d, signs[d], inside.ends)).join(" ")} On the wire the packets ${isLoopback(c) ? "would be" : "were"} as they should be.`,
      advice: isLoopback(c)
        ? "Nothing is wrong: there is no wire on the loopback interface, so checksums are not finished and segments not cut."
        : "Nothing is wrong. To see packets as on the wire, capture on another machine or turn offloading off for the time (ethtool -K IFACE tx off tso off gso off gro off).",
      frames: shown.flatMap((d) => framesOf(c, d, signs[d])),
      values: {
        partial: signs[0].partial + signs[1].partial,
        largest: Math.max(signs[0].large, signs[1].large),
      },
    },
  ];
};

function signsOf(c: Case, direction: Direction): Signs {
  const side = storySide(c, direction);
  const { largestPayload } = recordSide(c, direction);
  const mss = recordSide(c, direction === 0 ? 1 : 0).mss;
  return {
    left: side.partialEmpty > 0,
    partial: side.partialChecksums.total,
    never: side.badChecksums.total >= 3 && side.badChecksums.total > side.segments * 0.9,
    large: mss !== undefined && largestPayload > mss ? largestPayload : 0,
  };
}

/** Which ends are on the capturing machine, as far as the signs tell, and that place in words. */
function placeOf(c: Case, signs: readonly [Signs, Signs]): { place: string; ends: readonly Direction[] } {
  const addresses = directions.map((d) => recordSide(c, d).address);
  if (isLoopback(c)) return { place: "on the loopback interface", ends: directions };
  const own = directions.filter((d) => signs[d].left || signs[d].never);
  if (own.length === 2) {
    return { place: `on the machine of both ${addresses[0]} and ${addresses[1]}`, ends: directions };
  }
  if (own.length === 1) return { place: `inside ${addresses[own[0]]}`, ends: own };
  // Data alone: left to the card of who sent it, or joined by the one who received it. Who finishes the sums of
  // segments without data has not left them to a card.
  const joined = directions.filter((d) => signs[d].partial > 0 && storySide(c, d).finishedEmpty > 0);
  if (joined.length === 1) {
    const receiver: Direction = joined[0] === 0 ? 1 : 0;
    return { place: `inside ${addresses[receiver]}`, ends: [receiver] };
  }
  return { place: `inside ${addresses[0]} or ${addresses[1]}`, ends: [] };
}

function sentence(c: Case, direction: Direction, signs: Signs, own: readonly Direction[]): string {
  const end = endOf(c, direction);
  const mss = recordSide(c, direction === 0 ? 1 : 0).mss;
  const large = `segments of up to ${signs.large.toLocaleString("en-US")} bytes, above the MSS of ${mss}`;
  if (own.length > 0 && !own.includes(direction)) {
    const many = signs.large > 0 || signs.partial > 1;
    const what = signs.large ? large : `${count(signs.partial, "segment")} without a full checksum`;
    return `From ${end} ${many ? "come" : "comes"} ${what}: ${many ? "they were" : "it was"} joined on receipt, before the capture saw ${many ? "them" : "it"} (receive offload).`;
  }
  const what = [
    signs.partial > 0 &&
      `${count(signs.partial, "checksum")} that only cover${signs.partial === 1 ? "s" : ""} the pseudo-header`,
    signs.never && "checksums that are wrong in nearly every segment",
    signs.large > 0 && large,
  ].filter(Boolean);
  const work = signs.large ? "checksum and segmentation offload" : "checksum offload";
  const why =
    own.length === 0
      ? "a network card does the rest, behind the point of capture when it sends (segmentation offload), before it when it receives (receive offload)"
      : `the work is left to the network card, behind the point of capture (${work})`;
  return `${capital(end)} sends ${what.join(" and ")}: ${isLoopback(c) ? "nobody has to do that work where there is no wire" : why}.`;
}

function framesOf(c: Case, direction: Direction, signs: Signs): readonly number[] {
  const side = storySide(c, direction);
  return [
    ...(signs.partial > 0 ? side.partialChecksums.list : []),
    ...(signs.never ? side.badChecksums.list : []),
    ...(signs.large > 0 ? [side.largestFrame] : []),
  ];
}

function isLoopback(c: Case): boolean {
  const { address } = c.record.server;
  return address.startsWith("127.") || address === "::1";
}

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}
