import type { Segments } from "../../capture/segments.ts";
import { type Analysis, NO_STREAM } from "../analysis.ts";
import type { FlowRecord } from "../records.ts";
import type { Case, Rule, ServerFacts } from "./case.ts";
import { type Diagnosis, type Finding, gather } from "./diagnosis.ts";
import { observe } from "./observe.ts";
import { closeWait } from "./rules/closing.ts";
import { idleTimeout } from "./rules/idle-timeout.ts";
import { offload } from "./rules/offload.ts";
import { oneSided } from "./rules/one-sided.ts";
import { optionsStripped, portReuse, slowHandshake, synRefused, synUnanswered } from "./rules/opening.ts";
import { pathMtuBlackHole } from "./rules/path-mtu.ts";
import { delayedAck, loss, receiverLimited, zeroWindow } from "./rules/performance.ts";
import { resetInjected, unknownSession } from "./rules/reset.ts";
import { keepAliveUnanswered, peerVanished } from "./rules/silence.ts";
import { Story } from "./story.ts";

const rules: readonly Rule[] = [
  idleTimeout,
  keepAliveUnanswered,
  peerVanished,
  unknownSession,
  closeWait,
  synUnanswered,
  synRefused,
  slowHandshake,
  pathMtuBlackHole,
  loss,
  zeroWindow,
  receiverLimited,
  delayedAck,
  portReuse,
  optionsStripped,
  resetInjected,
  oneSided,
  offload,
];

export interface DiagnoserOptions {
  /** Milliseconds without a segment that count as a long silence. Default 10,000. */
  readonly idle?: number;
  /** Conversations that are examined, at about 2 KB each; later ones are only counted. Default 100,000. */
  readonly maxFlows?: number;
}

/**
 * Recognises what went wrong in a capture's conversations, which frames prove it, and which setting would
 * have avoided it. Rows go in as they come; memory is bounded by `maxFlows`.
 *
 * @example
 * ```ts
 * const tracker = new FlowTracker({ random: (bytes) => crypto.getRandomValues(bytes) });
 * const diagnoser = new Diagnoser();
 * for (const batch of readCaptureSync(bytes)) diagnoser.add(batch, tracker.add(batch));
 * for (const { title, advice, frames } of diagnoser.diagnose(tracker.flows())) console.log(title, frames, advice);
 * ```
 */
export class Diagnoser {
  readonly #idle: bigint;
  readonly #maxFlows: number;
  readonly #stories = new Map<number, Story>();
  /** Records of conversations that the tracker gave up. */
  readonly #departed: FlowRecord[] = [];
  #unexamined = 0;
  #lastUnexamined = -1;
  #end = 0n;

  constructor({ idle = 10_000, maxFlows = 100_000 }: DiagnoserOptions = {}) {
    if (!(idle > 0)) throw new RangeError(`Diagnoser: idle is above 0 ms, not ${idle}`);
    this.#idle = BigInt(Math.round(idle * 1e6));
    this.#maxFlows = maxFlows;
  }

  /** Conversations beyond `maxFlows`, which no diagnosis covers. */
  get unexamined(): number {
    return this.#unexamined;
  }

  /** Takes rows and what `FlowTracker.add` said of them. Nothing of either is kept. */
  add(segments: Segments, analysis: Analysis): void {
    for (let i = 0; i < segments.length; i++) {
      // The latest time, which is not that of the last row where a clock was set back.
      const time = segments.time[i];
      if (time > this.#end) this.#end = time;
      const stream = analysis.stream[i];
      if (stream === NO_STREAM) continue;
      const story = this.#story(stream);
      if (story) observe(story, segments, analysis, i, this.#idle);
    }
  }

  /** Whether a conversation is one of those that diagnoses cover, or may become one with the next rows. */
  examines(stream: number): boolean {
    // A tracker tells of a conversation that came and went in a batch before the batch is taken here.
    return this.#stories.has(stream) || this.#stories.size < this.#maxFlows;
  }

  /** Takes the record of a conversation that the tracker has given up (`onEvicted`); kept where it is examined. */
  depart(record: FlowRecord): void {
    if (this.examines(record.stream)) this.#departed.push(record);
  }

  /**
   * Says what is wrong, worst first; nothing where nothing is.
   * @param records the tracker's records (`tracker.flows()`)
   */
  diagnose(records: Iterable<FlowRecord>): Diagnosis[] {
    const known = this.#departed.filter(({ stream }) => this.#stories.has(stream));
    for (const record of records) if (this.#stories.has(record.stream)) known.push(record);
    // Rules ask what the same ends did before.
    known.sort((a, b) => a.stream - b.stream);
    const servers = this.#serverFacts(known);
    const last = new Map<string, FlowRecord>();
    const findings: Finding[] = [];
    for (const record of known) {
      const ends = endsOf(record);
      const c: Case = {
        record,
        story: this.#stories.get(record.stream)!,
        server: servers.get(serverKey(record))!,
        captureEnd: this.#end,
        before: last.get(ends),
      };
      last.set(ends, record);
      for (const rule of rules) findings.push(...rule(c));
    }
    return gather(findings);
  }

  #story(stream: number): Story | undefined {
    const known = this.#stories.get(stream);
    if (known) return known;
    if (this.#stories.size >= this.#maxFlows) {
      // Numbers count up, so a higher one than before is a conversation not yet counted.
      if (stream > this.#lastUnexamined) {
        this.#unexamined++;
        this.#lastUnexamined = stream;
      }
      return undefined;
    }
    const fresh = new Story();
    this.#stories.set(stream, fresh);
    return fresh;
  }

  #serverFacts(records: readonly FlowRecord[]): Map<string, ServerFacts> {
    const facts = new Map<string, ServerFacts>();
    for (const record of records) {
      const key = serverKey(record);
      const of = facts.get(key) ?? { survivedIdle: 0n, scaled: 0, sacked: 0, timestamped: 0 };
      facts.set(key, of);
      const { survivedIdle } = this.#stories.get(record.stream)!;
      if (survivedIdle > of.survivedIdle) of.survivedIdle = survivedIdle;
      const { client, server } = record;
      if (client.offersWindowScale && server.offersWindowScale) of.scaled++;
      if (client.offersSack && server.offersSack) of.sacked++;
      if (client.offersTimestamps && server.offersTimestamps) of.timestamped++;
    }
    return facts;
  }
}

function serverKey({ server }: FlowRecord): string {
  return `${server.address} ${server.port}`;
}

function endsOf({ client, server }: FlowRecord): string {
  return [`${client.address} ${client.port}`, `${server.address} ${server.port}`].sort().join(" ");
}
