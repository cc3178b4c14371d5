// Zeek's history: a letter for each kind of thing that an end did, in the order of the first time; some of
// them again at the 10th, 100th... time.
import { R_STATISTICS } from "../layout/flow-record";
import {
  LETTER_ACK,
  LETTER_DATA,
  LETTER_FIN,
  LETTER_INCONSISTENT,
  LETTER_MULTIPLE,
  LETTER_RST,
  LETTER_SERVER,
  LETTER_SYN,
  LETTER_SYN_ACK,
  N_LETTERS,
  T_CLIENT_NUMBERS,
  T_HISTORY,
  T_HISTORY_MAX,
  T_LETTERS,
  T_NUMBERS_BYTES,
  T_OVERFLOWN,
} from "../layout/flow-statistics";
import { ACK, FIN, RST, SYN } from "../layout/wire";

/** The letters of a segment's flags and data as bits 1 << LETTER_. */
// @ts-ignore: decorator
@inline
export function lettersOf(flags: u32, data: bool): u32 {
  let letters: u32 = 0;
  if (flags & SYN) {
    letters = flags & ACK ? 1 << LETTER_SYN_ACK : 1 << LETTER_SYN;
    if (flags & RST) letters |= 1 << LETTER_INCONSISTENT;
    else if (flags & FIN) letters |= 1 << LETTER_MULTIPLE;
  }
  if (data) letters |= 1 << LETTER_DATA;
  if (flags & FIN) letters |= 1 << LETTER_FIN;
  if (flags & RST) letters |= 1 << LETTER_RST;
  if ((flags & (SYN | FIN | RST | ACK)) == ACK && !data) letters |= 1 << LETTER_ACK;
  return letters;
}

// Without statistics: up to six letters, the first in the lowest bits.

/** Adds what is new of `letters`; false when there is no room. */
export function addSlim(record: u32, direction: u32, letters: u32): bool {
  let history = load<u32>(record, R_STATISTICS);
  let place: u32 = 0;
  for (let rest = history; rest; rest >>= 5) {
    if ((rest & LETTER_SERVER) >> 4 == direction) letters &= ~(1 << (rest & 15));
    place += 5;
  }
  for (let letter: u32 = 1; letters >> letter; letter++) {
    if (!((letters >> letter) & 1)) continue;
    if (place == 30) return false;
    history |= (letter | (direction << 4)) << place;
    place += 5;
  }
  store<u32>(record, history, R_STATISTICS);
  return true;
}

/** Takes over the letters from before there were statistics. */
export function unpack(history: u32, statistics: u32): void {
  for (; history; history >>= 5) {
    const numbers = numbersOf(statistics, (history & LETTER_SERVER) >> 4);
    store<u16>(numbers, <u32>load<u16>(numbers, N_LETTERS) | (1 << (history & 15)), N_LETTERS);
    append(statistics, history & (15 | LETTER_SERVER));
  }
}

/** What of a side with statistics is in the cache line of both. */
// @ts-ignore: decorator
@inline
export function numbersOf(statistics: u32, direction: u32): u32 {
  return statistics + T_CLIENT_NUMBERS + direction * T_NUMBERS_BYTES;
}

/** Adds what is new of `letters` to the history of the end `direction` (0: client). */
// @ts-ignore: decorator
@inline
export function addLetters(statistics: u32, direction: u32, letters: u32): void {
  const had = <u32>load<u16>(numbersOf(statistics, direction), N_LETTERS);
  if (letters & ~had) addNew(statistics, direction, letters & ~had);
}

function addNew(statistics: u32, direction: u32, letters: u32): void {
  const numbers = numbersOf(statistics, direction);
  store<u16>(numbers, <u32>load<u16>(numbers, N_LETTERS) | letters, N_LETTERS);
  for (let letter: u32 = 1; letters >> letter; letter++) {
    if ((letters >> letter) & 1) append(statistics, letter | (direction << 4));
  }
}

/** Adds a letter that is repeated at the 10th, 100th... time. `count` includes this time. */
export function addRepeated(statistics: u32, direction: u32, letter: u32, count: u32): void {
  if (count == 1) addLetters(statistics, direction, 1 << letter);
  else if (isPowerOfTen(count)) append(statistics, letter | (direction << 4));
}

function isPowerOfTen(n: u32): bool {
  while (n >= 10 && n % 10 == 0) n /= 10;
  return n == 1;
}

function append(statistics: u32, letter: u32): void {
  const length = <u32>load<u8>(statistics, T_LETTERS);
  if (length == T_HISTORY_MAX) {
    store<u8>(statistics, 1, T_OVERFLOWN);
    return;
  }
  store<u8>(statistics + length, <u8>letter, T_HISTORY);
  store<u8>(statistics, <u8>(length + 1), T_LETTERS);
}
