/** What is to happen: called with the time it was set for, and the number it was scheduled with. */
export type Task = (now: number, argument: number) => void;

/**
 * Virtual time: nothing passes but by going from one scheduled task to the next. Tasks of the same time run in the
 * order in which they were scheduled. Times are milliseconds and may have fractions.
 *
 * Scheduling allocates nothing once the queue has had its largest size.
 *
 * @example
 * ```ts
 * import { Clock } from "tcpwire/sim";
 *
 * const clock = new Clock();
 * const seen: number[] = [];
 * clock.after(20, (now) => seen.push(now));
 * clock.after(10, (now) => seen.push(now));
 * clock.run(1000);
 * seen; // -> [ 10, 20 ]
 * ```
 */
export class Clock {
  #now: number;
  #size = 0;
  #scheduled = 0;
  #done = 0;
  // A binary heap of slots; a slot has a task, its time, and when it was scheduled among those of equal time.
  #heap = new Int32Array(64);
  #position = new Int32Array(64);
  #generation = new Uint32Array(64);
  #time = new Float64Array(64);
  #order = new Float64Array(64);
  readonly #tasks: (Task | undefined)[] = [];
  readonly #arguments: number[] = [];
  readonly #free: number[] = [];

  /** @param origin the time at which it begins */
  constructor(origin = 0) {
    this.#now = origin;
  }

  /** The time, in milliseconds. */
  get now(): number {
    return this.#now;
  }

  /** Tasks that wait. */
  get pending(): number {
    return this.#size;
  }

  /** Tasks that have run. */
  get done(): number {
    return this.#done;
  }

  /** When the next task is due; Infinity when none waits. */
  get next(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#time[this.#heap[0]];
  }

  /**
   * Has `task` run at `time`, or now, if that has passed.
   * @returns a handle for `cancel`
   * @throws {RangeError} when the time is not a finite number
   */
  at(time: number, task: Task, argument = 0): number {
    if (!Number.isFinite(time)) throw new RangeError(`Clock: ${time} is no time`);
    const slot = this.#free.pop() ?? this.#tasks.length;
    if (slot === this.#heap.length) this.#grow();
    this.#tasks[slot] = task;
    this.#arguments[slot] = argument;
    this.#time[slot] = Math.max(time, this.#now);
    this.#order[slot] = this.#scheduled++;
    this.#up(this.#size++, slot);
    return this.#generation[slot] * SLOTS + slot;
  }

  /** Has `task` run in `delay` milliseconds. */
  after(delay: number, task: Task, argument = 0): number {
    return this.at(this.#now + delay, task, argument);
  }

  /** Takes a task back. Nothing happens when it has run or was taken back already. */
  cancel(handle: number): void {
    const slot = handle % SLOTS;
    if (this.#tasks[slot] === undefined || this.#generation[slot] !== Math.floor(handle / SLOTS)) return;
    this.#remove(slot);
  }

  /**
   * Runs every task due up to `until`, those included that are scheduled on the way; then it is `until`.
   * @param most tasks to run at most
   * @throws {Error} when more than `most` were due: two things keep each other busy
   */
  run(until: number, most = Number.POSITIVE_INFINITY): void {
    for (let left = most; this.next <= until; left--) {
      if (left <= 0) throw new Error(`Clock: ${most} tasks ran and it is only ${this.#now} ms`);
      this.step();
    }
    this.#now = Math.max(this.#now, until);
  }

  /** Runs the next task, at its time. @returns whether there was one */
  step(): boolean {
    if (this.#size === 0) return false;
    const slot = this.#heap[0];
    const task = this.#tasks[slot]!;
    const argument = this.#arguments[slot];
    this.#now = this.#time[slot];
    this.#remove(slot);
    this.#done++;
    task(this.#now, argument);
    return true;
  }

  #remove(slot: number): void {
    const hole = this.#position[slot];
    const last = this.#heap[--this.#size];
    this.#tasks[slot] = undefined;
    this.#generation[slot]++;
    this.#free.push(slot);
    if (last === slot) return;
    if (hole > 0 && this.#before(last, this.#heap[(hole - 1) >> 1])) this.#up(hole, last);
    else this.#down(hole, last);
  }

  #before(a: number, b: number): boolean {
    const difference = this.#time[a] - this.#time[b];
    return difference < 0 || (difference === 0 && this.#order[a] < this.#order[b]);
  }

  #up(at: number, slot: number): void {
    let hole = at;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = this.#heap[parent];
      if (!this.#before(slot, above)) break;
      this.#put(hole, above);
      hole = parent;
    }
    this.#put(hole, slot);
  }

  #down(at: number, slot: number): void {
    let hole = at;
    for (;;) {
      let child = hole * 2 + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#before(this.#heap[child + 1], this.#heap[child])) child++;
      const below = this.#heap[child];
      if (!this.#before(below, slot)) break;
      this.#put(hole, below);
      hole = child;
    }
    this.#put(hole, slot);
  }

  #put(at: number, slot: number): void {
    this.#heap[at] = slot;
    this.#position[slot] = at;
  }

  #grow(): void {
    const slots = this.#heap.length * 2;
    if (slots > SLOTS) throw new RangeError(`Clock: more than ${SLOTS} tasks wait`);
    const larger = <T extends { set(from: T): void }>(made: T, from: T): T => {
      made.set(from);
      return made;
    };
    this.#heap = larger(new Int32Array(slots), this.#heap);
    this.#position = larger(new Int32Array(slots), this.#position);
    this.#generation = larger(new Uint32Array(slots), this.#generation);
    this.#time = larger(new Float64Array(slots), this.#time);
    this.#order = larger(new Float64Array(slots), this.#order);
  }
}

// A handle is a slot and how often the slot was used before, in one exact number.
const SLOTS = 2 ** 20;
