// Where items of a worker stood in time, worked out from when their results were heard of.
import type { ItemSpan } from "../report.ts";

/** A worker runs one item after the other, but results travel in company and are heard of late: seen from here its items seem
 *  to overlap. Going back from its last result, each item ends where the next one began, at the latest. */
export function oneAtATime(seen: readonly ItemSpan[]): ItemSpan[] {
  const nextStartMs = new Map<string, number>();
  const placed = [...seen]
    .sort((a, b) => b.endMs - a.endMs || b.item - a.item)
    .map(({ item, worker, startMs, endMs }): ItemSpan => {
      const latest = Math.min(endMs, nextStartMs.get(worker) ?? endMs);
      const start = Math.max(0, latest - (endMs - startMs));
      nextStartMs.set(worker, start);
      return { item, worker, startMs: start, endMs: latest };
    });
  return placed.sort((a, b) => a.item - b.item);
}
