// Ctrl-C and its relatives: the first asks the command to stop and show what it has, the second ends the program at once.
import { exitCodes } from "./usage-error.ts";

/** An abort signal fed by the operating system. */
export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
}

const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Aborts on SIGINT, SIGTERM and SIGHUP until disposed. */
export function abortOnSignals(): Interruption {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
  };
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
