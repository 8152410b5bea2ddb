// The contract of `brigade/testing`, as far as it exists; see contract.d.ts. A schedule carries a brand, which has one home.
import type { Schedule } from "brigade/testing";
/** Runs `fn` with a clock that jumps to the next timer when all is parked; brigade's times and, here, `Date` and timers follow. */
export declare function withVirtualClock<R>(
  fn: (clock: VirtualClock) => R,
  options?: { readonly seed?: number | undefined },
): Promise<Awaited<R>>;
/** Time under control. */ export interface VirtualClock {
  /** Virtual ms since the start. */ readonly now: number;
  /** Runs everything due in the next `ms`. */ advance(ms: number): Promise<void>;
  /** Resolves when nothing can run without time passing. */ idle(): Promise<void>;
}

/** Bounds of a search. */ export interface ExploreOptions {
  /** Switches away from a task that could go on, per run; default 2. */ readonly preemptions?: number | undefined;
  /** Gives up after this many runs, leaving `complete` false. */ readonly maxRuns?: number | undefined;
}
/** Tries every interleaving of the bodies as threads over modelled shared memory; then `check` must not throw. */
export declare function exploreShared<S>(
  setup: () => S,
  bodies: readonly ((state: S) => void)[],
  check: (state: S) => void,
  options?: ExploreOptions,
): Promise<Exploration>;

/** A schedule from text; throws `TypeError` when it is not one. */
export declare function parseSchedule(text: string): Schedule;
/** What a search found. */ export interface Exploration {
  readonly runs: number;
  readonly states: number;
  /** Every interleaving within the bound was tried. */ readonly complete: boolean;
  readonly failure: { readonly error: unknown; readonly schedule: Schedule } | undefined;
}
