// What runs, and in which order: every round visits every configuration once, and each round begins one further along, so
// that a machine that slows down (heat, neighbours) slows all levels alike.
import type { Level } from "../../contract/portable.ts";

/** One level at one size. */
export interface Configuration {
  readonly level: Level;
  /** Workers; for `coroutine` the items in flight at once; 1 for `serial`. */
  readonly size: number;
}

/** Runs on the thread that calls. */
export function isLocal(level: Level): boolean {
  return level === "serial" || level === "coroutine";
}

/** Whether two are one row of a table: coroutines are, whatever their size. */
export function isSameRow(a: Configuration, b: Configuration): boolean {
  return a.level === b.level && (a.size === b.size || a.level === "coroutine");
}

/** A function, what to call it with, and where: what every part of the lab that runs a user's function is told, all settled. */
export interface FunctionPlan {
  /** Module of the function. */
  readonly url: string;
  /** Name in its module. */
  readonly name: string;
  /** As the report shows it. */
  readonly label: string;
  readonly inputs: readonly unknown[];
  readonly levels: readonly Level[];
  readonly sizes: readonly number[];
  /** Running time allowed per call, in ms. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Levels that can be compared, from the lightest to the heaviest. */
export const comparableLevels = ["serial", "coroutine", "thread", "process"] as const satisfies readonly Level[];

/** Coroutines in flight at most. All items at once is the point of the level; beyond this a program meets the limits of
 *  descriptors and sockets, which is another experiment. */
export const coroutinesAtOnce = 1000;

/** 1, 2, 4 … and the parallelism itself. */
export function defaultSizes(parallelism: number): number[] {
  const sizes: number[] = [];
  for (let size = 1; size < parallelism; size *= 2) sizes.push(size);
  sizes.push(parallelism);
  return sizes;
}

/** The configurations in the order of the table: levels from light to heavy, sizes rising. Throws `RangeError` for a level
 *  that cannot be compared and for a size that is no positive integer. */
export function configurations(levels: readonly Level[], sizes: readonly number[], items: number): Configuration[] {
  for (const level of levels) {
    if (!comparableLevels.some((known) => known === level)) {
      throw new RangeError(`compare: level "${level}" cannot be compared; levels are ${comparableLevels.join(", ")}.`);
    }
  }
  for (const size of sizes) {
    if (!Number.isSafeInteger(size) || size < 1) throw new RangeError(`compare: sizes must be positive integers, got ${size}.`);
  }
  if (levels.length === 0) throw new RangeError("compare: no level given.");
  if (sizes.length === 0) throw new RangeError("compare: no size given.");
  const rising = [...new Set(sizes)].sort((a, b) => a - b);
  return comparableLevels
    .filter((level) => levels.includes(level))
    .flatMap((level): Configuration[] => {
      if (level === "serial") return [{ level, size: 1 }];
      if (level === "coroutine") return [{ level, size: Math.min(Math.max(items, 1), coroutinesAtOnce) }];
      return rising.map((size) => ({ level, size }));
    });
}

/** One configuration in one round. */
export interface Step {
  readonly round: number;
  /** Index of the configuration. */
  readonly row: number;
}

/** Every configuration once per round, the starting place moving on by one each round. */
export function schedule(rows: number, rounds: number): Step[] {
  return Array.from({ length: rounds }, (_, round) =>
    Array.from({ length: rows }, (_, place) => ({ round, row: (place + round) % rows })),
  ).flat();
}

/** A configuration in words: `serial`, `coroutines`, `threads × 2`. */
export function words({ level, size }: Configuration): string {
  if (level === "serial") return "serial";
  if (level === "coroutine") return "coroutines";
  return `${level === "process" ? "processes" : `${level}s`} × ${size}`;
}
