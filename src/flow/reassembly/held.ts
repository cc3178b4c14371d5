/** Bytes that wait for earlier ones. Offsets count from the start of the stream. */
export interface Piece {
  /** First byte held; moves right when the front is trimmed. */
  start: number;
  readonly bytes: Uint8Array;
  /** Bounds of the segment as it arrived, which is what overlap policies compare. */
  readonly segmentStart: number;
  readonly segmentEnd: number;
}

// Pieces a leaf holds before it splits: insertion moves at most this many references.
const LEAF = 256;

/**
 * Pieces in order of their start, never overlapping. A list of short sorted leaves: finding is two binary
 * searches, inserting moves at most a leaf, so n pieces in any order of arrival cost about n log n.
 */
export class HeldPieces {
  #leaves: Piece[][] = [[]];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The piece with the lowest start. */
  first(): Piece | undefined {
    return this.#leaves[0][0];
  }

  /** Pieces that share a byte with [start, end), in order. */
  overlapping(start: number, end: number): Piece[] {
    const found: Piece[] = [];
    let [leaf, at] = this.#position(start);
    // The piece before may reach into the range.
    if (at > 0) at--;
    else if (leaf > 0) at = this.#leaves[--leaf].length - 1;
    for (; leaf < this.#leaves.length; leaf++, at = 0) {
      const pieces = this.#leaves[leaf];
      for (; at < pieces.length; at++) {
        const piece = pieces[at];
        if (piece.start >= end) return found;
        if (piece.start + piece.bytes.length > start) found.push(piece);
      }
    }
    return found;
  }

  insert(piece: Piece): void {
    const [leaf, at] = this.#position(piece.start);
    const pieces = this.#leaves[leaf];
    pieces.splice(at, 0, piece);
    this.#count++;
    if (pieces.length > LEAF) this.#leaves.splice(leaf + 1, 0, pieces.splice(LEAF >> 1));
  }

  remove(piece: Piece): void {
    const [leaf, at] = this.#position(piece.start);
    const pieces = this.#leaves[leaf];
    if (pieces[at] !== piece) throw new Error("HeldPieces.remove: no such piece");
    pieces.splice(at, 1);
    this.#count--;
    if (pieces.length === 0 && this.#leaves.length > 1) this.#leaves.splice(leaf, 1);
  }

  clear(): void {
    this.#leaves = [[]];
    this.#count = 0;
  }

  // Leaf and place of the first piece that starts at or after `start`; the end of the last leaf if none does.
  #position(start: number): [leaf: number, at: number] {
    let low = 0;
    let high = this.#leaves.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      const pieces = this.#leaves[middle];
      if (pieces[pieces.length - 1].start < start) low = middle + 1;
      else high = middle;
    }
    const pieces = this.#leaves[low];
    let from = 0;
    let to = pieces.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (pieces[middle].start < start) from = middle + 1;
      else to = middle;
    }
    return [low, from];
  }
}
