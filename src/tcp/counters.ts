/** What `status()` tells of a connection's life so far. */
export interface Totals extends Readonly<Incidents> {
  readonly segmentsIn: number;
  readonly segmentsOut: number;
  /** Data bytes delivered in order, and acknowledged by the peer. */
  readonly bytesIn: number;
  readonly bytesAcked: number;
}

/** Counts what every connection does, and incidents from the first one on: many never have any. */
export class Counters {
  segmentsIn = 0;
  segmentsOut = 0;
  bytesIn = 0;
  bytesAcked = 0;
  #incidents: Incidents | null = null;

  /** To count one more. */
  get incidents(): Incidents {
    this.#incidents ??= new Incidents();
    return this.#incidents;
  }

  totals(): Totals {
    const { segmentsIn, segmentsOut, bytesIn, bytesAcked } = this;
    return { segmentsIn, segmentsOut, bytesIn, bytesAcked, ...(this.#incidents ?? NONE) };
  }
}

class Incidents {
  retransmits = 0;
  bytesRetransmitted = 0;
  timeouts = 0;
  recoveries = 0;
  /** Reductions that proved spurious. */
  undone = 0;
  duplicatesIn = 0;
  outOfOrderIn = 0;
  badChecksums = 0;
  malformed = 0;
  pawsDrops = 0;
  challengeAcks = 0;
  /** CE marks that arrived, and marks on our own segments that the peer reported (AccECN). */
  marksIn = 0;
  marksReported = 0;
}

const NONE: Readonly<Incidents> = new Incidents();
