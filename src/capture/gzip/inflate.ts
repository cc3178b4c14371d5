import {
  buildTable,
  CODE_LENGTH_ORDER,
  CODE_LENGTH_ROOT,
  DISTANCE_MASK,
  DISTANCE_ROOT,
  DISTANCE_TABLE_SIZE,
  END_OF_BLOCK,
  EXTRA_SHIFT,
  fixedTables,
  LENGTH_MASK,
  LITERAL,
  LITERAL_MASK,
  LITERAL_ROOT,
  LITERAL_TABLE_SIZE,
  LONGEST_MATCH,
  MATCH,
  MAX_DISTANCES,
  MAX_LITERALS,
  SUBTABLE,
  symbolEntries,
  VALUE_SHIFT,
} from "./huffman.ts";

/**
 * DEFLATE (RFC 1951), decoded piece by piece. Of our own, because rows before the damage are to be given
 * whatever comes after, synchronously too, and no bomb may burst. Tried against the tests of gunzip.ts:
 * `DecompressionStream` drops what it had decoded when data are damaged (7.5 KB in Node), refuses a second
 * member in browsers, and is asynchronous only. fflate 0.8.2 notices no wrong checksum, loses small members
 * that share a piece, and gives a bomb in one piece. pako 2.1.0 fails where a second member begins inside a
 * piece, bursts too, and is four times the size. Of the three, the first is as fast as this, the others are not.
 *
 * The decoder gives up a symbol (or a block header) that its input does not wholly hold and starts it
 * afresh with more, so it keeps no state inside of one. That asks two things of the caller: unused input
 * stays in front of what comes next, and a piece is at least `INFLATE_MIN_INPUT` bytes unless it is the last.
 */
export class Inflate {
  /** Decoded bytes lie from `outputStart` to `outputEnd`; whoever takes some moves `outputStart`. */
  readonly output: Uint8Array<ArrayBuffer> = new Uint8Array(OUTPUT_SIZE);
  outputStart = 0;
  outputEnd = 0;
  /** The first input byte that `run` did not use. */
  position = 0;
  /** What is wrong with the data, once `run` has returned `INFLATE_ERROR`. */
  reason = "";

  #state = BLOCK_HEADER;
  #lastBlock = false;
  /** Bits read and not used, fewer than 8 between runs. */
  #hold = 0;
  #bits = 0;
  #storedLeft = 0;
  /** Bytes of this stream that a match may refer to are those from here on. */
  #origin = 0;
  readonly #ownLiterals = new Int32Array(LITERAL_TABLE_SIZE);
  readonly #ownDistances = new Int32Array(DISTANCE_TABLE_SIZE);
  #literals: Int32Array = this.#ownLiterals;
  #distances: Int32Array = this.#ownDistances;
  readonly #codeLengthTable = new Int32Array(1 << CODE_LENGTH_ROOT);
  readonly #lengths = new Uint8Array(MAX_LITERALS + MAX_DISTANCES);

  /** Begins a new stream. Output that was not taken yet stays to be taken. */
  reset(): void {
    this.#state = BLOCK_HEADER;
    this.#lastBlock = false;
    this.#hold = 0;
    this.#bits = 0;
    this.#origin = this.outputEnd;
  }

