// The same samples on a worker: are the results the same there? State that a module keeps, the working directory, what only the main
// thread has — all of it shows as a difference, before anybody is advised to move the function.
import type { Executor } from "../../contract/executor.ts";
import type { Portable } from "../../contract/portable.ts";
import { describeError, digest, type ItemOutcome } from "../compare/canonical.ts";

/** The first input whose result is another one there. */
export interface Elsewhere {
  readonly item: number;
  readonly message: string;
}

const budgetMs = 80;

/** Runs the inputs of `expected` in its order on one worker, within a budget, and compares. */
export async function runElsewhere(
  executor: Executor,
  fn: Portable<(input: unknown) => unknown>,
  inputs: readonly unknown[],
  expected: ReadonlyMap<number, Buffer>,
  alive: () => void,
): Promise<Elsewhere | undefined> {
  await executor.warm(1);
  const startedAt = performance.now();
  for (const [item, first] of expected) {
    alive();
    const outcome = await executor.run(fn, inputs[item]).then(
      (value): ItemOutcome => ({ value }),
      (error: unknown): ItemOutcome => ({ error }),
    );
    if (!digest(outcome).equals(first)) {
      return { item, message: "error" in outcome ? describeError(outcome.error) : "another result" };
    }
    if (performance.now() - startedAt > budgetMs) break;
  }
  return undefined;
}
