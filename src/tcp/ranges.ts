import { ge, gt, le, lt } from "../wire/seq.ts";

/**
 * A set of sequence numbers as disjoint, not touching ranges [left, right) in order. All of them lie within
 * one window, so they compare. Adding and searching take a binary search and one move of memory.
 */
export class Ranges {
  left = new Int32Array(4);
  right = new Int32Array(4);
  count = 0;

  /** Index of the first range that reaches `seq` or ends after it; `count` when none does. */
  find(seq: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lt(this.right[middle], seq)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Adds [left, right), which is not empty, and joins what it meets. */
  add(left: number, right: number): void {
    const i = this.find(left);
    if (i === this.count || gt(this.left[i], right)) {
      this.#insert(i, left, right);
      return;
    }
    let last = i;
    while (last + 1 < this.count && le(this.left[last + 1], right)) last++;
    if (lt(left, this.left[i])) this.left[i] = left;
    this.right[i] = gt(right, this.right[last]) ? right : this.right[last];
    if (last > i) {
      this.left.copyWithin(i + 1, last + 1, this.count);
      this.right.copyWithin(i + 1, last + 1, this.count);
      this.count -= last - i;
    }
  }

  /** How many numbers are in it. */
  get total(): number {
    let total = 0;
    for (let r = 0; r < this.count; r++) total += (this.right[r] - this.left[r]) | 0;
    return total;
  }

  /** Whether adding [left, right) would make one range more. */
  isApart(left: number, right: number): boolean {
    const i = this.find(left);
    return i === this.count || gt(this.left[i], right);
  }

  /** Removes all numbers before `seq`. */
  dropBefore(seq: number): void {
    let gone = 0;
    while (gone < this.count && le(this.right[gone], seq)) gone++;
    if (gone > 0) {
      this.left.copyWithin(0, gone, this.count);
      this.right.copyWithin(0, gone, this.count);
      this.count -= gone;
    }
    if (this.count > 0 && lt(this.left[0], seq)) this.left[0] = seq;
  }

  /** Whether any of [left, right) is in the set. */
  meets(left: number, right: number): boolean {
    const i = this.find((left + 1) | 0);
    return i < this.count && lt(this.left[i], right);
  }

  /** Whether all of [left, right) is in the set. */
  covers(left: number, right: number): boolean {
    const i = this.find(left);
    return i < this.count && le(this.left[i], left) && ge(this.right[i], right);
  }

  #insert(i: number, left: number, right: number): void {
    if (this.count === this.left.length) {
      const { left: l, right: r } = this;
      this.left = new Int32Array(2 * this.count);
      this.right = new Int32Array(2 * this.count);
      this.left.set(l);
      this.right.set(r);
    }
    this.left.copyWithin(i + 1, i, this.count);
    this.right.copyWithin(i + 1, i, this.count);
    this.left[i] = left;
    this.right[i] = right;
    this.count++;
  }
}
