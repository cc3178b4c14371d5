/**
 * What loss recovery keeps from one acknowledgment to the next. A connection gets it with its first suspicion
 * of a loss.
 */
export class Recovery {
  /** Segments sent again, in the order of sending. */
  readonly resent = new Resent();

  // RACK (RFC 8985 5.2)
  reorderingSeen = false;
  reoWndMult = 1;
  reoWndPersist = 16;
  inDuplicateRound = false;
  duplicateRound = 0;

  // Tail loss probe (RFC 8985 7.1)
  /** A probe is out, and ended at `probeEnd`. */
  probing = false;
  probeEnd = 0;
  /** It repeated data. */
  probeRepeats = false;

  // Proportional rate reduction (RFC 9937 5)
  prrDelivered = 0;
  prrOut = 0;
  recoverFs = 0;

  /** The rescue retransmission has been sent (RFC 6675 4, rule 4). */
  rescued = false;

  // What a reduction that proves spurious is undone to.
  undoable = false;
  /** Numbers from here on belong to this recovery. */
  undoFrom = 0;
  priorCwnd = 0;
  priorSsthresh = 0;
  /** Segments sent again since, and those of them that D-SACK has called needless. */
  repeats = 0;
  needless = 0;
  /** Timestamp of the first of them. */
  firstRepeat = 0;

  /** F-RTO (RFC 5682 3): 0 not trying, 1 after the timeout, 2 after new data was sent. */
  frto = 0;
}

/** A queue of (sequence number, time) pairs that reuses its room. */
export class Resent {
  #seq = new Int32Array(8);
  #at = new Float64Array(8);
  #head = 0;
  #tail = 0;

  get isEmpty(): boolean {
    return this.#head === this.#tail;
  }

  get seq(): number {
    return this.#seq[this.#head & (this.#seq.length - 1)];
  }

  get at(): number {
    return this.#at[this.#head & (this.#seq.length - 1)];
  }

  push(seq: number, at: number): void {
    if (((this.#tail - this.#head) | 0) === this.#seq.length) this.#grow();
    const i = this.#tail & (this.#seq.length - 1);
    this.#seq[i] = seq;
    this.#at[i] = at;
    this.#tail = (this.#tail + 1) | 0;
  }

  shift(): void {
    this.#head = (this.#head + 1) | 0;
  }

  clear(): void {
    this.#head = this.#tail;
  }

  #grow(): void {
    const { length } = this.#seq;
    const seq = new Int32Array(2 * length);
    const at = new Float64Array(2 * length);
    for (let i = 0; i < length; i++) {
      seq[i] = this.#seq[(this.#head + i) & (length - 1)];
      at[i] = this.#at[(this.#head + i) & (length - 1)];
    }
    this.#seq = seq;
    this.#at = at;
    this.#head = 0;
    this.#tail = length;
  }
}
