import type { SegmentSink } from "../../src/tcp/index.ts";
import { HEADROOM } from "../../src/wasm/slots.ts";
import { check } from "./failure.ts";
import { pool } from "./memory.ts";

/** Takes segments. They are borrowed. */
export interface Line {
  transmit(segment: Uint8Array, ecn: number): void;
}

const SLOT = 65_536 + HEADROOM;
const MOST_SLOTS = 64;
let slots = 0;

/** A few places for segments, which have to be emptied before more are taken. */
export class Interface implements SegmentSink {
  readonly #count: number;
  readonly #line: Line;
  readonly #lengths: number[] = [];
  readonly #ecn: number[] = [];

  constructor(count: number, line: Line) {
    this.#count = count;
    this.#line = line;
    if (slots === 0) slots = pool.memory.allocate(MOST_SLOTS * SLOT);
  }

  reserve(_length: number): number {
    const taken = this.#lengths.length;
    return taken < this.#count ? slots + taken * SLOT + HEADROOM : 0;
  }

  commit(address: number, length: number, ecn: number): void {
    check(address === slots + this.#lengths.length * SLOT + HEADROOM, "a segment elsewhere than reserved");
    this.#lengths.push(length);
    this.#ecn.push(ecn);
  }

  /** Sends them. @returns how many */
  flush(): number {
    const count = this.#lengths.length;
    for (let i = 0; i < count; i++) {
      const at = slots + i * SLOT + HEADROOM;
      this.#line.transmit(pool.memory.u8.subarray(at, at + this.#lengths[i]), this.#ecn[i]);
    }
    this.#lengths.length = this.#ecn.length = 0;
    return count;
  }
}
