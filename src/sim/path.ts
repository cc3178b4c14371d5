import type { Clock } from "./clock.ts";
import { type Pick, type Picker, picker } from "./faults.ts";
import { isEct, markCongested, transportOffset } from "./packet.ts";
import { PacketPool } from "./pool.ts";
import type { Random } from "./random.ts";

/** One direction of a link. Whatever is left out does nothing: the default is a wire without length or limits. */
export interface PathSettings {
  /** Bits a second; Infinity. */
  readonly rate: number;
  /** Milliseconds from the last bit sent to its arrival; 0. */
  readonly delay: number;
  /** Up to so many milliseconds more, evenly spread. Packets do not overtake each other by it; 0. */
  readonly jitter: number;
  /** Packets that get lost on the way, after they took their time at the sender; none. */
  readonly loss: Pick;
  /** Packets that arrive twice; none. */
  readonly duplicate: Pick;
  /** Packets that come late, so that others overtake them; none. */
  readonly reorder: Pick;
  /** How much later those come, in milliseconds; 10. */
  readonly reorderDelay: number;
  /** Packets with bits flipped behind the IP header, where TCP's checksum has to find it; none. */
  readonly corrupt: Pick;
  /** How many bits of such a packet; 1. An even number of the same column may slip through any Internet checksum. */
  readonly corruptBits: number;
  /** Bytes of the largest IP packet; larger ones are dropped, and told as TOO_BIG; Infinity. */
  readonly mtu: number;
  /** Bytes that may wait for the rate, the packet being sent included; Infinity. */
  readonly queueBytes: number;
  /** Packets that may wait for the rate; Infinity. */
  readonly queuePackets: number;
  /** Bytes that wait from which on packets of ECN-capable transports are marked CE (RFC 3168); Infinity. */
  readonly markAbove: number;
  /** The cable is cut: everything is lost, what is on its way too; false. */
  readonly down: boolean;
}

// What a path did to a packet: a mask of these.
export const LOST = 1;
export const QUEUE_FULL = 2;
export const TOO_BIG = 4;
export const CORRUPTED = 8;
export const DUPLICATED = 16;
export const REORDERED = 32;
export const MARKED = 64;

/** Bits of a fate that mean that the packet does not arrive. */
export const DROPPED = LOST | QUEUE_FULL | TOO_BIG;

/** The names of a fate's bits: `["corrupted", "reordered"]`. */
export function fateNames(fate: number): string[] {
  return NAMES.filter((_, bit) => fate & (1 << bit));
}

const NAMES = ["lost", "queue full", "too big", "corrupted", "duplicated", "reordered", "marked CE"];

/** What a path did so far, in packets. */
export interface PathCounters {
  sent: number;
  delivered: number;
  lost: number;
  queueFull: number;
  tooBig: number;
  corrupted: number;
  duplicated: number;
  reordered: number;
  marked: number;
  /** Bytes of the packets sent. */
  bytes: number;
}

/**
 * Takes a packet that arrives. It is borrowed until the call returns, and may be changed until then.
 * `tag` is what `send` was given with it.
 */
export type Deliver = (packet: Uint8Array, now: number, tag: number) => void;

/**
 * Told of each packet as it is sent, with what will become of it: `fate` is a mask, `arrival` the time at which it
 * arrives (Infinity when it does not), `number` counts the path's packets from 1, `tag` is what `send` was given.
 * `packet` is as it was sent, and borrowed.
 */
export type Watch = (packet: Uint8Array, number: number, fate: number, arrival: number, tag: number) => void;

const IDEAL: PathSettings = Object.freeze({
  rate: Number.POSITIVE_INFINITY,
  delay: 0,
  jitter: 0,
  loss: 0,
  duplicate: 0,
  reorder: 0,
  reorderDelay: 10,
  corrupt: 0,
  corruptBits: 1,
  mtu: Number.POSITIVE_INFINITY,
  queueBytes: Number.POSITIVE_INFINITY,
  queuePackets: Number.POSITIVE_INFINITY,
  markAbove: Number.POSITIVE_INFINITY,
  down: false,
});

