// Run here: the policy of a full queue that makes the caller do the work itself (Java's CallerRunsPolicy), with values
// copied as on the way to a worker.
import type { AnyFunction } from "../../contract/portable.ts";
import { runCode } from "../../core/local-run.ts";
import { loadedFunction, loadFunction } from "../../wire/load-function.ts";
import { copyOut, sameSignals } from "./copies.ts";
import { argumentsOf, brigadeTask } from "./incoming-call.ts";
import { decodeValue } from "./passage.ts";
import type { Run } from "./run.ts";

/** Runs a run that was never sent, on this thread. The caller's task-locals are in force already. */
export function runHere({ task, reference, payload, abortSignals, settings, locals, many }: Run): void {
  if (task.settled) return;
  const call = async () => {
    const fn = (loadedFunction(reference) ?? (await loadFunction(reference))) as AnyFunction;
    const values = decodeValue(payload, sameSignals(abortSignals)) as unknown[];
    return copyOut(await brigadeTask(fn, argumentsOf(values, locals), many), false);
  };
  if (settings.timeout !== undefined) task.limitRunning(settings.timeout);
  runCode(task, call, undefined, "here");
}
