// Layouts of options that are known: which kinds of which lengths follow each other. To read options one by one costs
// a branch or two an option that no processor guesses, and stacks write few layouts. A header whose bytes of kind and
// length are those of a known one is read by it, without a branch: its values are where they were the last time.
//
// A header whose layout is not known is not straight (straight.ts). It is read in the usual way (options.ts), and its
// layout takes the place of the one that was learned longest ago. What a hostile capture gains by ever new layouts is
// that its headers go that way, and each is learned in vain.
import { inOrder, load16 } from "./bytes";
import {
  KNOWN,
  KNOWN_BITS,
  KNOWN_INDEX,
  KNOWN_LAYOUTS,
  KNOWN_SIZE,
  MSS,
  OPTIONS_SEEN,
  SACK_COUNT,
  SACK_EDGES,
  SACK_START,
  SEEN_MSS,
  SEEN_OTHER,
  SEEN_SACK,
  SEEN_SACK_PERMITTED,
  SEEN_TIMESTAMPS,
  SEEN_WINDOW_SCALE,
  TSECR,
  TSVAL,
  WINDOW_SCALE,
} from "./layout/columns";
import { RARE_SACK_START, STATE_RARE, STATE_SACK_BLOCKS, STATE_UNKNOWN } from "./layout/state";
import {
  OPT_EOL,
  OPT_MSS,
  OPT_NOP,
  OPT_SACK,
  OPT_SACK_PERMITTED,
  OPT_TIMESTAMPS,
  OPT_WINDOW_SCALE,
} from "./layout/wire";
import { PADDED_TIMESTAMPS } from "./options";

// A layout says what there is to know of the options behind padded timestamps, or of all where these do not come first.
// Its offsets count from there.
const KEY = 0; // u32 bytes of options, and PADDED; 0 where there is none
const SEEN = 4; // u8 the column
const BLOCKS = 5; // u8 of SACK
const MSS_AT = 6; // u8 offsets of the values...
const SHIFT_AT = 7;
const SACK_AT = 8;
const TIMES_AT = 9; // i8 before the others where they are padded
const MSS_MASK = 10; // u16 ...and ones where they count
const SHIFT_MASK = 12; // u8
const TIMES_MASK = 16; // u64
const BYTES = 32; // two vectors: the bytes of kind and length...
const MASK = BYTES + 32; // ...and which these are
// Those of longer options have to lie in these two, too.
const COVERED: u32 = 32;

const PADDED: u32 = 64;
const PADDED_LENGTH: u32 = 12;

// A hash is made of the first option's kind and length. NOP, NOP and MSS say less than what follows them, which is
// taken with them where it is there.
const TWO_NOPS: u64 = (OPT_NOP << 8) | OPT_NOP;
const MSS_FIRST: u64 = (4 << 8) | OPT_MSS;

// @ts-ignore: decorator
@inline
function isPadded(p: u32, length: u32): u32 {
  return <u32>(load<u32>(p) == PADDED_TIMESTAMPS) & <u32>(length >= PADDED_LENGTH);
}

// @ts-ignore: decorator
@inline
function hashOf(p: u32, rest: u32, key: u32): u32 {
  const word = load<u64>(p);
  const first = word & 0xffff;
  let mask: u64 = 0xffff;
  mask = select<u64>(0xffffffff, mask, first == TWO_NOPS);
  mask = select<u64>(0x0000ffff_0000ffff, mask, first == MSS_FIRST && rest > 4);
  const mixed = ((word & mask) | (<u64>key << 48)) * 0x9e3779b97f4a7c15;
  return <u32>(mixed >> (64 - KNOWN_BITS));
}

/**
 * Reads the `length` bytes of options at `p`, at least one, into the option columns of `row` if their layout is known,
 * and returns whether it is: all of them are in order then. Reads up to 32 bytes past the end.
 */
