import { addWord, begin, digest, finish } from "../tcp/siphash.ts";
import type { LocalAddress } from "./interface.ts";
import type { IpAddress } from "./ip-address.ts";
import type { Listeners } from "./listeners.ts";
import type { Stack } from "./stack.ts";

const FIRST = 32768;
const LAST = 65535;
const COUNT = LAST - FIRST + 1;
/** Counters of RFC 6056 3.3.4: enough that one says little about the others. */
const COUNTERS = 64;

/**
 * Ephemeral ports by the double hash of RFC 6056 3.3.4: ports to one peer follow one another from a secret start, so
 * that one is used again as late as can be, and nobody else can guess it.
 */
export class EphemeralPorts {
  readonly #stack: Stack;
  readonly #listeners: Listeners;
  readonly #counters = new Uint16Array(COUNTERS);

  constructor(stack: Stack, listeners: Listeners) {
    this.#stack = stack;
    this.#listeners = listeners;
    for (let i = 0; i < COUNTERS; i++) this.#counters[i] = stack.random();
  }

  /** A port from which there is no connection to the peer; 0 when there is none left. */
  next(local: LocalAddress, remote: IpAddress, remotePort: number): number {
    const { table, secret } = this.#stack;
    begin(secret);
    for (const word of [local.index, remote.w0, remote.w1, remote.w2, remote.w3, remotePort]) addWord(word);
    finish();
    const offset = digest.low >>> 0;
    const counter = digest.high & (COUNTERS - 1);
    for (let tries = 0; tries < COUNT; tries++) {
      const port = FIRST + ((offset + this.#counters[counter]++) % COUNT);
      const ports = (port << 16) | remotePort;
      const isTaken = table.find(local.index, remote.w0, remote.w1, remote.w2, remote.w3, ports) >= 0;
      if (!isTaken && !this.#listeners.hasPort(port)) return port;
    }
    return 0;
  }

  /** A port at which nobody listens; 0 when there is none left. */
  forListener(): number {
    const start = this.#stack.random();
    for (let tries = 0; tries < COUNT; tries++) {
      const port = FIRST + ((start + tries) % COUNT);
      if (!this.#listeners.hasPort(port)) return port;
    }
    return 0;
  }
}
