// Packets for the specs, written as the bytes that they are. They lie above what the arena hands out.
import { resetCounters } from "../batch";
import { openFrame } from "../cursor";
import { STATE, STATE_END } from "../layout/state";

export const PACKET: u32 = 16 << 20;
const ROOM: u32 = 1 << 16;

// What lies behind a packet: it must not matter.
const BEHIND: u8 = 0xa5;

let end: u32 = PACKET;

/** Empties the packet, and the counters and the state with it. */
export function clear(): void {
  memory.fill(PACKET, BEHIND, ROOM);
  memory.fill(STATE, 0, STATE_END - STATE);
  resetCounters();
  end = PACKET;
}

/** Appends bytes given in hexadecimal, blanks between them as one likes. Returns where they start. */
export function put(text: string): u32 {
  const start = end;
  let high = -1;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c == 32) continue;
    const digit = c <= 57 ? c - 48 : c - 87;
    if (high < 0) high = digit;
    else {
      store<u8>(end++, <u8>((high << 4) | digit));
      high = -1;
    }
  }
  return start;
}

/** Appends `n` bytes of one value. */
export function fill(value: u8, n: u32): u32 {
  const start = end;
  memory.fill(start, value, n);
  end += n;
  return start;
}

/** Where the bytes so far end. */
export function tail(): u32 {
  return end;
}

/** How many bytes there are. */
export function size(): u32 {
  return end - PACKET;
}

/** Opens the bytes so far as a frame that was captured whole. */
export function openWhole(): void {
  openFrame(PACKET, size(), size());
}

/** The bytes at `p` in network order, as one number. */
export function word(p: u32): u32 {
  return bswap<u32>(load<u32>(p));
}

// The value of a row in a column.
export function cell8(row: u32, column: u32): u32 {
  return load<u8>(column + row);
}

export function cell16(row: u32, column: u32): u32 {
  return load<u16>(column + (row << 1));
}

export function cell32(row: u32, column: u32): u32 {
  return load<u32>(column + (row << 2));
}

export function counter(address: u32): u64 {
  return load<u64>(address);
}
