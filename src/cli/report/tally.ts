import {
  SEEN_MSS,
  SEEN_OTHER,
  SEEN_SACK,
  SEEN_SACK_PERMITTED,
  SEEN_TIMESTAMPS,
  SEEN_WINDOW_SCALE,
} from "../../../assembly/layout/columns.ts";
import { CHECKSUM_BAD, CHECKSUM_PARTIAL } from "../../../assembly/layout/status.ts";
import {
  OPT_EOL,
  OPT_MSS,
  OPT_NOP,
  OPT_SACK,
  OPT_SACK_PERMITTED,
  OPT_TIMESTAMPS,
  OPT_WINDOW_SCALE,
  RST,
  SYN,
} from "../../../assembly/layout/wire.ts";
import type { Segments } from "../../capture/segments.ts";
import { sourceText } from "../addresses.ts";
import { OptionWalk } from "../option-walk.ts";
import { isMalformed } from "../words.ts";

/** Frame numbers that are kept as examples of something. */
const EXAMPLES = 5;
/** Senders of partial checksums that are kept apart; there is one, or a few, unless somebody is playing. */
const SENDERS = 64;

/** What the report counts of the segments, batch by batch. */
export class Tally {
  segments = 0;
  ipv6 = 0;
  tunnelled = 0;
  tagged = 0;
  payloadBytes = 0;
  withPayload = 0;
  /** Segments whose payload was cut by the snap length. */
  cut = 0;
  zeroWindows = 0;
  /** Segments with more payload than any MSS option so far allows: offload's super-segments. */
  superSegments = 0;
  /** By bit number of the flag, FIN first. */
  readonly flags: Float64Array = new Float64Array(12);
  synAck = 0;
  /** Segments that carry an option, by kind. */
  readonly options: Float64Array = new Float64Array(256);
  /** By `CHECKSUM_*`. */
  readonly checksums: Float64Array = new Float64Array(4);
  readonly badChecksumFrames: number[] = [];
  /** Segments with a partial checksum by sending address; `SENDERS` of them. */
  readonly partialSenders = new Map<string, number>();
  /** By `SEGMENT_*`, with the first frames of each. */
  readonly malformed = new Map<number, { count: number; readonly frames: number[] }>();

  add(s: Segments): void {
    const { length, flags, checksumStatus, payloadLength, status, optionsSeen, ipVersion } = s;
    this.segments += length;
    for (let i = 0; i < length; i++) {
      const bits = flags[i];
      for (let rest = bits; rest !== 0; rest &= rest - 1) this.flags[31 - Math.clz32(rest & -rest)]++;
      if ((bits & SYN_ACK) === SYN_ACK) this.synAck++;
      if (ipVersion[i] === 6) this.ipv6++;
      if (s.tunnel[i] !== 0) this.tunnelled++;
      if (s.vlan[i] !== 0) this.tagged++;
      if (s.window[i] === 0 && !(bits & (RST | SYN))) this.zeroWindows++;
      if (payloadLength[i] > 0) this.#payload(payloadLength[i], s.missing[i]);
      if (optionsSeen[i] !== 0) this.#options(s, i);
      const verdict = checksumStatus[i];
      this.checksums[verdict]++;
      if (verdict === CHECKSUM_PARTIAL) this.#partial(s, i);
      if (verdict === CHECKSUM_BAD && this.badChecksumFrames.length < EXAMPLES) {
        this.badChecksumFrames.push(s.frame[i]);
      }
      if (isMalformed(status[i])) this.#malformed(status[i], s.frame[i]);
    }
  }

  #largestMss = 0;
  readonly #walk = new OptionWalk();
  readonly #kindsSeen = new Set<number>();

  #payload(bytes: number, missing: number): void {
    this.withPayload++;
    this.payloadBytes += bytes;
    if (missing > 0) this.cut++;
    if (bytes > (this.#largestMss > 0 ? Math.max(this.#largestMss, ETHERNET_MSS) : JUMBO))
      this.superSegments++;
  }

  #options(s: Segments, i: number): void {
    const seen = s.optionsSeen[i];
    const { options } = this;
    if (seen & SEEN_MSS) {
      options[OPT_MSS]++;
      if (s.mss[i] > this.#largestMss) this.#largestMss = s.mss[i];
    }
    if (seen & SEEN_WINDOW_SCALE) options[OPT_WINDOW_SCALE]++;
    if (seen & SEEN_SACK_PERMITTED) options[OPT_SACK_PERMITTED]++;
    if (seen & SEEN_SACK) options[OPT_SACK]++;
    if (seen & SEEN_TIMESTAMPS) options[OPT_TIMESTAMPS]++;
    if (seen & SEEN_OTHER) this.#otherOptions(s, i);
  }

  /** Kinds without a bit of their own, each counted once a segment. */
  #otherOptions(s: Segments, i: number): void {
    const seen = this.#kindsSeen;
    seen.clear();
    for (this.#walk.reset(s, i); this.#walk.next(); ) {
      const { kind } = this.#walk;
      if (kind === OPT_EOL) break;
      if (!COUNTED_BY_BIT.has(kind)) seen.add(kind);
    }
    for (const kind of seen) this.options[kind]++;
  }

  #partial(s: Segments, i: number): void {
    const sender = sourceText(s, i);
    const count = this.partialSenders.get(sender);
    if (count !== undefined || this.partialSenders.size < SENDERS)
      this.partialSenders.set(sender, (count ?? 0) + 1);
  }

  #malformed(status: number, frame: number): void {
    const entry = this.malformed.get(status) ?? { count: 0, frames: [] };
    this.malformed.set(status, entry);
    entry.count++;
    if (entry.frames.length < EXAMPLES) entry.frames.push(frame);
  }
}

const SYN_ACK = 0x12;
// No Ethernet carries more in a frame: the bound where the capture holds no MSS option.
const JUMBO = 9216;
const ETHERNET_MSS = 1460;
const COUNTED_BY_BIT = new Set([
  OPT_NOP,
  OPT_MSS,
  OPT_WINDOW_SCALE,
  OPT_SACK_PERMITTED,
  OPT_SACK,
  OPT_TIMESTAMPS,
]);
