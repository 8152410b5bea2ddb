// `select` and `trySelect`: one choice, made once.
import type { Selectable, Selected, SelectOptions } from "../contract/waiting.ts";
import { enterOperation } from "../core/parked.ts";
import { clauseOf, SelectCase } from "./select-case.ts";
import { type Chosen, Selection } from "./selection.ts";
import { paid } from "./turns.ts";

/** What can be chosen among; `null` disables a clause. */
export type Clauses = Readonly<Record<string, Selectable | null>>;

/** Waits until one clause is ready and commits exactly that one; the others did not happen. Among several that are ready the choice is
 *  random (repeatable by `BRIGADE_SEED` or a virtual clock), or the first in order when `biased`. `null` disables a clause; with no
 *  clause at all it waits for ever.
 *
 *  A clause on a closed, failed or broken channel is ready, and committing it does what the plain operation does. A task gives its
 *  result, and its failure rejects the select; a signal gives its reason. Rejects with `TimeoutError` or `CancelledError` before
 *  anything is committed, with `TypeError` for what is no clause. Parks the task.
 *
 *  @example
 *  ```ts
 *  const jobs = new Channel<string>(1);
 *  await jobs.send("sweep");
 *  const got = await select({ job: jobs.receiving(), late: after(1_000) });
 *  if (got.key === "job") console.log(got.value); // sweep
 *  ```
 */
export function select<C extends Clauses>(clauses: C, options?: SelectOptions): Promise<Selected<C>> {
  return choose(clauses, options) as Promise<Selected<C>>;
}

function choose(clauses: Clauses, options: SelectOptions | undefined): Promise<Chosen> {
  try {
    const scope = enterOperation(options);
    const selection = oneRound(clauses, options?.biased);
    const chosen = selection.attempt(true);
    return chosen === undefined ? selection.park(scope, options) : paid(chosen);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Commits a clause that is ready now, or none; then it returns `undefined`. Throws what the operation that it commits throws; takes
 *  no notice of a cancel. Never waits.
 *
 *  @example
 *  ```ts
 *  const jobs = new Channel<string>();
 *  console.log(trySelect({ job: jobs.receiving() })); // undefined
 *  ```
 */
export function trySelect<C extends Clauses>(clauses: C, options?: Pick<SelectOptions, "biased">): Selected<C> | undefined {
  return oneRound(clauses, options?.biased).attempt(false) as Selected<C> | undefined;
}

function oneRound(clauses: Clauses, biased: boolean | undefined): Selection {
  const selection = new Selection(biased === true, false);
  for (const key of Object.keys(clauses)) {
    const clause = clauseOf(key, clauses[key], false);
    if (clause !== undefined) selection.cases.push(new SelectCase(key, selection, clause));
  }
  return selection;
}
