// Repeats as figures: the median with its range, so that a judge can see whether a threshold lies inside the spread.
import { median, spread } from "../compare/statistics.ts";
import { factor } from "../text/units.ts";

type Range<N extends string> = Readonly<Record<N | `${N}Min` | `${N}Max`, number>>;

/** `{ ratio, ratioMin, ratioMax }` of the repeats. */
export function range<N extends string>(name: N, repeats: readonly number[]): Range<N> {
  const { min, max } = spread(repeats);
  return { [name]: median(repeats), [`${name}Min`]: min, [`${name}Max`]: max } as Range<N>;
}

/** Where the repeats lie: all above the threshold, all below it, or on both sides, which decides nothing. */
export function side<N extends string>(name: N, measured: Range<N>, threshold: number): "above" | "below" | "across" {
  const [min, max] = [measured[`${name}Min`], measured[`${name}Max`]] as const;
  if (min > threshold) return "above";
  return max < threshold ? "below" : "across";
}

/** `1.9× (1.8–2.0×)`. */
export function times<N extends string>(name: N, measured: Range<N>): string {
  return `${factor(measured[name])}× (${factor(measured[`${name}Min`])}–${factor(measured[`${name}Max`])}×)`;
}

/** Runs `measure` so many times, one after the other. */
export async function repeat<R>(rounds: number, measure: (round: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let round = 0; round < rounds; round++) results.push(await measure(round));
  return results;
}
