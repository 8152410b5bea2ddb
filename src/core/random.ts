// The random seam: jitter, fair choices and seeds come from here, so that a run can be repeated.
// Generator: mulberry32 (Tommy Ettinger), 32 bits of state: plenty for choices, never for secrets.

/** Numbers in [0, 1). */
export type Random = () => number;

/** A generator that repeats itself for the same seed. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const seedText = process.env.BRIGADE_SEED;
let source: Random = seedText !== undefined && seedText !== "" ? seededRandom(Number(seedText)) : Math.random;

/** The next number of the current source. */
export function random(): number {
  return source();
}

/** Puts another source in; returns the one that was there. */
export function exchangeRandom(next: Random): Random {
  const previous = source;
  source = next;
  return previous;
}