// @ts-ignore: decorator
@inline
export function readKnown(row: u32, p: u32, length: u32): bool {
  const padded = isPadded(p, length);
  const key = length | (padded * PADDED);
  const from = p + padded * PADDED_LENGTH;
  const hash = hashOf(from, length - padded * PADDED_LENGTH, key);
  const at = KNOWN + load<u8>(hash, KNOWN_INDEX) * KNOWN_SIZE;
  const head = v128.and(v128.xor(v128.load(from), v128.load(at, BYTES)), v128.load(at, MASK));
  const tail = v128.and(v128.xor(v128.load(from, 16), v128.load(at, BYTES + 16)), v128.load(at, MASK + 16));
  if (<u32>v128.any_true(v128.or(head, tail)) | (load<u32>(at, KEY) ^ key)) {
    store<u32>(STATE_UNKNOWN, p);
    return false;
  }
  const i4 = row << 2;
  const times = inOrder(v128.and(v128.load64_zero(from + load<i8>(at, TIMES_AT)), v128.load64_zero(at, TIMES_MASK)));
  store<f32>(i4, f32x4.extract_lane(times, 0), TSVAL);
  store<f32>(i4, f32x4.extract_lane(times, 1), TSECR);
  store<u16>(row << 1, <u16>(load16(from + load<u8>(at, MSS_AT)) & load<u16>(at, MSS_MASK)), MSS);
  store<u8>(row, load<u8>(from + load<u8>(at, SHIFT_AT)) & load<u8>(at, SHIFT_MASK), WINDOW_SCALE);
  store<u8>(row, load<u8>(at, SEEN), OPTIONS_SEEN);
  // As many blocks as there may be: those behind the ones that count are written over, or lie in the stagger.
  const blocks: u32 = load<u8>(at, BLOCKS);
  const block = load<u32>(STATE_SACK_BLOCKS);
  const edges = from + load<u8>(at, SACK_AT);
  v128.store(block << 3, inOrder(v128.load(edges)), SACK_EDGES);
  v128.store(block << 3, inOrder(v128.load(edges, 16)), SACK_EDGES + 16);
  store<u8>(row, <u8>blocks, SACK_COUNT);
  store<u32>(i4, select<u32>(block, 0, blocks != 0), SACK_START);
  store<u32>(STATE_SACK_BLOCKS, block + blocks);
  store<u32>(STATE_RARE, load<u32>(STATE_RARE) | (blocks ? RARE_SACK_START : 0));
  return true;
}

// Where the next layout goes.
let place: u32 = 0;

/**
 * Learns the layout of the options in [`p`, `end`), which are in order, if it is these that `readKnown` did not know. Not
 * learned are two of SACK, and bytes of kind or length further back than is compared.
 */
export function learn(p: u32, end: u32): void {
  if (load<u32>(STATE_UNKNOWN) != p) return;
  store<u32>(STATE_UNKNOWN, 0);
  const padded = isPadded(p, end - p);
  const key = (end - p) | (padded * PADDED);
  const from = p + padded * PADDED_LENGTH;
  const at = KNOWN + place * KNOWN_SIZE;
  memory.fill(at, 0, KNOWN_SIZE);
  let seen: u32 = 0;
  if (padded) {
    seen = SEEN_TIMESTAMPS;
    noteTimes(at, -8);
  }
  let offset: u32 = 0;
  const length = end - from;
  while (offset < length) {
    const kind: u32 = load<u8>(from + offset);
    if (!noteByte(at, from, offset)) return;
    if (kind == OPT_EOL) break;
    if (kind == OPT_NOP) {
      offset++;
      continue;
    }
    if (!noteByte(at, from, offset + 1)) return;
    const size: u32 = load<u8>(from + offset, 1);
    const value = <u8>(offset + 2);
    if (kind == OPT_SACK) {
      if (seen & SEEN_SACK) return;
      seen |= SEEN_SACK;
      store<u8>(at, value, SACK_AT);
      store<u8>(at, <u8>((size - 2) >> 3), BLOCKS);
    } else if (kind == OPT_TIMESTAMPS) {
      seen |= seen & SEEN_TIMESTAMPS ? SEEN_OTHER : SEEN_TIMESTAMPS;
      noteTimes(at, <i8>value);
    } else if (kind == OPT_MSS) {
      seen |= seen & SEEN_MSS ? SEEN_OTHER : SEEN_MSS;
      store<u8>(at, value, MSS_AT);
      store<u16>(at, 0xffff, MSS_MASK);
    } else if (kind == OPT_WINDOW_SCALE) {
      seen |= seen & SEEN_WINDOW_SCALE ? SEEN_OTHER : SEEN_WINDOW_SCALE;
      store<u8>(at, value, SHIFT_AT);
      store<u8>(at, 0xff, SHIFT_MASK);
    } else if (kind == OPT_SACK_PERMITTED) seen |= SEEN_SACK_PERMITTED;
    else seen |= SEEN_OTHER;
    offset += size;
  }
  store<u8>(at, <u8>seen, SEEN);
  store<u32>(at, key, KEY);
  store<u8>(hashOf(from, length, key), <u8>place, KNOWN_INDEX);
  place = (place + 1) & (KNOWN_LAYOUTS - 1);
}

function noteTimes(at: u32, offset: i8): void {
  store<i8>(at, offset, TIMES_AT);
  store<u64>(at, u64.MAX_VALUE, TIMES_MASK);
}

function noteByte(at: u32, from: u32, offset: u32): bool {
  if (offset >= COVERED) return false;
  store<u8>(at + offset, load<u8>(from + offset), BYTES);
  store<u8>(at + offset, 0xff, MASK);
  return true;
}
