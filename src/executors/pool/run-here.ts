// Run here: the policy of a full queue that makes the caller do the work itself (Java's CallerRunsPolicy), with values
// copied as on the way to a worker.
import type { AnyFunction } from "../../contract/portable.ts";
import { runCode } from "../../core/local-run.ts";
import { loadedFunction, loadFunction } from "../../wire/load-function.ts";
import { copyItem, copyOut, sameSignals } from "./copies.ts";
import { enterCall } from "./incoming-call.ts";
import { decodeValue } from "./passage.ts";
import type { Run } from "./run.ts";
import { copyingInto } from "./stream/copying.ts";
import { produceHere } from "./stream/producer.ts";

/** Runs a run that was never sent, on this thread. */
export function runHere({ task, reference, payload, abortSignals, settings, locals, many, inlet }: Run): void {
  if (task.settled) return;
  const call = async () => {
    const fn = (loadedFunction(reference) ?? (await loadFunction(reference))) as AnyFunction;
    const values = decodeValue(payload, sameSignals(abortSignals)) as unknown[];
    const result = enterCall(fn, { values, locals, many });
    if (inlet === undefined) return copyOut(await result, false);
    const outlet = copyingInto(inlet, (item) => copyItem(item, false));
    return produceHere(result, outlet, inlet);
  };
  if (settings.timeout !== undefined) task.limitRunning(settings.timeout);
  runCode(task, call, undefined, "here");
}
