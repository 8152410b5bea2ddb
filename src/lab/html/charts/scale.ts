// Scales and ticks: from values to places, and the round values in between.

/** A range of values onto a range of places. */
export interface Scale {
  at(value: number): number;
  readonly ticks: readonly number[];
}

/** Round steps of 1, 2, 5 × 10ⁿ, about `count` of them from `low` to `high`. */
export function roundTicks(low: number, high: number, count: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((each) => each * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  const ticks: number[] = [];
  for (let i = first; i * step <= high + step * 1e-9; i++) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

/** Values evenly onto places; `from` and `to` are places. */
export function linear(low: number, high: number, from: number, to: number, count = 5): Scale {
  const span = high > low ? high - low : 1;
  return { at: (value) => from + ((value - low) / span) * (to - from), ticks: roundTicks(low, high, count) };
}

/** Powers onto places: each factor is as long as any other. Values at or below zero go to the lowest place. */
export function logarithmic(low: number, high: number, from: number, to: number): Scale {
  const bottom = Math.log10(Math.max(low, Number.MIN_VALUE));
  const span = Math.max(Math.log10(Math.max(high, Number.MIN_VALUE)) - bottom, 1e-9);
  const ticks: number[] = [];
  const decades = Math.ceil(span);
  const steps = decades <= 2 ? [1, 2, 5] : decades <= 4 ? [1, 3] : [1];
  for (let power = Math.floor(bottom); power <= Math.ceil(bottom + span); power++) {
    for (const step of steps) {
      const tick = Number((step * 10 ** power).toPrecision(6));
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
    }
  }
  return { at: (value) => (value <= low ? from : from + ((Math.log10(value) - bottom) / span) * (to - from)), ticks };
}

/** A place with a tenth of a unit: more would only be bytes. */
export function place(value: number): number {
  return Math.round(value * 10) / 10;
}