  /**
   * Decodes input from `start` to `end` until it is used up (`INFLATE_NEEDS_INPUT`), the output is full
   * (`INFLATE_FULL`), the stream ends (`INFLATE_END`) or makes no sense (`INFLATE_ERROR`).
   * @param input is read, never used, up to `INFLATE_SLACK` bytes behind `end`
   */
  run(input: Uint8Array, start: number, end: number): number {
    this.#makeRoom();
    this.position = start;
    for (;;) {
      let stop: number;
      if (this.#state === SYMBOLS) stop = this.#symbols(input, end);
      else if (this.#state === STORED) stop = this.#stored(input, end);
      else if (this.#state === FAILED) stop = INFLATE_ERROR;
      else if (this.#state === BLOCK_HEADER && !this.#lastBlock) stop = this.#blockHeader(input, end);
      else stop = this.#endOfStream();
      if (stop !== GO_ON) return stop;
    }
  }

  #makeRoom(): void {
    if (this.outputStart < this.outputEnd || this.outputEnd <= OUTPUT_SIZE - WINDOW_SIZE) return;
    const moved = this.outputEnd - WINDOW_SIZE;
    this.output.copyWithin(0, moved, this.outputEnd);
    this.#origin = Math.max(0, this.#origin - moved);
    this.outputStart = this.outputEnd = WINDOW_SIZE;
  }

  #endOfStream(): number {
    this.#state = END_OF_STREAM;
    this.#hold = 0;
    this.#bits = 0;
    return INFLATE_END;
  }

  #fail(reason: string): number {
    this.reason = reason;
    this.#state = FAILED;
    return INFLATE_ERROR;
  }

  // RFC 1951 3.2.3
  #blockHeader(input: Uint8Array, end: number): number {
    const reader = new BitReader(input, this.position, this.#hold, this.#bits);
    const last = reader.take(1) === 1;
    const type = reader.take(2);
    let state = SYMBOLS;
    let reason = "";
    if (type === 0) {
      reader.toByte();
      this.#storedLeft = reader.take(16);
      if (reader.take(16) !== (~this.#storedLeft & 0xffff)) reason = "stored block length";
      state = STORED;
    } else if (type === 1) {
      ({ literals: this.#literals, distances: this.#distances } = fixedTables());
    } else if (type === 2) {
      reason = this.#dynamicTables(reader, end);
      this.#literals = this.#ownLiterals;
      this.#distances = this.#ownDistances;
    } else {
      reason = "reserved block type";
    }
    if (reader.isPast(end)) return INFLATE_NEEDS_INPUT;
    if (reason) return this.#fail(reason);
    this.#lastBlock = last;
    this.#state = state;
    this.#leave(reader.position, reader.hold, reader.bits);
    return GO_ON;
  }

  /** Builds both tables of a dynamic block (RFC 1951 3.2.7); returns what is wrong with them, or "". */
  #dynamicTables(reader: BitReader, end: number): string {
    const literals = reader.take(5) + 257;
    const distances = reader.take(5) + 1;
    const codeLengths = reader.take(4) + 4;
    if (literals > 286 || distances > 30) return "too many symbols";

    const lengths = this.#lengths;
    lengths.fill(0, 0, 19);
    for (let i = 0; i < codeLengths; i++) lengths[CODE_LENGTH_ORDER[i]] = reader.take(3);
    const table = this.#codeLengthTable;
    if (!buildTable(table, CODE_LENGTH_ROOT, lengths.subarray(0, 19), symbolEntries().codeLengths))
      return "code lengths";

    const total = literals + distances;
    for (let i = 0; i < total; ) {
      if (reader.isPast(end)) return "";
      const entry = table[reader.peek(CODE_LENGTH_ROOT)];
      if (entry === 0) return "code length symbol";
      reader.take(entry & LENGTH_MASK);
      const symbol = entry >>> VALUE_SHIFT;
      if (symbol < 16) {
        lengths[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) return "nothing to repeat";
      const repeat =
        symbol === 16 ? 3 + reader.take(2) : symbol === 17 ? 3 + reader.take(3) : 11 + reader.take(7);
      if (i + repeat > total) return "too many code lengths";
      lengths.fill(symbol === 16 ? lengths[i - 1] : 0, i, i + repeat);
      i += repeat;
    }
    if (lengths[END_OF_BLOCK] === 0) return "no end of block";
    const entries = symbolEntries();
    if (!buildTable(this.#ownLiterals, LITERAL_ROOT, lengths.subarray(0, literals), entries.literals)) {
      return "literal codes";
    }
    if (
      !buildTable(this.#ownDistances, DISTANCE_ROOT, lengths.subarray(literals, total), entries.distances)
    ) {
      return "distance codes";
    }
    return "";
  }

  // RFC 1951 3.2.4. The header left hold empty but for whole bytes, which #leave gave back.
  #stored(input: Uint8Array, end: number): number {
    const n = Math.min(this.#storedLeft, end - this.position, OUTPUT_SIZE - this.outputEnd);
    this.output.set(input.subarray(this.position, this.position + n), this.outputEnd);
    this.position += n;
    this.outputEnd += n;
    this.#storedLeft -= n;
    if (this.#storedLeft === 0) this.#state = BLOCK_HEADER;
    else if (this.outputEnd === OUTPUT_SIZE) return INFLATE_FULL;
    else return INFLATE_NEEDS_INPUT;
    return GO_ON;
  }

  // RFC 1951 3.2.5: the loop that all the time goes into.
  #symbols(input: Uint8Array, end: number): number {
    const output = this.output;
    const literals = this.#literals;
    const distances = this.#distances;
    const origin = this.#origin;
    let position = this.position;
    let hold = this.#hold;
    let bits = this.#bits;
    let out = this.outputEnd;
    let stop = INFLATE_FULL;

    while (out <= OUTPUT_SIZE - LONGEST_MATCH) {
      const startPosition = position;
      const startHold = hold;
      const startBits = bits;
      if (bits < 16) {
        hold |= (input[position] | (input[position + 1] << 8)) << bits;
        position += 2;
        bits += 16;
      }
      let entry = literals[hold & LITERAL_MASK];
      if ((entry & SUBTABLE) !== 0) {
        entry =
          literals[(entry >>> VALUE_SHIFT) + ((hold >>> LITERAL_ROOT) & ((1 << (entry & LENGTH_MASK)) - 1))];
      }
      hold >>>= entry & LENGTH_MASK;
      bits -= entry & LENGTH_MASK;

      if ((entry & LITERAL) !== 0) {
        if (position > end && position - (bits >> 3) > end) {
          position = startPosition;
          hold = startHold;
          bits = startBits;
          stop = INFLATE_NEEDS_INPUT;
          break;
        }
        output[out++] = entry >>> VALUE_SHIFT;
        continue;
      }
      if (bits < 16) {
        hold |= (input[position] | (input[position + 1] << 8)) << bits;
        position += 2;
        bits += 16;
      }
      let extra = (entry >>> EXTRA_SHIFT) & LENGTH_MASK;
      const length = (entry >>> VALUE_SHIFT) + (hold & ((1 << extra) - 1));
      hold >>>= extra;
      bits -= extra;
      const lengthEntry = entry;
      let distance = 0;
      if ((entry & MATCH) !== 0) {
        if (bits < 16) {
          hold |= (input[position] | (input[position + 1] << 8)) << bits;
          position += 2;
          bits += 16;
        }
        entry = distances[hold & DISTANCE_MASK];
        if ((entry & SUBTABLE) !== 0) {
          entry =
            distances[
              (entry >>> VALUE_SHIFT) + ((hold >>> DISTANCE_ROOT) & ((1 << (entry & LENGTH_MASK)) - 1))
            ];
        }
        hold >>>= entry & LENGTH_MASK;
        bits -= entry & LENGTH_MASK;
        if (bits < 16) {
          hold |= (input[position] | (input[position + 1] << 8)) << bits;
          position += 2;
          bits += 16;
        }
        extra = (entry >>> EXTRA_SHIFT) & LENGTH_MASK;
        distance = (entry >>> VALUE_SHIFT) + (hold & ((1 << extra) - 1));
        hold >>>= extra;
        bits -= extra;
      }
      if (position > end && position - (bits >> 3) > end) {
        position = startPosition;
        hold = startHold;
        bits = startBits;
        stop = INFLATE_NEEDS_INPUT;
        break;
      }
      if ((lengthEntry & MATCH) === 0) {
        if (lengthEntry === 0) stop = this.#fail("literal or length symbol");
        else {
          this.#state = BLOCK_HEADER;
          stop = GO_ON;
        }
        break;
      }
      if (entry === 0 || distance > out - origin) {
        stop = this.#fail(entry === 0 ? "distance symbol" : "distance too far back");
        break;
      }
      let from = out - distance;
      const to = out + length;
      while (out < to) output[out++] = output[from++];
    }

    this.outputEnd = out;
    this.#leave(position, hold, bits);
    return stop;
  }

  /** Gives whole bytes in hold back to the input, so that what was used is exact to the byte. */
  #leave(position: number, hold: number, bits: number): void {
    this.position = position - (bits >> 3);
    this.#bits = bits & 7;
    this.#hold = hold & ((1 << (bits & 7)) - 1);
  }
}

/** What `Inflate.run` stopped for. */
export const INFLATE_NEEDS_INPUT = 1;
export const INFLATE_FULL = 2;
export const INFLATE_END = 3;
export const INFLATE_ERROR = 4;
const GO_ON = 0;

/** Bytes that a block header may take, rounded up. */
export const INFLATE_MIN_INPUT = 1024;
/** Bytes readable behind the input. */
export const INFLATE_SLACK = 16;

const BLOCK_HEADER = 0;
const STORED = 1;
const SYMBOLS = 2;
const END_OF_STREAM = 3;
const FAILED = 4;

const WINDOW_SIZE = 32768;
const OUTPUT_SIZE = 4 * WINDOW_SIZE;

/** Bits in DEFLATE's order. Reads zeros behind the end; `isPast` tells. */
class BitReader {
  readonly #input: Uint8Array;
  position: number;
  hold: number;
  bits: number;

  constructor(input: Uint8Array, position: number, hold: number, bits: number) {
    this.#input = input;
    this.position = position;
    this.hold = hold;
    this.bits = bits;
  }

  /** The next `count` bits, up to 16, which stay. */
  peek(count: number): number {
    while (this.bits < count) {
      this.hold |= this.#input[this.position++] << this.bits;
      this.bits += 8;
    }
    return this.hold & ((1 << count) - 1);
  }

  take(count: number): number {
    const value = this.peek(count);
    this.hold >>>= count;
    this.bits -= count;
    return value;
  }

  toByte(): void {
    this.take(this.bits & 7);
  }

  isPast(end: number): boolean {
    return this.position - (this.bits >> 3) > end;
  }
}
