/** The middle of some measurements, and the quartiles that say how far they spread. */
export interface Summary {
  readonly median: number;
  readonly q1: number;
  readonly q3: number;
}

/**
 * Median and quartiles, interpolated between neighbours. Order statistics, because a disturbed sample is
 * arbitrarily late and never early.
 *
 * @throws {RangeError} without samples
 */
export function summarize(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new RangeError("no samples to summarize");
  const sorted = [...samples].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), q1: quantile(sorted, 0.25), q3: quantile(sorted, 0.75) };
}

/**
 * How many times as long `theirs` took as `ours`, round by round: both of a round met the same weather, so
 * their quotient spreads less than either.
 *
 * @throws {RangeError} when the rounds do not pair up
 */
export function ratios(theirs: readonly number[], ours: readonly number[]): Summary {
  if (theirs.length !== ours.length) throw new RangeError("ratios: unequal numbers of rounds");
  return summarize(theirs.map((t, i) => t / ours[i]));
}

function quantile(sorted: readonly number[], q: number): number {
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const above = Math.ceil(position);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}
