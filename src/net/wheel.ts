// Four wheels of 256 slots: a slot of the first is a tick, of each next one a turn of the one below. Together they
// reach 2^32 ticks, 49 days. A timer that is further off waits in the last slot and is sorted again from there.
const WHEELS = 4;
const BITS = 8;
const SLOTS = 1 << BITS;
const NONE = -1;

/** Not set. */
export const NEVER = Number.POSITIVE_INFINITY;

/**
 * A hierarchical timer wheel (Varghese, Lauck) over small integers: each id has at most one deadline. To set, move
 * or clear one takes the same few steps whatever their number. A tick is a millisecond; a timer is never early, and
 * less than a tick late.
 */
export class TimerWheel {
  // Doubly linked rings: ids first, then a head for each slot.
  #next: Int32Array;
  #previous: Int32Array;
  #deadline: Float64Array;
  #capacity: number;
  /** Which slots have timers, a bit each. */
  readonly #taken = new Int32Array((WHEELS * SLOTS) / 32);
  /** All ticks up to here have run. */
  #tick: number;
  /** What `next` said last; NaN once that may have changed. */
  #earliest = Number.NaN;
  /** Timers set. */
  count = 0;

  /** @param now milliseconds; deadlines before it are due at once */
  constructor(now: number, capacity = 64) {
    this.#tick = Math.floor(now);
    this.#capacity = capacity;
    this.#deadline = new Float64Array(capacity).fill(NEVER);
    this.#next = new Int32Array(capacity + WHEELS * SLOTS).fill(NONE);
    this.#previous = new Int32Array(capacity + WHEELS * SLOTS).fill(NONE);
    for (let slot = 0; slot < WHEELS * SLOTS; slot++) this.#empty(capacity + slot);
  }

  /** The deadline of `id`; `NEVER` when it has none. */
  deadline(id: number): number {
    return id < this.#capacity ? this.#deadline[id] : NEVER;
  }

  /** Sets or moves the deadline of `id`. `NEVER` clears it. */
  set(id: number, at: number): void {
    if (id >= this.#capacity) this.#grow(id + 1);
    if (this.#deadline[id] !== NEVER) this.#unlink(id);
    this.#deadline[id] = at;
    if (at !== NEVER) this.#link(id, this.#tick + 1);
  }

  /**
   * Moves time to `now`, and hands over each id whose deadline has come, cleared. `run` may set any of them, but what
   * it sets for now or earlier is run by the next call.
   */
  advance(now: number, run: (id: number) => void): void {
    const until = Math.floor(now);
    while (this.#tick < until) {
      const next = this.#nextTaken();
      if (next > until) {
        this.#tick = until;
        return;
      }
      this.#tick = next;
      // From the largest down: what leaves one may belong to a slot of the next that is due too.
      for (let wheel = WHEELS - 1; wheel > 0; wheel--) {
        if (next % (1 << (wheel * BITS)) === 0) this.#sortAgain(this.#slot(wheel, next));
      }
      this.#expire(this.#slot(0, next), run);
    }
  }

  /** The first time at which `advance` may have something to do; `NEVER` when no timer is set. */
  next(): number {
    if (Number.isNaN(this.#earliest)) this.#earliest = this.#nextTaken();
    return this.#earliest;
  }

  /** The first tick after this one at which a slot must be looked at. */
  #nextTaken(): number {
    if (this.count === 0) return NEVER;
    let first = NEVER;
    for (let wheel = 0; wheel < WHEELS; wheel++) {
      const unit = 2 ** (wheel * BITS);
      const turn = Math.floor(this.#tick / unit);
      const ahead = this.#firstAhead(wheel, (turn + 1) & (SLOTS - 1));
      if (ahead !== NONE) first = Math.min(first, (turn + 1 + ahead) * unit);
    }
    return first;
  }

  /** Slots from `start` on, all the way round, to the first that is taken. */
  #firstAhead(wheel: number, start: number): number {
    const words = (wheel * SLOTS) >> 5;
    const begin = start >> 5;
    let word = this.#taken[words + begin] & (-1 << (start & 31));
    for (let step = 0; step <= SLOTS / 32; step++) {
      const at = (begin + step) & (SLOTS / 32 - 1);
      if (step > 0) word = this.#taken[words + at];
      if (step === SLOTS / 32) word &= ~(-1 << (start & 31));
      if (word !== 0) return (at * 32 + lowestBit(word) - start) & (SLOTS - 1);
    }
    return NONE;
  }

  #slot(wheel: number, tick: number): number {
    return wheel * SLOTS + (Math.floor(tick / 2 ** (wheel * BITS)) & (SLOTS - 1));
  }

  /** @param earliest the first tick whose slot has not been looked at */
  #link(id: number, earliest: number): void {
    this.#earliest = Number.NaN;
    const due = Math.ceil(this.#deadline[id]);
    const latest = this.#tick + 2 ** (WHEELS * BITS) - 2 ** ((WHEELS - 1) * BITS);
    const at = Math.min(Math.max(due, earliest), latest);
    let wheel = 0;
    // The wheel whose slots tell this tick from the current one.
    while (Math.floor(at / 2 ** (wheel * BITS)) - Math.floor(this.#tick / 2 ** (wheel * BITS)) >= SLOTS)
      wheel++;
    const slot = this.#slot(wheel, at);
    const head = this.#capacity + slot;
    const last = this.#previous[head];
    this.#next[last] = id;
    this.#previous[id] = last;
    this.#next[id] = head;
    this.#previous[head] = id;
    this.#taken[slot >> 5] |= 1 << (slot & 31);
    this.count++;
  }

  #unlink(id: number): void {
    this.#earliest = Number.NaN;
    const before = this.#previous[id];
    const after = this.#next[id];
    this.#next[before] = after;
    this.#previous[after] = before;
    if (before === after) this.#clear(before - this.#capacity);
    this.count--;
  }

  #clear(slot: number): void {
    this.#taken[slot >> 5] &= ~(1 << (slot & 31));
  }

  #empty(head: number): void {
    this.#next[head] = head;
    this.#previous[head] = head;
  }

  #sortAgain(slot: number): void {
    const head = this.#capacity + slot;
    let id = this.#next[head];
    this.#empty(head);
    this.#clear(slot);
    while (id !== head) {
      const next = this.#next[id];
      this.count--;
      this.#link(id, this.#tick); // the first wheel's slot of this tick comes last
      id = next;
    }
  }

  #expire(slot: number, run: (id: number) => void): void {
    const head = this.#capacity + slot;
    for (let id = this.#next[head]; id !== head; id = this.#next[head]) {
      this.#unlink(id);
      this.#deadline[id] = NEVER;
      run(id);
      if (this.#capacity + slot !== head) return; // it grew, and what was left here with it: the next tick has it
    }
  }

  #grow(least: number): void {
    const capacity = Math.max(least, (3 * this.#capacity) >> 1);
    const old = this.#deadline;
    this.#deadline = new Float64Array(capacity).fill(NEVER);
    this.#deadline.set(old);
    this.#capacity = capacity;
    this.#next = new Int32Array(capacity + WHEELS * SLOTS).fill(NONE);
    this.#previous = new Int32Array(capacity + WHEELS * SLOTS).fill(NONE);
    this.#taken.fill(0);
    this.count = 0;
    for (let slot = 0; slot < WHEELS * SLOTS; slot++) this.#empty(capacity + slot);
    for (let id = 0; id < old.length; id++) if (old[id] !== NEVER) this.#link(id, this.#tick + 1);
  }
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
