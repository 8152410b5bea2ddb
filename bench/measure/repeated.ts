// Milliseconds of things that take many of them, one at a time.
import type { Workload } from "./workload.ts";

/** Values to take although the time is over. */
const fewest = 5;

/** Repeats what measures one value, until the time is over. The first value is left out: it finds code that was never run before. */
export function repeated(measure: () => Promise<number> | number): Workload {
  return async ({ timeMs }) => {
    await measure();
    const values: number[] = [];
    const end = performance.now() + timeMs;
    while (performance.now() < end || values.length < fewest) values.push(await measure());
    return values;
  };
}
