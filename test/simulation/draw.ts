import type { Random } from "../../src/sim/index.ts";

/** Draws from a generator. */
export class Draw {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  pick<T>(...choices: T[]): T {
    return choices[this.#random.below(choices.length)];
  }

  chance(probability: number): boolean {
    return this.#random.chance(probability);
  }

  between(least: number, most: number): number {
    return this.#random.between(least, most);
  }

  float(): number {
    return this.#random.float();
  }

  u32(): number {
    return this.#random.u32();
  }
}
