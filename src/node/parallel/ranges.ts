import type { Failure, Report, Task } from "./protocol.ts";

/** A worker, whatever it runs on. It reports in the order of its tasks. */
export interface RangePort {
  post(task: Task): void;
  onReport(listener: (report: Report | Failure) => void): void;
}

/** A slot of a worker: a parser with a memory of its own. */
export interface Slot {
  readonly port: RangePort;
  readonly number: number;
  memory: SharedArrayBuffer | undefined;
}

/** A range of the capture that some slot is at. */
export interface Range {
  readonly number: number;
  readonly slot: Slot;
  /** What its parser took to stand before it. */
  readonly preamble: Uint8Array;
}

/** Memories that a worker's batches lie in: while one is taken, others are filled. */
const SLOTS = 3;

/** Hands ranges to workers, each in its turn, and their reports to who waits for them. */
export class Ranges {
  readonly #free: Slot[] = [];
  readonly #slots: Slot[] = [];
  readonly #preambleOf = new Map<RangePort, Uint8Array>();
  readonly #reports = new Map<number, Report[]>();
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(ports: readonly RangePort[]) {
    for (let number = 0; number < SLOTS; number++) {
      for (const port of ports) this.#free.push({ port, number, memory: undefined });
    }
    this.#slots.push(...this.#free);
    for (const port of ports) port.onReport((report) => this.#take(port, report));
  }

  get hasFree(): boolean {
    return this.#free.length > 0;
  }

  /** Bytes of the memories. */
  get memorySize(): number {
    return this.#slots.reduce((sum, { memory }) => sum + (memory?.byteLength ?? 0), 0);
  }

  begin(number: number, from: number, until: number, exact: boolean, preamble: Uint8Array): Range {
    const slot = this.#free.shift()!;
    const known = this.#preambleOf.get(slot.port) === preamble;
    this.#preambleOf.set(slot.port, preamble);
    this.#reports.set(number, []);
    slot.port.post({
      do: "parse",
      slot: slot.number,
      range: number,
      from,
      until,
      how: exact ? "exact" : "search",
      ...(!known && { preamble }),
    });
    return { number, slot, preamble };
  }

  /** Lets the slot of one range parse another, with all that it knows. */
  resume({ slot, preamble }: Range, number: number, from: number, until: number): Range {
    this.#reports.set(number, []);
    slot.port.post({ do: "parse", slot: slot.number, range: number, from, until, how: "resume" });
    return { number, slot, preamble };
  }

  goOn({ slot, number }: Range): void {
    slot.port.post({ do: "go on", slot: slot.number, range: number });
  }

  /** The next report of a range. @throws what its worker failed with */
  async report({ number }: Range): Promise<Report> {
    for (;;) {
      if (this.#failure) throw this.#failure.error;
      const report = this.#reports.get(number)?.shift();
      if (report) return report;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Nobody will ask for reports of the range any more. */
  forget({ number }: Range): void {
    this.#reports.delete(number);
  }

  /** The slot may be used for another range. */
  release({ slot }: Range): void {
    this.#free.push(slot);
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake?.();
  }

  #take(port: RangePort, report: Report | Failure): void {
    if ("failure" in report) {
      const { message, code } = report.failure;
      this.fail(Object.assign(new Error(message), code === undefined ? {} : { code }));
      return;
    }
    const { memory } = report;
    if (memory) this.#slots.find((s) => s.port === port && s.number === report.slot)!.memory = memory;
    this.#reports.get(report.range)?.push(report);
    this.#wake?.();
  }
}
