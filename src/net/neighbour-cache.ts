import type { Mac } from "./ethernet-address.ts";
import type { IpAddress } from "./ip-address.ts";
import type { Stack } from "./stack.ts";
import { NEVER } from "./wheel.ts";

/** RFC 4861 10: how long an answer holds, between questions, and how many of them. */
const REACHABLE_TIME = 30_000;
const RETRANS_TIMER = 1_000;
const MAX_SOLICITATIONS = 3;
/** An entry that nobody uses goes after so long. */
const IDLE_TIME = 600_000;
/** After an address did not answer it is not asked for again for so long. */
const FAILED_TIME = 3_000;
/** Entries of one link; the one not used for longest makes room. */
const MOST = 512;

interface Entry {
  readonly address: IpAddress;
  /** Null while it is not known. */
  station: Mac | null;
  /** Until when the answer holds. */
  freshUntil: number;
  /** Questions since the last answer, and when the next is due; NEVER when none is. */
  asked: number;
  askAt: number;
  usedAt: number;
  hasFailed: boolean;
}

/** What the cache needs of its link. */
export interface NeighbourQuestions {
  /** Sends a question for an address: to all who may have it, or to the station that had it. */
  ask(address: IpAddress, station: Mac | null): void;
  /** An address is known now. */
  reached(): void;
  /** Nobody answered for an address. */
  failed(address: IpAddress): void;
}

/**
 * Which station has an address, with the states of RFC 4861 7.3.2 in short: an answer holds for 30 s; after that it is
 * still used while the station is asked again, and goes when three questions a second apart have met silence: then
 * everyone is asked. ARP entries are kept alike (RFC 1122 2.3.2.1). No longer than `MOST` entries.
 */
export class NeighbourCache {
  readonly #stack: Stack;
  readonly #questions: NeighbourQuestions;
  /** By the sum of the address's words: entries that share one are few. */
  readonly #entries = new Map<number, Entry[]>();
  #count = 0;
  readonly #setTimer: (at: number) => void;

  constructor(stack: Stack, questions: NeighbourQuestions) {
    this.#stack = stack;
    this.#questions = questions;
    this.#setTimer = stack.service(() => this.#timedOut());
  }

  /** The station of an address; null while it is not known. Asks for it when it is not, or not for sure any more. */
  find(address: IpAddress): Mac | null {
    const { now } = this.#stack;
    const entry = this.#entry(address) ?? this.#add(address);
    entry.usedAt = now;
    if (entry.askAt === NEVER && now >= entry.freshUntil) {
      entry.asked = 0;
      this.#ask(entry, now);
    }
    return entry.station;
  }

  /**
   * An address was seen at a station.
   *
   * @param isAnswer it answers a question of ours: it holds for a while
   * @param mayAdd keep it though nobody has asked yet, for an answer to it will be needed
   */
  learn(address: IpAddress, station: Mac, isAnswer: boolean, mayAdd: boolean): void {
    const entry = this.#entry(address) ?? (mayAdd ? this.#add(address) : undefined);
    if (entry === undefined) return;
    const { now } = this.#stack;
    const isNew = entry.station === null;
    const hasMoved = entry.station !== null && !isSame(entry.station, station);
    entry.station = station;
    entry.hasFailed = false;
    if (isAnswer || isNew) {
      entry.askAt = NEVER;
      entry.asked = 0;
      entry.freshUntil = now + REACHABLE_TIME;
    } else if (hasMoved) entry.freshUntil = now; // it has moved, it says: use it, and ask
    if (isNew) this.#questions.reached();
  }

  /**
   * A station says that it has an address (RFC 4861 7.2.5).
   *
   * @param station null where it does not say which: whoever was asked in person need not repeat it (7.2.4)
   * @param isAnswer it answers a question of ours
   * @param overrides it means what it says though we know another station
   */
  advertised(address: IpAddress, station: Mac | null, isAnswer: boolean, overrides: boolean): void {
    const entry = this.#entry(address);
    const known = entry?.station ?? null;
    if (entry === undefined || (known === null && station === null)) return;
    if (known !== null && station !== null && !overrides && !isSame(known, station)) {
      entry.freshUntil = Math.min(entry.freshUntil, this.#stack.now); // a proxy's, perhaps: ask again
      return;
    }
    this.learn(address, station ?? known!, isAnswer, false);
  }

  #entry(address: IpAddress): Entry | undefined {
    return this.#entries.get(keyOf(address))?.find((each) => each.address.equals(address));
  }

  #add(address: IpAddress): Entry {
    if (this.#count === MOST) this.#evict();
    const { now } = this.#stack;
    const entry: Entry = {
      address,
      station: null,
      freshUntil: now,
      asked: 0,
      askAt: NEVER,
      usedAt: now,
      hasFailed: false,
    };
    const key = keyOf(address);
    const there = this.#entries.get(key);
    if (there === undefined) this.#entries.set(key, [entry]);
    else there.push(entry);
    this.#count++;
    this.#setTimer(this.#next());
    return entry;
  }

  #ask(entry: Entry, now: number): void {
    entry.asked++;
    entry.askAt = now + RETRANS_TIMER;
    this.#setTimer(this.#next());
    // Where the station is known the question goes to it alone (RFC 4861 7.3.3).
    this.#questions.ask(entry.address, entry.station);
  }

  #timedOut(): void {
    const { now } = this.#stack;
    for (const entry of this.#all()) {
      if (entry.askAt <= now) {
        if (entry.hasFailed) {
          this.#remove(entry); // whoever needs it may ask again
        } else if (entry.asked < MAX_SOLICITATIONS) {
          this.#ask(entry, now);
        } else if (entry.station !== null) {
          this.#remove(entry); // it is gone: whoever needs the address asks everyone (RFC 4861 7.3.3)
        } else {
          entry.hasFailed = true;
          entry.askAt = now + FAILED_TIME;
          this.#questions.failed(entry.address);
        }
      } else if (entry.usedAt + IDLE_TIME <= now) this.#remove(entry);
    }
    this.#setTimer(this.#next());
  }

  #next(): number {
    let next = NEVER;
    for (const { askAt, usedAt } of this.#all()) next = Math.min(next, askAt, usedAt + IDLE_TIME);
    return next;
  }

  #evict(): void {
    let oldest: Entry | undefined;
    for (const entry of this.#all()) if (oldest === undefined || entry.usedAt < oldest.usedAt) oldest = entry;
    if (oldest !== undefined) this.#remove(oldest);
  }

  #remove(entry: Entry): void {
    const key = keyOf(entry.address);
    const left = this.#entries.get(key)!.filter((each) => each !== entry);
    if (left.length === 0) this.#entries.delete(key);
    else this.#entries.set(key, left);
    this.#count--;
  }

  #all(): Entry[] {
    return [...this.#entries.values()].flat();
  }
}

function isSame(a: Mac, b: Mac): boolean {
  return a.high === b.high && a.low === b.low;
}

function keyOf({ w0, w1, w2, w3 }: IpAddress): number {
  return (w0 + w1 + w2 + w3) | 0;
}