/**
 * One direction of a link for IP packets in virtual time: a queue, a rate, a delay, and whatever may go wrong on the
 * way. Each kind of fault draws random numbers of its own, so that switching one on leaves the others where they were.
 *
 * A packet is copied as it is sent and nothing else is allocated: copies are used again.
 *
 * @example
 * ```ts
 * import { Clock, Path, Random } from "tcpwire/sim";
 *
 * const clock = new Clock();
 * const arrived: number[] = [];
 * const path = new Path(clock, new Random(1), { delay: 20, rate: 1_000_000 }, (_, now) => arrived.push(now));
 * path.send(new Uint8Array(1250)); // 10 ms at 1 Mbit/s
 * path.send(new Uint8Array(1250));
 * clock.run(1000);
 * arrived; // -> [ 30, 40 ]
 * ```
 */
export class Path {
  /** Told of each packet sent; may be set at any time. */
  watch: Watch | undefined;
  readonly counters: PathCounters = {
    sent: 0,
    delivered: 0,
    lost: 0,
    queueFull: 0,
    tooBig: 0,
    corrupted: 0,
    duplicated: 0,
    reordered: 0,
    marked: 0,
    bytes: 0,
  };
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #deliver: Deliver;
  readonly #pool = new PacketPool();
  readonly #jitter: Random;
  readonly #flips: Random;
  #settings = IDEAL;
  #loses: Picker | undefined;
  #duplicates: Picker | undefined;
  #reorders: Picker | undefined;
  #corrupts: Picker | undefined;
  /** When the sender will have sent all that it was given. */
  #busyUntil = 0;
  #lastArrival = 0;
  /** What waits for the rate: when it will have left, and its length. */
  readonly #leaves: number[] = [];
  readonly #lengths: number[] = [];
  #firstWaiting = 0;
  #waitingBytes = 0;

  /** @throws as `set` does */
  constructor(clock: Clock, random: Random, settings: Partial<PathSettings>, deliver: Deliver) {
    this.#clock = clock;
    this.#random = random;
    this.#deliver = deliver;
    this.#jitter = random.fork("jitter");
    this.#flips = random.fork("flips");
    this.set(settings);
  }

  /** How it is now. */
  get settings(): PathSettings {
    return this.#settings;
  }

  /** Packets on their way, those that wait for the rate included. */
  get inFlight(): number {
    return this.#pool.used;
  }

  /** Bytes that wait for the rate. */
  get queued(): number {
    this.#leave(this.#clock.now);
    return this.#waitingBytes;
  }

