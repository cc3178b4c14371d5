// Which conversation a segment is part of, by Wireshark's rule: a SYN begins another when its number is not the one that
// is held for its sender, and what is held is what the sender's first segment had, or what its peer acknowledged first.
import { ACK, SYN } from "../../assembly/layout/wire.ts";
import { check } from "./failure.ts";
import type { Truth } from "./tap.ts";

export class Conversations {
  /** By host: the number held, and whether something else than a SYN told it: a RST, or data that have overtaken the SYN. */
  #held: [number | undefined, number | undefined] = [undefined, undefined];
  #isGuessed: [boolean, boolean] = [false, false];
  readonly #bakes: (host: number) => boolean;
  #stream = 0;
  #life = 0;
  /** Who sent its first segment. */
  #first: number | undefined;
  /** The segment taken last began another one. */
  isReused = false;
  /** The SYN,ACK taken last had another number than the one before it. */
  isReanswered = false;

  /** @param bakes whether a host answers with SYN cookies */
  constructor(bakes: (host: number) => boolean) {
    this.#bakes = bakes;
  }

  get count(): number {
    return this.#stream + 1;
  }

  /** Takes the next segment. @returns where it belongs */
  take(
    { host, life, seq, flags }: Truth,
    ack: number,
  ): { readonly stream: number; readonly direction: number } {
    const held = this.#held[host];
    this.isReused = (flags & SYN) !== 0 && held !== undefined && held !== seq;
    this.isReanswered = this.isReused && (flags & ACK) !== 0;
    if (this.isReanswered) {
      // A SYN cookie's number depends on the time: a SYN that is sent again is answered with another.
      check(this.#isGuessed[host] || this.#bakes(host), () => `a SYN,ACK at ${seq} after one at ${held}`);
      this.#held[host] = seq;
    } else if (this.isReused) {
      // Of one connection an end has one number; that of a RST from CLOSED is what it answers (RFC 9293 3.10.7.1).
      check(this.#isGuessed[host] || life > this.#life, () => `a SYN at ${seq} after one at ${held}`);
      this.#stream++;
      this.#first = host;
      this.#held = [undefined, undefined];
      this.#isGuessed = [false, false];
    }
    this.#life = Math.max(this.#life, life);
    this.#first ??= host;
    this.#hold(host, flags & SYN ? seq : seq - 1, (flags & SYN) === 0);
    if (flags & ACK) this.#hold(1 - host, ack - 1, true);
    return { stream: this.#stream, direction: host === this.#first ? 0 : 1 };
  }

  #hold(host: number, number: number, isGuess: boolean): void {
    if (this.#held[host] !== undefined) return;
    this.#held[host] = number >>> 0;
    this.#isGuessed[host] = isGuess;
  }
}
