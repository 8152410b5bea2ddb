// Confidence by resampling (Efron's percentile bootstrap): no assumption about the distribution, which run times do not keep to.
import { seededRandom } from "../../core/random.ts";
import { quantile } from "../compare/statistics.ts";
import type { Interval } from "./profile.ts";

const resamples = 400;

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

/** The arithmetic mean; 0 without samples. */
export function mean(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] ?? 0;
  return samples.length === 0 ? 0 : sum / samples.length;
}
