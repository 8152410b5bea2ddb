// What the executor promises that finds the level by itself.
import type { Executor } from "./executor.ts";
import type { AnyFunction, Level, Portable } from "./portable.ts";

/** An executor that runs a portable function where its measurements say: here, as a coroutine, until calls hold this thread for long,
 *  and on `threads` from then on. It goes on measuring, and takes a function back that has become short. */
export interface AutoExecutor extends Executor {
  /** Why calls of `fn` go where they go, in words and figures. Never waits. */
  explain(fn: Portable<AnyFunction>): AutoExplanation;
}

/** Where a function's next call goes, and what that rests on. Times in milliseconds, as moving averages. */
export interface AutoExplanation {
  readonly level: Level;
  /** In plain words. */
  readonly reason: string;
  readonly callsHere: number;
  readonly callsOnThreads: number;
  /** How long a call holds this thread; `undefined` before the first. */
  readonly heldMs: number | undefined;
  /** How long a call takes on a thread; `undefined` before the first. */
  readonly runMs: number | undefined;
  /** What coding its values for the way costs; `undefined` until it was worth trying. */
  readonly travelMs: number | undefined;
  /** A call that holds this thread for longer than this is worth the way. */
  readonly worthwhileMs: number;
}
