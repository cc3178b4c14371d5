import type { Random } from "./random.ts";

/** Bursts after Gilbert and Elliott: two states, changed packet by packet. Probabilities, 0 to 1. */
export interface Bursts {
  /** From the good state into the bad one. */
  readonly enter: number;
  /** From the bad state back. The mean length of a burst is 1 / leave. */
  readonly leave: number;
  /** Of being picked in the bad state; 1 when left out (Gilbert's model has 0.5). */
  readonly bad?: number;
  /** Of being picked in the good state; 0 when left out. */
  readonly good?: number;
}

/** Which packets something happens to. */
export type Pick =
  /** Each with this probability, 0 to 1, independently. */
  | number
  | Bursts
  /** Exactly these. The first packet that the path is given is number 1. */
  | { readonly packets: Iterable<number> }
  /** Every n-th: `{ every: 3 }` picks 3, 6, 9. */
  | { readonly every: number }
  /** Those for which it answers true. The packet is borrowed: do not keep or change it. */
  | ((packet: Uint8Array, number: number) => boolean);

/** A `Pick`, ready to be asked. */
export type Picker = (packet: Uint8Array, number: number) => boolean;

/**
 * @param random drawn from once or twice for each packet, by probabilities alone
 * @returns `undefined` for what never happens
 * @throws {RangeError} for what is no probability, or no number of a packet; {TypeError} for what is no pick
 */
export function picker(name: string, pick: Pick, random: Random): Picker | undefined {
  if (typeof pick === "function") return pick;
  if (typeof pick === "number") {
    probability(name, pick);
    return pick === 0 ? undefined : () => random.chance(pick);
  }
  if (typeof pick !== "object" || pick === null)
    throw new TypeError(`${name}: expected which packets to pick`);
  if ("packets" in pick) {
    const chosen = new Set(pick.packets);
    for (const number of chosen) counted(name, number);
    return (_, number) => chosen.has(number);
  }
  if ("every" in pick) {
    const { every } = pick;
    counted(name, every);
    return (_, number) => number % every === 0;
  }
  return bursts(name, pick, random);
}

function bursts(name: string, { enter, leave, bad = 1, good = 0 }: Bursts, random: Random): Picker {
  for (const value of [enter, leave, bad, good]) probability(name, value);
  let isBad = false;
  return () => {
    if (random.chance(isBad ? leave : enter)) isBad = !isBad;
    return random.chance(isBad ? bad : good);
  };
}

function probability(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`${name}: ${value} is no probability`);
}

function counted(name: string, value: number): void {
  if (!(Number.isInteger(value) && value >= 1)) {
    throw new RangeError(`${name}: ${value} is no number of a packet, which count from 1`);
  }
}
