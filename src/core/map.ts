// map: coroutines over items, within the caller's scope.
import type { MapOptions, Results } from "../contract/executor.ts";
import type { ScopeOptions } from "../contract/group.ts";
import { currentScope } from "./context.ts";
import { checkCount } from "./durations.ts";
import { nameOf } from "./local-run.ts";
import { startCoroutine } from "./nursery.ts";
import { MapResults } from "./results.ts";
import { checkSignal } from "./signals.ts";

/** Coroutines over items: at most `concurrency` (default all) taken and not yet read, in input order unless `ordered` is
 *  false. Read one by one or `await` all. The first failure cancels the rest and rejects. Never waits; reading parks.
 *
 *  @example
 *  ```ts
 *  const squares = await map([1, 2, 3], async (n) => n * n, { concurrency: 2 }); // [1, 4, 9]
 *  ```
 */
export function map<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  fn: (item: T) => R,
  options?: Omit<MapOptions, "chunk"> & ScopeOptions,
): Results<Awaited<R>> {
  if (typeof fn !== "function") throw new TypeError("map needs a function: map(items, (item) => …).");
  checkSignal(options?.signal);
  const limit = checkCount("concurrency", options?.concurrency ?? Number.POSITIVE_INFINITY, 1, true);
  return new MapResults<T, Awaited<R>>({
    source: items,
    ordered: options?.ordered !== false,
    limit: () => limit,
    chunk: () => 1,
    start: (batch) => startCoroutine<readonly Awaited<R>[]>(currentScope(), nameOf(fn), async () => [await fn(batch[0] as T)]),
    signal: options?.signal,
  });
}
