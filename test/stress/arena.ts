// The pool under stress, and what is known of it.
import type { Executor, Task } from "../../src/runtime/index.ts";
import type { Dice } from "./dice.ts";
import type { Ledger } from "./ledger.ts";

export type Pool = Executor<"thread" | "process">;

/** The pool under stress and what is known of it. */
export interface Arena {
  readonly pool: Pool;
  readonly level: "thread" | "process";
  /** Workers die here, so that anything may be lost with one. */
  readonly deadly: boolean;
  /** A bounded queue that rejects. */
  readonly rejects: boolean;
  /** A full queue makes this thread do the work: nothing may be asked of it that ends the thread. */
  readonly runsHere: boolean;
  readonly dice: Dice;
  readonly ledger: Ledger;
  /** Set when the pool is closed: then anything may be cancelled or refused. */
  closing: boolean;
  /** Submissions that the pool has to have counted; not a number once it got some that cannot be counted from here. */
  submitted: number;
  /** Tasks of one worker each, and of a worker of their own each: what capacity is about. */
  readonly pooled: Set<Task<unknown>>;
  readonly spawned: Set<Task<unknown>>;
  /** By key: the instants at which tasks were entered, in order of submission. */
  readonly entered: Map<string, { readonly order: number; readonly atNs: bigint }[]>;
}
