// This thread among those of the program, and who of them has ended.
//
// A death is recorded by the thread that started the dead one (its `exit` event; while it blocks, by asking the worker when somebody
// wants to know), and by the thread itself when it ends in good order. The one obituary of a program reaches every thread as
// environment data, which a worker gets from the thread that starts it: so it has to be made before a worker is started.
//
// All of it is made when it is first wanted: it needs a part of Node that a program may never use, and that takes 2 ms to load.
import type { Worker } from "node:worker_threads";
import type { SharedWords } from "./atomics.ts";
import { Obituary } from "./obituary.ts";

/** How messages call a thread. */
export function nameOfThread(thread: number): string {
  return thread === 1 ? "the main thread" : `thread ${thread - 1}`;
}

class ThreadObituary extends Obituary {
  readonly #children = new Map<number, Worker>();

  adopt(worker: Worker): void {
    const thread = worker.threadId + 1;
    this.#children.set(thread, worker);
    worker.once("exit", () => {
      this.#children.delete(thread);
      this.record(thread);
    });
  }

  override has(thread: number): boolean {
    if (super.has(thread)) return true;
    const worker = this.#children.get(thread);
    // Negative for a worker that is stopped, also while this thread blocks and so gets no event; 0 for one not yet heard of.
    if (worker === undefined || worker.performance.eventLoopUtilization().idle >= 0) return false;
    this.record(thread);
    return true;
  }
}

const key = "brigade.obituary/1";

interface ThisThread {
  readonly number: number;
  readonly obituary: ThreadObituary;
}

let known: ThisThread | undefined;

function look(): ThisThread {
  const { getEnvironmentData, setEnvironmentData, threadId } = process.getBuiltinModule("node:worker_threads");
  let words = getEnvironmentData(key) as SharedWords | undefined;
  if (words === undefined) {
    words = Obituary.allocate();
    setEnvironmentData(key, words as never);
  }
  const number = threadId + 1;
  const own = new ThreadObituary(words);
  process.on("worker", (worker) => own.adopt(worker));
  // What runs after this, in later `exit` handlers, is no longer protected by the locks that the thread holds.
  if (threadId > 0) process.on("exit", () => own.record(number));
  return { number, obituary: own };
}

/** The number of this thread, from 1. */
export function thisThread(): number {
  known ??= look();
  return known.number;
}

/** The dead of this program. Threads that are started before the first call know of none. */
export function obituary(): Obituary {
  known ??= look();
  return known.obituary;
}
