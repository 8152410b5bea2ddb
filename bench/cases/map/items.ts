// The work of one item: arithmetic that keeps a processor busy and touches no memory. The counts of turns stand for the time that they
// take on a server's processor of today; every subject does the same ones.

/** Names of the cases and what one item of them is. */
export const turnsPerItem = { "1ms": 450_000, "50us": 22_000 } as const;

/** One item. */
export function spin(turns: number): number {
  let x = turns | 1;
  for (let turn = 0; turn < turns; turn++) x = (Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) + turn) | 0;
  return x >>> 0;
}

/** Several items in one trip. */
export function spinEach(items: readonly number[]): number[] {
  return items.map(spin);
}
