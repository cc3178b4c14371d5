const NONE: readonly number[] = [];

/** Frames that prove something, the first few of possibly many. */
export class Frames {
  /** Shared while empty: most conversations prove nothing. */
  list: readonly number[] = NONE;
  total = 0;
  readonly #most: number;

  constructor(most = 6) {
    this.#most = most;
  }

  add(frame: number): void {
    this.total++;
    if (this.list.length < this.#most) this.list = [...this.list, frame];
  }

  /** These and others, in order. */
  with(others: Frames): Frames {
    const both = new Frames(this.#most);
    both.total = this.total + others.total;
    both.list = [...this.list, ...others.list].sort((a, b) => a - b).slice(0, this.#most);
    return both;
  }
}
