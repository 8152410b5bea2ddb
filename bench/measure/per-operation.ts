// Nanoseconds for one operation, measured over batches of many.
import type { Workload } from "./workload.ts";

/** Batches to take although the time is over, unless they take ten times as long. */
const fewestBatches = 3;

/** A first batch that takes this many times the whole time is measured already: what is so slow has warmed up on the way. */
const patience = 20;

/** `run(n)` does n operations; what it returns is awaited. Batches repeat until the time is over, after a warm-up of the same
 *  time. A batch is one value: garbage collections fall where they fall, and count. */
export function perOperation(run: (operations: number) => unknown): Workload {
  return async ({ size, timeMs }) => {
    const batch = async (): Promise<number> => {
      const startedMs = performance.now();
      await run(size);
      return performance.now() - startedMs;
    };
    for (let spentMs = 0; spentMs < timeMs; ) {
      const tookMs = await batch();
      if (tookMs > timeMs * patience) return [(tookMs * 1e6) / size];
      spentMs += tookMs;
    }
    const values: number[] = [];
    for (let spentMs = 0; spentMs < timeMs || (values.length < fewestBatches && spentMs < timeMs * 10); ) {
      const tookMs = await batch();
      spentMs += tookMs;
      values.push((tookMs * 1e6) / size);
    }
    return values;
  };
}
