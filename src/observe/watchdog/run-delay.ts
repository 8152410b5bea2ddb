// Run delay: how long this thread was ready to run and had to wait for a processor. On a busy machine, or with a quota that is spent, code
// stands still that is not to blame. Linux tells (`schedstat`: time on a processor, time waiting for one, both in nanoseconds); elsewhere
// nothing is known, and 0 is said.
import { closeSync, openSync, readSync } from "node:fs";

const longestLine = 128;

export class RunDelay {
  readonly #file: number | undefined = openFile();
  readonly #bytes = Buffer.alloc(longestLine);

  /** Milliseconds since the thread began. */
  read(): number {
    if (this.#file === undefined) return 0;
    try {
      const length = readSync(this.#file, this.#bytes, 0, longestLine, 0);
      const [, waited] = this.#bytes.toString("latin1", 0, length).split(" ");
      return Number(waited ?? 0) / 1e6;
    } catch {
      return 0;
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }
}

function openFile(): number | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    // The file of the thread that opens it, whichever reads it.
    return openSync("/proc/thread-self/schedstat", "r");
  } catch {
    // A kernel without it, or a program that may not read it.
    return undefined;
  }
}
