import { MAX_SACK_BLOCKS } from "../../assembly/layout/columns.ts";
import { le } from "../wire/seq.ts";
import { Ranges } from "./ranges.ts";

/**
 * Which bytes beyond a gap have arrived. The bytes themselves lie in the receive ring, each at its place,
 * so nothing moves when the gap closes. Where segments overlap, the byte that came first stays.
 */
export class Reassembly extends Ranges {
  // One number inside each of the ranges that grew last, the latest first (RFC 2018 4).
  readonly #latest = new Int32Array(MAX_SACK_BLOCKS);
  #reported = 0;

  /** Remembers that [left, right) has arrived. */
  arrived(left: number, right: number): void {
    this.add(left, right);
    const range = this.find(left);
    let keep = 0;
    // Others that lie in the same range would report it twice.
    for (let b = 0; b < this.#reported; b++) {
      const seq = this.#latest[b];
      if (this.#rangeOf(seq) !== range) this.#latest[keep++] = seq;
    }
    this.#reported = Math.min(keep + 1, MAX_SACK_BLOCKS);
    this.#latest.copyWithin(1, 0, this.#reported - 1);
    this.#latest[0] = left;
  }

  /** RCV.NXT when all up to `nxt` is there: past the range that `nxt` reaches. What lies before it is forgotten. */
  advance(nxt: number): number {
    this.dropBefore(nxt);
    if (this.count === 0 || this.left[0] !== nxt) return nxt;
    const to = this.right[0];
    this.dropBefore(to);
    return to;
  }

  /** Writes SACK blocks at `p`, behind `written` others, up to `room` in all; returns how many there are then. */
  report(dv: DataView, p: number, written: number, room: number): number {
    let blocks = written;
    for (let b = 0; b < this.#reported && blocks < room; b++) {
      const range = this.#rangeOf(this.#latest[b]);
      if (range < 0) continue;
      dv.setInt32(p + 8 * blocks, this.left[range]);
      dv.setInt32(p + 8 * blocks + 4, this.right[range]);
      blocks++;
    }
    return blocks;
  }

  /** How many blocks `report` has. */
  get blocks(): number {
    let blocks = 0;
    for (let b = 0; b < this.#reported; b++) if (this.#rangeOf(this.#latest[b]) >= 0) blocks++;
    return blocks;
  }

  #rangeOf(seq: number): number {
    const i = this.find((seq + 1) | 0);
    return i < this.count && le(this.left[i], seq) ? i : -1;
  }
}
