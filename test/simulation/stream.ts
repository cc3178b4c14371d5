// The bytes that an application sends: each place in the stream has its own, so that one byte lost, doubled or moved shows.

// A prime, so that no segment size and no ring size divides it.
const PERIOD = 65_521;
/** The longest piece that `streamBytes` gives. */
export const LONGEST = PERIOD;

const patterns = [made(0x9e3779b9), made(0x85ebca6b)];

function made(seed: number): Uint8Array {
  const bytes = new Uint8Array(PERIOD + LONGEST);
  let x = seed;
  for (let i = 0; i < PERIOD; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    bytes[i] = x;
  }
  bytes.copyWithin(PERIOD, 0, LONGEST);
  return bytes;
}

/** `count` bytes, at most `LONGEST`, from place `from` of what host `sender` sends. A view: do not write to it. */
export function streamBytes(sender: number, from: number, count: number): Uint8Array {
  const at = from % PERIOD;
  return patterns[sender].subarray(at, at + count);
}

/** The first place at which `bytes` are not what host `sender` sends at `from`; -1 when there is none. */
export function firstWrong(bytes: Uint8Array, sender: number, from: number): number {
  const expected = patterns[sender];
  for (let i = 0, at = from % PERIOD; i < bytes.length; i++) {
    if (bytes[i] !== expected[at]) return from + i;
    if (++at === expected.length) at -= PERIOD;
  }
  return -1;
}
