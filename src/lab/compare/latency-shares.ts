// At which shares the running times of items are kept: as finely as so many items allow, and finer towards the slowest, where a
// distribution tells most.

/** Shares from 0 (the fastest item) to the last that `items` can tell from the slowest. The same for the same number. */
export function latencyShares(items: number): number[] {
  const shares = Array.from({ length: 20 }, (_, i) => i / 20);
  for (let rest = 0.04; rest * items >= 1 && rest > 5e-5; rest *= 0.8) shares.push(1 - rest);
  return shares;
}
