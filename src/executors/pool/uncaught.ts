// What brought a worker down, made presentable: anything can be thrown, and whoever reads `WorkerExit.error` or a `cause`
// expects an Error. The same on every level.
import { inspect } from "node:util";

/** The thrown value itself when it is an Error, else an Error that names it, with the value as `cause`. */
export function uncaughtError(thrown: unknown, worker: string): unknown {
  if (thrown instanceof Error) return thrown;
  return new TypeError(`${worker} was brought down by a thrown value that is no Error: ${describe(thrown)}.`, { cause: thrown });
}

/** One line about any value; never throws, whatever its getters do. */
export function describe(value: unknown): string {
  try {
    return inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 200, getters: false });
  } catch {
    return `a ${typeof value} that cannot be shown`;
  }
}

/** Whether an uncaught error ends this thread or process. False when the program handles such errors itself. */
export function uncaughtIsFatal(): boolean {
  return process.listenerCount("uncaughtException") === 0 && !process.hasUncaughtExceptionCaptureCallback();
}
