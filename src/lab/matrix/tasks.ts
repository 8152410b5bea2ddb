// What units are given to do. A module of its own, so that a worker that is asked for it imports nothing else.
import { currentTask } from "../../core/current-task.ts";
import { type ProcessBooks, readBooks, readCpuMs } from "./books.ts";

export { compute, nothing } from "../plain-tasks.ts";
export { answerChannel } from "./answers/channel.ts";
export { answerPipe } from "./answers/pipe.ts";
export { answerPort } from "./answers/port.ts";
export { answerGround } from "./answers/shared-memory.ts";
export { answerSocket } from "./answers/socket.ts";

/** The books of the process that the unit is in. */
export function books(): ProcessBooks {
  return readBooks();
}

/** Processor time that the unit's process has used, in ms. */
export function cpuMs(): number {
  return readCpuMs();
}

/** How many bytes have arrived. */
export function weigh(bytes: Uint8Array): number {
  return bytes.byteLength;
}

/** How many objects have arrived. */
export function tally(objects: readonly object[]): number {
  return objects.length;
}

/** Suspended until it is cancelled. */
export function rest(): Promise<void> {
  const { signal } = currentTask();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** A loop that nothing ends from within. */
export function loopForever(): number {
  for (let n = 0; ; n = (n + 1) & 0xffff) if (n < 0) return n;
}

/** Fails. */
export function fail(): never {
  throw new RangeError("failed as asked");
}

/** Told from other codes by its number. */
const exitCode = 7;

/** Ends the process it is in, or its worker, in good order. */
export function exit(): never {
  process.exit(exitCode);
}

/** Ends the process it is in at once. */
export function abort(): never {
  process.abort();
}

/** A memory fault, as native code makes it: the signal that the kernel sends for one. */
export function segfault(): Promise<never> {
  process.kill(process.pid, "SIGSEGV");
  return new Promise(() => {});
}

/** Takes memory until there is none: in large pieces, so that the collector is not asked ten thousand times first. */
export function exhaust(): number {
  const kept: number[][] = [];
  for (;;) {
    kept.push(new Array<number>(100_000).fill(kept.length + 0.5));
    if (kept.length < 0) return kept.length;
  }
}
