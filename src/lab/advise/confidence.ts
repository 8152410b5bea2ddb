// Confidence without an assumption about the distribution, which run times do not keep to: by resampling (Efron's percentile bootstrap)
// for handfuls, by order statistics for the median of thousands, which would take half a second to resample.
import { seededRandom } from "../../core/random.ts";
import { quantile } from "../compare/statistics.ts";
import type { Interval } from "./profile.ts";

const resamples = 400;
/** Standard deviations on each side that hold 95 %. */
const confident = 1.96;

/** The interval of `statistic` over the samples; the same for the same samples, since the random numbers are. Zeros without samples. */
export function bootstrap(samples: readonly number[], statistic: (samples: ArrayLike<number>) => number): Interval {
  if (samples.length === 0) return { low: 0, high: 0 };
  const random = seededRandom(samples.length);
  const drawn = new Float64Array(samples.length);
  const results = Array.from({ length: resamples }, () => {
    for (let i = 0; i < drawn.length; i++) drawn[i] = samples[Math.floor(random() * samples.length)] ?? 0;
    return statistic(drawn);
  });
  return { low: quantile(results, 0.025), high: quantile(results, 0.975) };
}

/** The interval of the median: between the ranks that a binomial count of samples below it hardly ever leaves. Zeros without samples. */
export function medianInterval(samples: readonly number[]): Interval {
  const sorted = Float64Array.from(samples).sort();
  const half = (confident * Math.sqrt(sorted.length)) / 2;
  const rank = (place: number) => sorted[Math.max(0, Math.min(sorted.length - 1, place))] ?? 0;
  return { low: rank(Math.floor(sorted.length / 2 - half)), high: rank(Math.ceil(sorted.length / 2 + half) - 1) };
}

/** The arithmetic mean; 0 without samples. */
export function mean(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] ?? 0;
  return samples.length === 0 ? 0 : sum / samples.length;
}
