// The shape of the table of what survives, and what its parts share.

/** One row. */
export interface SurvivalCase {
  readonly value: string;
  /** What comes back, in the words of the page. */
  readonly arrives: string;
  readonly make: () => unknown;
  /** Instead of deep, strict equality. */
  readonly check?: (arrived: never, sent: never) => void;
  /** The path at which it is refused, with `result` as its root. */
  readonly refusedAt?: string;
  /** Only between sides that share memory. */
  readonly sharesMemory?: true;
  readonly transfer?: (value: never) => readonly ArrayBuffer[];
}

/** A part of the page. */
export interface SurvivalSection {
  readonly title: string;
  readonly cases: readonly SurvivalCase[];
}

/** For `arrives`. */
export const same = "the same";

/** The value after a change. */
export function made<T extends object>(value: T, change: (value: T) => void): T {
  change(value);
  return value;
}
