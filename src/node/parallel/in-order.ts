import { STATE_ADDRESSES, STATE_SACK_BLOCKS } from "../../../assembly/layout/state.ts";
import { SegmentBatch } from "../../capture/batch.ts";
import { BlockInterpreter, blockDamage, onlyDescribes } from "../../capture/block-interpreter.ts";
import { BlockError, BlockReader } from "../../capture/block-reader.ts";
import { CaptureError } from "../../capture/errors.ts";
import type { CaptureInfo } from "../../capture/info.ts";
import { Metadata } from "../../capture/metadata.ts";
import type { CaptureTotals } from "../../capture/totals.ts";
import { type CaptureHead, SectionPreamble, sameBytes } from "./capture-head.ts";
import { type Counters, countersIn, fragmentsOf, framesOf, Ledger, noCounters } from "./ledger.ts";
import type { Report } from "./protocol.ts";
import { type Range, type RangePort, Ranges } from "./ranges.ts";

/** Ranges in a row whose guesses were wrong after which no more are made: then one slot parses what is left. */
const MOST_MISSES = 12;

/** What is parsed, and in which pieces. */
export interface Job {
  readonly head: CaptureHead;
  readonly name: string | undefined;
  /** Bytes of the file. */
  readonly size: number;
  readonly rangeSize: number;
}

/**
 * Takes a capture in ranges from several workers and gives its batches as one parser would: in order, with the frame
 * numbers, counts and metadata of the whole.
 *
 * A range is begun where a record seems to start, with the interfaces that were known then, and without IP fragments
 * from before. All that is checked when its turn comes, against where the range before it ended and what was met
 * until there. Where it does not hold, the slot that parsed up to there, and so knows better, goes on instead.
 */
export class InOrder {
  /** Why the capture ended early, if it did. */
  error: CaptureError | undefined;
  /** Bytes of the capture that have been taken, the batch given last counted. */
  position = 0;

  readonly #job: Job;
  readonly #ranges: Ranges;
  readonly #metadata: Metadata;
  readonly #blocks: BlockInterpreter;
  readonly #section = new SectionPreamble();
  readonly #ledger = new Ledger();
  readonly #begun = new Map<number, Range>();
  /** What each slot had counted when its last batch was taken. */
  readonly #counted = new Map<Range["slot"], Counters>();
  #preamble: Uint8Array;
  /** Up to where the capture has been taken. */
  #at = 0;
  #ended = false;
  /** IP datagrams of which fragments are missing there. */
  #incomplete = 0;
  /** Whose parser knows all that bears on what follows. */
  #knows: Range | undefined;
  /** The first damage that no packet depends on. */
  #damage: CaptureError | undefined;
  #framesGiven = 0;
  #next = 0;
  #misses = 0;
  /** Resumed ranges have numbers that no others have. */
  #resumed = -1;

  /** @param ports idle workers, which nobody else uses */
  constructor(job: Job, ports: readonly RangePort[]) {
    const { head, name } = job;
    this.#job = job;
    this.#ranges = new Ranges(ports);
    this.#metadata = new Metadata(name);
    // The workers' codecs have judged already.
    this.#blocks = new BlockInterpreter(this.#metadata, { configurePcapng() {}, addInterface: () => 1 });
    this.#preamble = head.preamble;
    if (head.pcap) this.#metadata.pcap(head.pcap);
    else this.#metadata.info.format = "pcapng";
  }

  get info(): CaptureInfo {
    return this.#metadata.info;
  }

  get totals(): CaptureTotals {
    return this.#ledger.totals;
  }

  get memorySize(): number {
    return this.#ranges.memorySize;
  }

  /** Ends the reading: what waits for a batch throws `error`. */
  fail(error: unknown): void {
    this.#ranges.fail(error);
  }

  async *batches(): AsyncGenerator<SegmentBatch, void, undefined> {
    yield* this.#rangeByRange();
    this.error = this.#damage;
    if (this.error) throw this.error;
  }

  async *#rangeByRange(): AsyncGenerator<SegmentBatch, void, undefined> {
    const { size, rangeSize } = this.#job;
    const last = Math.max(0, Math.ceil(size / rangeSize) - 1);
    for (let number = 0; number <= last; number++) {
      this.#begin(last);
      const until = Math.min(size, (number + 1) * rangeSize);
      const begun = this.#begun.get(number);
      this.#begun.delete(number);
      if (this.#at >= until) {
        if (begun) this.#drop(begun);
        continue;
      }
      const first = begun && (await this.#ranges.report(begun));
      const range = begun && first && this.#accept(begun, first);
      if (range) {
        yield* this.#batchesOf(range, first);
      } else {
        if (begun) this.#drop(begun);
        const speculates = ++this.#misses < MOST_MISSES;
        if (!speculates) this.#dropAll();
        yield* this.#batchesOf(this.#resume(speculates ? until : size));
      }
      if (this.error) throw this.error;
      if (this.#ended) return;
    }
  }

  async *#batchesOf(range: Range, first?: Report): AsyncGenerator<SegmentBatch, void, undefined> {
    for (let report = first; ; this.#ranges.goOn(range), report = undefined) {
      report ??= await this.#ranges.report(range);
      this.#replay(report);
      const batch = this.#take(range, report);
      if (batch) yield batch;
      if (!report.done) continue;
      this.#finish(range, report);
      return;
    }
  }

