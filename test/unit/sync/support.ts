// What the tests of this room share.
import { setImmediate as turn } from "node:timers/promises";
import type { Task } from "../../../src/contract/task.ts";
import { coroutines } from "../../../src/runtime/executors.ts";

export { forever, gate, quiet, rejection } from "../core/support.ts";

/** What became of a promise so far: "pending", "done" or the name of its error. */
export function watch(promise: PromiseLike<unknown>): { readonly state: string } {
  const seen = { state: "pending" };
  promise.then(
    () => {
      seen.state = "done";
    },
    (error: Error) => {
      seen.state = error.name;
    },
  );
  return seen;
}

/** A task that has run until it waits; in a tuple, since an async function would wait for the task itself. */
export async function begun<R>(fn: () => R): Promise<readonly [Task<Awaited<R>>]> {
  const task = coroutines.run(fn);
  do await turn();
  while (task.state === "waiting");
  return [task];
}

/** What each of some promises came to: its value, or the name of its error. */
export async function ends(promises: Iterable<PromiseLike<unknown>>): Promise<unknown[]> {
  const outcomes = await Promise.allSettled(promises);
  return outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : (outcome.reason as Error).name));
}
