import type { Segments } from "../../capture/segments.ts";
import {
  type Analysis,
  Diagnoser,
  type Diagnosis,
  type FindingName,
  type FlowRecord,
  type FlowTracker,
  findingBits,
} from "../../flow/index.ts";
import { flowTracker } from "../flow-tracker.ts";
import { Largest } from "../flows/largest.ts";

/** Frame numbers that are kept as examples of a finding. */
const EXAMPLES = 5;

/** A finding of the capture: how often, and where first. */
export interface FindingCount {
  readonly name: FindingName;
  readonly count: number;
  readonly frames: readonly number[];
}

/** Follows the conversations of a capture, counts what is found in them and says what went wrong. */
export class FindingTally {
  readonly #diagnoser = new Diagnoser();
  readonly #busiest: Largest;
  readonly #top: number;
  readonly #tracker: FlowTracker = flowTracker(
    (record) => {
      this.#diagnoser.depart(record);
      this.#busiest.add(record);
    },
    (stream, bytes) => this.#diagnoser.examines(stream) || bytes >= this.#busiest.least,
  );
  readonly #counts = new Float64Array(32);
  readonly #frames: number[][] = Array.from({ length: 32 }, () => []);

  /** @param top how many of the busiest conversations are wanted */
  constructor(top: number) {
    this.#top = top;
    this.#busiest = new Largest("bytes", top);
  }

  add(segments: Segments): void {
    const analysis: Analysis = this.#tracker.add(segments);
    this.#diagnoser.add(segments, analysis);
    const { findings } = analysis;
    for (let i = 0; i < segments.length; i++) {
      for (let rest = findings[i]; rest !== 0; rest &= rest - 1) {
        const bit = 31 - Math.clz32(rest & -rest);
        this.#counts[bit]++;
        if (this.#frames[bit].length < EXAMPLES) this.#frames[bit].push(segments.frame[i]);
      }
    }
  }

  /** Conversations followed. */
  get conversations(): number {
    return this.#tracker.streamCount;
  }

  /** Conversations that were given up to bound memory. */
  get evicted(): number {
    return this.#tracker.evictedCount;
  }

  /** Conversations that no diagnosis covers. */
  get unexamined(): number {
    return this.#diagnoser.unexamined;
  }

  /** The conversations with the most bytes, the most first, those that were given up among them. */
  busiest(): FlowRecord[] {
    for (const record of this.#tracker.busiest(this.#top)) this.#busiest.add(record);
    return this.#busiest.sorted();
  }

  /** What went wrong, worst first. */
  diagnoses(): Diagnosis[] {
    return this.#diagnoser.diagnose(this.#tracker.flows((stream) => this.#diagnoser.examines(stream)));
  }

  /** What was found, the most frequent first. */
  found(): FindingCount[] {
    return (Object.keys(findingBits) as FindingName[])
      .map((name) => {
        const bit = 31 - Math.clz32(findingBits[name]);
        return { name, count: this.#counts[bit], frames: this.#frames[bit] };
      })
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count);
  }
}
