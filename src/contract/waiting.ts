// Waiting: how long an operation may wait, and what `select` may wait for.
import type { Task } from "./task.ts";

/** How long a waiting operation may wait. What is cancelled or timed out did not happen. */
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; then `TimeoutError`. Limits the wait, not what comes after it. */
  readonly timeout?: number | undefined;
}

export declare const clauseBrand: unique symbol;
/** Something `select` can wait for; nothing happens until `select` commits to it. */
export interface Clause<out T> {
  readonly [clauseBrand]: T;
}

/** A clause, a task (its result; its failure rejects the select) or a signal (its reason). */
export type Selectable = Clause<unknown> | Task<unknown> | AbortSignal;

/** What a clause yields. */
export type SelectedValue<C> = C extends Clause<infer T> ? T : C extends Task<infer T> ? T : C extends AbortSignal ? unknown : never;

/** One `{ key, value }` for each clause that is not `null`. */
export type Selected<C> = {
  [K in keyof C]: [C[K]] extends [null] ? never : { readonly key: K; readonly value: SelectedValue<NonNullable<C[K]>> };
}[keyof C];

/** Settings of a select. */
export interface SelectOptions extends WaitOptions {
  /** The first ready clause in order wins, instead of a seeded-random one. */
  readonly biased?: boolean | undefined;
}
