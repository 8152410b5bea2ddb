// What this thread is when it is a worker: the boot file says so, and the executors ask when they are opened. A file of its own, so that
// a worker starts without the executors: most tasks submit nothing, and reading them would be half of the start.
import type { Host } from "../executors/pool/host.ts";

/** A worker's side of its pool. */
export interface WorkerHost {
  readonly level: "thread" | "process";
  readonly host: Host;
}

let here: WorkerHost | undefined;

/** Makes the default executors of this thread those of a worker. */
export function becomeWorker(level: WorkerHost["level"], host: Host): void {
  here = { level, host };
}

/** This thread's host when it is a worker. */
export function workerHost(): WorkerHost | undefined {
  return here;
}
