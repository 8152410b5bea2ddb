// The name of the worker that this thread is.

/** `undefined` on a thread that brigade has not started. */
export let workerName: string | undefined;

/** For the worker's side of a pool, first thing. */
export function becomeNamed(name: string): void {
  workerName = name;
}
