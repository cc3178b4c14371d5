import type { Block } from "../../capture/block-interpreter.ts";
import { CaptureParser } from "../../capture/parser.ts";
import { Workspace } from "../../capture/workspace.ts";
import { instantiateCodecForThreads } from "../../wasm/load.ts";
import { CodecMemory } from "../../wasm/memory.ts";
import type { Failure, GoOnTask, ParseTask, Report, Task, WorkerSetup } from "./protocol.ts";
import { findRecordStart } from "./record-start.ts";

/** Reads bytes at a place of the file into a view and says how many; 0 at the end. */
export type ReadAt = (into: Uint8Array, offset: number) => number;

/** Where a record start is looked for: most records are found in the first piece. */
const SEARCH = [16 * 1024, 1024 * 1024];

/** Blocks that are no packets are handed over when they come to this, with or without rows. */
const MOST_BLOCK_BYTES = 1024 * 1024;

/** One worker's part: it does what tasks say, in their order, and reports. What threads it may run on, it does not know. */
export class RangeWorker {
  readonly #setup: WorkerSetup;
  readonly #read: ReadAt;
  readonly #report: (report: Report | Failure) => void;
  readonly #slots = new Map<number, Slot>();
  #scratch: Uint8Array | undefined;
  #preamble: Uint8Array = new Uint8Array(0);

  constructor(setup: WorkerSetup, read: ReadAt, report: (report: Report | Failure) => void) {
    this.#setup = setup;
    this.#read = read;
    this.#report = report;
  }

  take(task: Task): void {
    try {
      const slot = this.#slot(task.slot);
      this.#report(task.do === "parse" ? this.#parse(slot, task) : slot.next(task));
    } catch (error) {
      const { message, code } = error as Error & { code?: string };
      this.#report({ failure: { message, code } });
    }
  }

  #parse(slot: Slot, task: ParseTask): Report {
    if (task.preamble) this.#preamble = task.preamble;
    if (task.how === "resume") return slot.resume(task);
    const from = task.how === "exact" ? task.from : this.#search(task.from);
    return slot.begin(task, from, this.#preamble);
  }

  #search(from: number): number | undefined {
    for (const length of SEARCH) {
      this.#scratch ??= new Uint8Array(SEARCH[0]);
      const bytes = length === SEARCH[0] ? this.#scratch : new Uint8Array(length);
      const there = this.#read(bytes, from);
      const isLast = there < length;
      const at = findRecordStart(bytes.subarray(0, there), from, this.#setup.format, isLast);
      if (at >= 0) return from + at;
      if (isLast) break;
    }
    return undefined;
  }

  #slot(number: number): Slot {
    let slot = this.#slots.get(number);
    if (!slot) {
      slot = new Slot(this.#setup, this.#read);
      this.#slots.set(number, slot);
    }
    return slot;
  }
}

/** A parser and what it is at. */
class Slot {
  readonly #memory = new CodecMemory(instantiateCodecForThreads());
  readonly #parser: CaptureParser;
  readonly #read: ReadAt;
  #start: number | undefined;
  #until = 0;
  #blocks: Block[] = [];
  #blockBytes = 0;
  #known: ArrayBufferLike | undefined;

  constructor({ name, verifyChecksums }: WorkerSetup, read: ReadAt) {
    this.#memory.exports.verifyChecksums(verifyChecksums ? 1 : 0);
    this.#parser = new CaptureParser(name, new Workspace(this.#memory));
    this.#read = read;
    this.#parser.extend = (missing) => this.#extend(missing);
  }

  begin(task: ParseTask, start: number | undefined, preamble: Uint8Array): Report {
    const parser = this.#parser;
    parser.onBlock = undefined;
    this.#blocks = [];
    parser.restart();
    if (preamble.length > 0) {
      for (let at = 0; at < preamble.length; ) {
        const space = parser.space();
        const piece = preamble.subarray(at, at + space.length);
        space.set(piece);
        parser.filled(piece.length);
        at += piece.length;
        parser.advance();
      }
      parser.goTo(start ?? task.from);
    }
    parser.onBlock = ({ type, bigEndian, offset, body }) => {
      this.#blocks.push({ type, bigEndian, offset, body: body.slice() });
      this.#blockBytes += body.length;
    };
    if (start === undefined) return this.#reportOf(task, undefined, 0, true);
    return this.#run(task, start, task.until);
  }

  resume(task: ParseTask): Report {
    this.#parser.goTo(task.from);
    return this.#run(task, task.from, task.until);
  }

  #run(task: ParseTask, start: number, until: number): Report {
    this.#start = start;
    this.#until = until;
    return this.next(task);
  }

  next(task: ParseTask | GoOnTask): Report {
    const parser = this.#parser;
    for (;;) {
      const rows = parser.advance();
      const done = parser.finished || (parser.left === 0 && parser.inputOffset >= this.#until);
      if (rows > 0) return this.#reportOf(task, this.#start, rows, done);
      if (done || this.#blockBytes > MOST_BLOCK_BYTES) return this.#reportOf(task, this.#start, 0, done);
      this.#fill(parser.space(), parser.missing);
    }
  }

  /** Reads what is left of the range, or behind its end what its last record lacks. */
  #fill(into: Uint8Array<ArrayBuffer>, missing: number): number {
    const { inputOffset } = this.#parser;
    const wanted = inputOffset < this.#until ? this.#until - inputOffset : missing;
    const n = this.#read(into.subarray(0, Math.min(wanted, into.length)), inputOffset);
    this.#parser.filled(n);
    return n;
  }

  #extend(missing: number): boolean {
    const { left, inputOffset } = this.#parser;
    if (left === 0 && inputOffset >= this.#until) return false;
    const room = this.#parser.room();
    return room.length > 0 && this.#fill(room, missing) > 0;
  }

  #reportOf(
    { slot, range }: ParseTask | GoOnTask,
    start: number | undefined,
    rows: number,
    done: boolean,
  ): Report {
    const { finished, error, inputOffset, left, fileBase } = this.#parser;
    const { memory } = this.#memory.exports;
    const isNew = memory.buffer !== this.#known;
    this.#known = memory.buffer;
    const blocks = this.#blocks;
    this.#blocks = [];
    this.#blockBytes = 0;
    return {
      slot,
      range,
      ...(isNew && { memory: memory.buffer as unknown as SharedArrayBuffer }),
      rows,
      start,
      done,
      ended: finished,
      end: inputOffset - left,
      fileBase,
      incomplete: this.#memory.exports.incompleteDatagrams(),
      blocks,
      ...(error && { error: { code: error.code, offset: error.offset, reason: error.reason } }),
    };
  }
}
