/** What `status()` tells of a connection's life so far. */
export interface Totals extends Readonly<Incidents> {
  readonly segmentsIn: number;
  readonly segmentsOut: number;
  /** Data bytes delivered in order, and acknowledged by the peer. */
  readonly bytesIn: number;
  readonly bytesAcked: number;
}

/** What few connections meet. */
export class Incidents {
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
