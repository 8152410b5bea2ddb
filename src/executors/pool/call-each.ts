// Several calls in one trip: what a chunk of a map means on every level.
import { checkpointSync } from "../../core/checkpoint.ts";
import { divideAfterMs } from "./chunk.ts";
import type { Many } from "./core.ts";

/** Calls in order, one after the other, and resolves with the values. With "some" it begins no further item after a while. A cancel is
 *  noticed between two items, also where they never wait. */
export async function callEach(call: (item: unknown) => unknown, items: readonly unknown[], many: Many): Promise<unknown[]> {
  const values: unknown[] = [];
  const untilMs = many === "some" ? performance.now() + divideAfterMs : Number.POSITIVE_INFINITY;
  for (const item of items) {
    if (values.length > 0) {
      if (untilMs !== Number.POSITIVE_INFINITY && performance.now() >= untilMs) break;
      checkpointSync();
    }
    const value = call(item);
    // Only what has to be awaited is: a tick for each item would be most of the cost of small ones.
    values.push(isThenable(value) ? await value : value);
  }
  return values;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") return false;
  return typeof (value as { readonly then?: unknown }).then === "function";
}
