/** The smallest of the values that the `share` of them (0…1) does not exceed. Throws `RangeError` without a value. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new RangeError("A percentile of no values.");
  return value;
}