  /** Begins ranges for as long as there are slots. */
  #begin(last: number): void {
    const { size, rangeSize } = this.#job;
    while (this.#next <= last && this.#ranges.hasFree && this.#misses < MOST_MISSES) {
      const number = this.#next++;
      const until = Math.min(size, (number + 1) * rangeSize);
      // The first begins with the header itself.
      const preamble = number === 0 ? NOTHING : this.#preamble;
      this.#begun.set(number, this.#ranges.begin(number, number * rangeSize, until, number === 0, preamble));
    }
  }

  /** The range, where what it took for granted is so. */
  #accept(range: Range, report: Report): Range | undefined {
    if (range.number > 0 && !this.#holds(range, report)) return undefined;
    this.#misses = 0;
    this.#counted.set(range.slot, noCounters());
    return range;
  }

  #holds({ preamble, slot }: Range, report: Report): boolean {
    if (report.start !== this.#at || !sameBytes(preamble, this.#preamble)) return false;
    if (this.#incomplete === 0) return true;
    // It did not know of the fragments before it. That matters where it has any itself.
    const untouched = fragmentsOf(countersIn(slot.memory!)) === 0 && report.blocks.length === 0;
    return report.done && untouched;
  }

  /** Lets the slot that knows what came before parse on. */
  #resume(until: number): Range {
    this.#knows = this.#ranges.resume(this.#knows!, this.#resumed--, this.#at, until);
    return this.#knows;
  }

  /** The range has been taken whole. */
  #finish(range: Range, { end, ended, error, incomplete }: Report): void {
    this.#ranges.forget(range);
    this.#at = end;
    this.#ended = ended;
    if (error) this.error = new CaptureError(error.code, error.offset, error.reason, this.#job.name);
    if (range === this.#knows) {
      this.#incomplete = incomplete;
    } else if (this.#incomplete > 0) {
      // It has no fragments, so those from before are as they were, and another slot has them.
      this.#ranges.release(range);
    } else {
      if (this.#knows) this.#ranges.release(this.#knows);
      this.#knows = range;
      this.#incomplete = incomplete;
    }
  }

  #drop(range: Range): void {
    this.#ranges.forget(range);
    this.#ranges.release(range);
  }

  #dropAll(): void {
    for (const range of this.#begun.values()) this.#drop(range);
    this.#begun.clear();
  }

  #replay({ blocks }: Report): void {
    for (const block of blocks) {
      try {
        this.#blocks.interpret(block, new BlockReader(block.body, block.bigEndian));
      } catch (error) {
        if (!(error instanceof BlockError)) throw error;
        // Of other blocks the worker's parser says so, in their place.
        if (onlyDescribes(block.type)) this.#damage ??= blockDamage(block, error, this.#job.name);
      }
      if (!this.#section.add(block)) continue;
      if (!sameBytes(this.#section.bytes, this.#preamble)) this.#preamble = this.#section.bytes;
      if (this.#section.isTooLarge) this.#misses = MOST_MISSES;
    }
  }

  /** What a report brings: counts, and a batch where it has rows. */
  #take({ slot }: Range, { rows, fileBase, end }: Report): SegmentBatch | undefined {
    const memory = slot.memory as unknown as ArrayBuffer;
    const counted = this.#counted.get(slot)!;
    const counters = countersIn(memory);
    const framesBefore = this.#framesGiven;
    // The slot counts from where it began.
    const base = this.#ledger.frames - framesOf(counted);
    this.#ledger.add(counted, counters, memory);
    this.#counted.set(slot, counters);
    this.position = end;
    if (rows === 0) return undefined;
    this.#framesGiven = this.#ledger.frames;
    const state = new DataView(memory);
    const batch = new SegmentBatch(memory, rows, {
      section: this.#metadata.section,
      inBlocks: this.info.format === "pcapng",
      framesBefore,
      framesAfter: this.#framesGiven,
      fileBase,
      addresses: state.getUint32(STATE_ADDRESSES, true),
      sackBlocks: state.getUint32(STATE_SACK_BLOCKS, true),
      totals: () => this.totals,
    });
    const { frame } = batch;
    if (base !== 0) for (let i = 0; i < rows; i++) frame[i] += base;
    return batch;
  }
}

const NOTHING = new Uint8Array(0);
