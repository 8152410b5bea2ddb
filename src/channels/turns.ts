// The end of an operation that did not wait. It has happened; what is left is to let the event loop have its turn when the time slice
// of the thread is spent, and that wait nobody can cancel.
import { spendBudget } from "../core/checkpoint.ts";

const done = Promise.resolve();

/** Resolves with the result, now or after the turn. */
export function paid<R>(result: R): Promise<R> {
  const turn = spendBudget();
  return turn === undefined ? Promise.resolve(result) : turn.then(() => result);
}

/** The same without a result, and without a promise of its own. */
export function paidOff(): Promise<void> {
  return spendBudget() ?? done;
}