  /**
   * Changes what is named from now on; what is on its way arrives as it would have, unless the cable is cut. A loss model
   * that is set anew begins anew, with the same random numbers.
   *
   * @throws {RangeError} for a number that makes no sense, {TypeError} for a name that is no setting
   */
  set(changes: Partial<PathSettings>): void {
    for (const [name, value] of Object.entries(changes)) {
      if (!(name in IDEAL)) throw new TypeError(`no such setting of a path: ${name}`);
      if (typeof value === "number" && !(value >= 0)) throw new RangeError(`${name}: ${value}`);
    }
    const set = { ...this.#settings, ...withoutUndefined(changes) };
    if (set.rate === 0) throw new RangeError("rate: 0; a cable that is cut is `down`");
    const random = (name: string) => this.#random.fork(name);
    if ("loss" in changes) this.#loses = picker("loss", set.loss, random("loss"));
    if ("duplicate" in changes) this.#duplicates = picker("duplicate", set.duplicate, random("duplicate"));
    if ("reorder" in changes) this.#reorders = picker("reorder", set.reorder, random("reorder"));
    if ("corrupt" in changes) this.#corrupts = picker("corrupt", set.corrupt, random("corrupt"));
    this.#settings = set;
  }

  /**
   * Sends a packet, which is copied.
   *
   * @param tag any number, by which the sender knows it when it arrives
   * @returns its fate: 0, or a mask of what happens to it
   */
  send(packet: Uint8Array, tag = 0): number {
    const { counters } = this;
    const number = ++counters.sent;
    counters.bytes += packet.length;
    const { now } = this.#clock;
    let fate = this.#admit(packet, now);
    let arrival = Number.POSITIVE_INFINITY;
    if (!(fate & DROPPED)) {
      const departure = this.#transmit(packet.length, now);
      if (this.#loses?.(packet, number) || this.#settings.down) {
        fate |= LOST;
        counters.lost++;
      } else {
        fate |= this.#faults(packet, number);
        arrival = this.#arrivalOf(departure, fate);
      }
    }
    this.watch?.(packet, number, fate, arrival, tag);
    if (arrival !== Number.POSITIVE_INFINITY) this.#launch(packet, fate, arrival, tag);
    return fate;
  }

  /** Whether there is room for it, and whether it is marked for the room it takes. */
  #admit(packet: Uint8Array, now: number): number {
    const { mtu, queueBytes, queuePackets, markAbove, rate } = this.#settings;
    if (packet.length > mtu) {
      this.counters.tooBig++;
      return TOO_BIG;
    }
    if (rate === Number.POSITIVE_INFINITY) return 0;
    this.#leave(now);
    const waiting = this.#leaves.length - this.#firstWaiting;
    if (waiting > 0 && (this.#waitingBytes + packet.length > queueBytes || waiting >= queuePackets)) {
      this.counters.queueFull++;
      return QUEUE_FULL;
    }
    if (this.#waitingBytes < markAbove || !isEct(packet)) return 0;
    this.counters.marked++;
    return MARKED;
  }

  /** Forgets what has left by `now`. */
  #leave(now: number): void {
    while (this.#firstWaiting < this.#leaves.length && this.#leaves[this.#firstWaiting] <= now) {
      this.#waitingBytes -= this.#lengths[this.#firstWaiting++];
    }
    if (this.#firstWaiting * 2 < this.#leaves.length || this.#firstWaiting < 64) return;
    this.#leaves.copyWithin(0, this.#firstWaiting);
    this.#lengths.copyWithin(0, this.#firstWaiting);
    this.#leaves.length -= this.#firstWaiting;
    this.#lengths.length -= this.#firstWaiting;
    this.#firstWaiting = 0;
  }

  /** Takes its turn at the rate. @returns when its last bit leaves */
  #transmit(length: number, now: number): number {
    const { rate } = this.#settings;
    if (rate === Number.POSITIVE_INFINITY) return Math.max(now, this.#busyUntil);
    this.#busyUntil = Math.max(now, this.#busyUntil) + (length * 8000) / rate;
    this.#leaves.push(this.#busyUntil);
    this.#lengths.push(length);
    this.#waitingBytes += length;
    return this.#busyUntil;
  }

  #faults(packet: Uint8Array, number: number): number {
    const { counters } = this;
    let fate = 0;
    if (this.#corrupts?.(packet, number)) {
      fate |= CORRUPTED;
      counters.corrupted++;
    }
    if (this.#duplicates?.(packet, number)) {
      fate |= DUPLICATED;
      counters.duplicated++;
    }
    if (this.#reorders?.(packet, number)) {
      fate |= REORDERED;
      counters.reordered++;
    }
    return fate;
  }

  #arrivalOf(departure: number, fate: number): number {
    const { delay, jitter, reorderDelay } = this.#settings;
    const more = jitter === 0 ? 0 : this.#jitter.float() * jitter;
    const inOrder = Math.max(departure + delay + more, this.#lastArrival);
    // Who comes late holds up nobody behind him.
    if (fate & REORDERED) return inOrder + reorderDelay;
    this.#lastArrival = inOrder;
    return inOrder;
  }

  #launch(packet: Uint8Array, fate: number, arrival: number, tag: number): void {
    const ticket = this.#pool.keep(packet, tag);
    const copy = this.#pool.packet(ticket);
    if (fate & MARKED) markCongested(copy);
    if (fate & CORRUPTED) this.#flip(copy);
    this.#clock.at(arrival, this.#arrive, ticket);
    if (fate & DUPLICATED) this.#clock.at(arrival, this.#arrive, this.#pool.keep(copy, tag));
  }

  #flip(packet: Uint8Array): void {
    const start = transportOffset(packet);
    const bits = (packet.length - start) * 8;
    if (bits <= 0) return;
    // Distinct ones: the same bit twice would be none.
    const flipped = new Set<number>();
    while (flipped.size < Math.min(this.#settings.corruptBits, bits)) flipped.add(this.#flips.below(bits));
    for (const bit of flipped) packet[start + (bit >> 3)] ^= 1 << (bit & 7);
  }

  readonly #arrive = (now: number, ticket: number): void => {
    const packet = this.#pool.packet(ticket);
    if (this.#settings.down) {
      this.counters.lost++;
    } else {
      this.counters.delivered++;
      this.#deliver(packet, now, this.#pool.tag(ticket));
    }
    this.#pool.release(ticket);
  };
}

function withoutUndefined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
