import type { IpAddress } from "./ip-address.ts";

/** A station's address on Ethernet: its first 16 bits, and its last 32. */
export interface Mac {
  readonly high: number;
  readonly low: number;
}

/** Where frames to a group go (RFC 1112 6.4, RFC 2464 7). */
export function groupOf({ family, w0, w3 }: IpAddress): Mac {
  return family === 4 ? { high: 0x0100, low: 0x5e000000 | (w0 & 0x7fffff) } : { high: 0x3333, low: w3 };
}

/** The station that 6 bytes name. @throws {TypeError} when it is none */
export function macOf(bytes: Uint8Array): Mac {
  if (bytes.length !== 6 || bytes[0] & 1) throw new TypeError("mac: expected the 6 bytes of one station");
  return {
    high: (bytes[0] << 8) | bytes[1],
    low: (bytes[2] << 24) | (bytes[3] << 16) | (bytes[4] << 8) | bytes[5],
  };
}

/** A random one, locally administered. */
export function randomMac(random: () => number): Mac {
  return { high: (random() & 0xfcff) | 0x0200, low: random() | 0 };
}
