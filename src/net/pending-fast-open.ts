import type { Settings } from "../tcp/index.ts";
import type { Connection } from "./connection.ts";

/** What a listener takes when nobody says otherwise. */
export const PENDING_FAST_OPEN = 128;
/** More than this is no limit. */
export const MOST_PENDING = 65_536;

/**
 * The connections of a listener that began with a SYN's data and whose handshake has not ended (RFC 7413 5.1,
 * PendingFastOpenRequests): whoever has stolen cookies must not make more of them than this.
 *
 * One that ends before its handshake goes on being counted until its last SYN,ACK would have been given up: a RST,
 * which the owner of a forged address sends by itself, would otherwise make room for the next forgery.
 */
export class PendingFastOpen {
  readonly #limit: number;
  /** How long a handshake may take. */
  readonly #patience: number;
  /** Those under way, and when their time is over. */
  readonly #waiting = new Map<Connection, number>();
  /** When those that ended before it are forgotten. */
  #ended: number[] = [];
  #nextForgotten = Number.POSITIVE_INFINITY;

  /** @param limit how many at once */
  constructor(limit: number, { initialRto, maxRto, synAckRetries }: Settings) {
    this.#limit = limit;
    let patience = 0;
    for (let i = 0; i <= synAckRetries; i++) patience += Math.min(maxRto, initialRto * 2 ** i);
    this.#patience = patience;
  }

  /** Whether there is room for one more. */
  hasRoom(now: number): boolean {
    if (this.#waiting.size + this.#ended.length < this.#limit) return true;
    if (this.#nextForgotten > now) return false;
    this.#ended = this.#ended.filter((at) => at > now);
    this.#nextForgotten = Number.POSITIVE_INFINITY;
    for (const at of this.#ended) if (at < this.#nextForgotten) this.#nextForgotten = at;
    return this.#waiting.size + this.#ended.length < this.#limit;
  }

  add(connection: Connection, now: number): void {
    this.#waiting.set(connection, now + this.#patience);
  }

  /** Its handshake has ended. */
  completed(connection: Connection): void {
    this.#waiting.delete(connection);
  }

  /** It is over, before its handshake was. */
  ended(connection: Connection): void {
    const at = this.#waiting.get(connection);
    if (at === undefined) return;
    this.#waiting.delete(connection);
    this.#ended.push(at);
    this.#nextForgotten = Math.min(this.#nextForgotten, at);
  }
}
