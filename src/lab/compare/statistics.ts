// Order statistics of small samples. Medians and ranges, not means and deviations: a shared machine has outliers, and a
// handful of rounds has no distribution worth fitting.

/** The smallest and the largest value. */
export interface Spread {
  readonly min: number;
  readonly max: number;
}

/** The value below which the share `q` (0…1) of the samples lies, interpolated between neighbours; 0 without samples. */
export function quantile(samples: ArrayLike<number>, q: number): number {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`quantile(samples, q): q must lie in 0…1, got ${q}.`);
  return sortedQuantile(Float64Array.from(samples).sort(), q);
}

function sortedQuantile(sorted: Float64Array, q: number): number {
  if (sorted.length === 0) return 0;
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] ?? 0;
  const high = sorted[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
}

/** `quantile` for many shares at the price of one sort. */
export function quantiles(samples: ArrayLike<number>, shares: readonly number[]): number[] {
  const sorted = Float64Array.from(samples).sort();
  return shares.map((share) => sortedQuantile(sorted, share));
}

/** The middle value; 0 without samples. */
export function median(samples: ArrayLike<number>): number {
  return quantile(samples, 0.5);
}

/** The range of the samples; zeros without samples. */
export function spread(samples: readonly number[]): Spread {
  if (samples.length === 0) return { min: 0, max: 0 };
  // not Math.min(...samples): a spread of a million arguments overflows the stack
  return { min: samples.reduce((a, b) => Math.min(a, b)), max: samples.reduce((a, b) => Math.max(a, b)) };
}

/** How many times faster `samples` are than `baseline`, round by round. Rounds are interleaved, so the two of one round met
 *  the same weather; the ratio of the medians always lies within these. Stops at the shorter list. */
export function pairedSpeedups(baseline: readonly number[], samples: readonly number[]): number[] {
  const rounds = Math.min(baseline.length, samples.length);
  return Array.from({ length: rounds }, (_, round) => ratio(baseline[round] ?? 0, samples[round] ?? 0));
}

/** `a / b`, and 0 where `b` is. */
export function ratio(a: number, b: number): number {
  return b > 0 ? a / b : 0;
}

/** True when every value of `faster` is below every value of `slower`: the gain is outside the spread. */
export function separated(faster: readonly number[], slower: readonly number[]): boolean {
  return faster.length > 0 && slower.length > 0 && spread(faster).max < spread(slower).min;
}
