// The Huffman codes of DEFLATE (RFC 1951 3.2.2 to 3.2.6) as tables to look symbols up in.

export const MAX_LITERALS = 288;
export const MAX_DISTANCES = 32;
/** Bytes of the longest match. */
export const LONGEST_MATCH = 258;
export const END_OF_BLOCK = 256;

// The first `ROOT` bits of the input index a table. Its entry is the symbol's, or points at a subtable that
// the next bits index. A subtable holds two symbols at least, so that half as many is the most there can be.
const LONGEST_CODE = 15;
export const LITERAL_ROOT = 10;
export const LITERAL_MASK = (1 << LITERAL_ROOT) - 1;
export const LITERAL_TABLE_SIZE = (1 << LITERAL_ROOT) + ((MAX_LITERALS / 2) << (LONGEST_CODE - LITERAL_ROOT));
export const DISTANCE_ROOT = 8;
export const DISTANCE_MASK = (1 << DISTANCE_ROOT) - 1;
export const DISTANCE_TABLE_SIZE =
  (1 << DISTANCE_ROOT) + ((MAX_DISTANCES / 2) << (LONGEST_CODE - DISTANCE_ROOT));
export const CODE_LENGTH_ROOT = 7;

// An entry: bits of the code (or of the subtable's index), extra bits, what it is, its value.
// 0 is a code that the block does not have.
export const LENGTH_MASK = 15;
export const EXTRA_SHIFT = 4;
export const LITERAL = 0x100;
export const MATCH = 0x200;
export const SUBTABLE = 0x400;
const END = 0x800;
export const VALUE_SHIFT = 12;

export const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

interface Symbols {
  readonly codeLengths: Int32Array;
  readonly literals: Int32Array;
  readonly distances: Int32Array;
}

let symbols: Symbols | undefined;

/**
 * Each symbol's entry without the length of its code (RFC 1951 3.2.5). Made when it is first needed: most captures are
 * not compressed.
 */
export function symbolEntries(): Symbols {
  symbols ??= {
    codeLengths: Int32Array.from({ length: 19 }, (_, symbol) => symbol << VALUE_SHIFT),
    literals: literalSymbols(),
    distances: distanceSymbols(),
  };
  return symbols;
}

/** The tables of a block with fixed codes (RFC 1951 3.2.6). */
export function fixedTables(): { literals: Int32Array; distances: Int32Array } {
  if (fixed === undefined) {
    const literals = new Int32Array(LITERAL_TABLE_SIZE);
    const distances = new Int32Array(DISTANCE_TABLE_SIZE);
    const lengths = Uint8Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
    buildTable(literals, LITERAL_ROOT, lengths, symbolEntries().literals);
    buildTable(distances, DISTANCE_ROOT, new Uint8Array(32).fill(5), symbolEntries().distances);
    fixed = { literals, distances };
  }
  return fixed;
}

let fixed: { literals: Int32Array; distances: Int32Array } | undefined;

function literalSymbols(): Int32Array {
  const symbols = new Int32Array(MAX_LITERALS);
  for (let i = 0; i < END_OF_BLOCK; i++) symbols[i] = LITERAL | (i << VALUE_SHIFT);
  symbols[END_OF_BLOCK] = END;
  for (let i = 0, length = 3; i < 28; i++) {
    const extra = i < 8 ? 0 : (i >> 2) - 1;
    symbols[257 + i] = MATCH | (extra << EXTRA_SHIFT) | (length << VALUE_SHIFT);
    length += 1 << extra;
  }
  symbols[285] = MATCH | (LONGEST_MATCH << VALUE_SHIFT);
  return symbols;
}

function distanceSymbols(): Int32Array {
  const symbols = new Int32Array(MAX_DISTANCES);
  for (let i = 0, distance = 1; i < 30; i++) {
    const extra = i < 4 ? 0 : (i >> 1) - 1;
    symbols[i] = MATCH | (extra << EXTRA_SHIFT) | (distance << VALUE_SHIFT);
    distance += 1 << extra;
  }
  return symbols;
}

/**
 * Fills `table` from the lengths of a canonical code (RFC 1951 3.2.2). False when they make no code:
 * over-subscribed, or incomplete, except that a single distance code of one bit is allowed (and a block
 * without matches may have none).
 */
export function buildTable(
  table: Int32Array,
  root: number,
  lengths: Uint8Array,
  entries: Int32Array,
): boolean {
  const { codeLengths, distances } = symbolEntries();
  const count = new Uint16Array(16);
  for (const length of lengths) count[length]++;
  let longest = 15;
  while (longest > 0 && count[longest] === 0) longest--;
  table.fill(0, 0, 1 << root);
  if (longest === 0) return entries === distances;

  let left = 1;
  for (let length = 1; length <= 15; length++) {
    left = (left << 1) - count[length];
    if (left < 0) return false;
  }
  if (left > 0 && (entries === codeLengths || longest > 1)) return false;

  const next = new Uint16Array(16);
  for (let length = 1, code = 0; length <= 15; length++) {
    next[length] = code;
    code = (code + count[length]) << 1;
  }
  let free = 1 << root;
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol];
    if (length === 0) continue;
    const code = reverse(next[length]++, length);
    if (length <= root) {
      const entry = entries[symbol] === 0 && entries !== codeLengths ? 0 : entries[symbol] | length;
      for (let i = code; i < 1 << root; i += 1 << length) table[i] = entry;
      continue;
    }
    // The subtable of this prefix is as wide as the longest code can be.
    const prefix = code & ((1 << root) - 1);
    const width = longest - root;
    if (table[prefix] === 0) {
      table[prefix] = SUBTABLE | width | (free << VALUE_SHIFT);
      table.fill(0, free, free + (1 << width));
      free += 1 << width;
    }
    const entry = entries[symbol] === 0 ? 0 : entries[symbol] | length;
    const base = table[prefix] >>> VALUE_SHIFT;
    for (let i = code >>> root; i < 1 << width; i += 1 << (length - root)) table[base + i] = entry;
  }
  return true;
}

function reverse(code: number, length: number): number {
  let reversed = 0;
  for (let i = 0; i < length; i++) reversed |= ((code >> i) & 1) << (length - 1 - i);
  return reversed;
}
