// Two threads that want one lock at the same time, each for a section of a few steps: n sections in all. The other thread is started once
// and then waits, blocked, for the next round, so that nothing but the lock is measured.
import { perOperation } from "../../measure/per-operation.ts";
import type { Workload } from "../../measure/workload.ts";

/** Words: rounds begun, sections of a round, rounds that the other thread has ended, whether it is there. */
export type Control = Int32Array<SharedArrayBuffer>;
const begun = 0;
const sections = 1;
const ended = 2;
const there = 3;

/** Takes the lock, counts, releases it, so many times. */
export type Contend = (times: number) => void;

/** What is counted under the lock, by plain reads and writes. */
export const allocateCount = (): Control => new Int32Array(new SharedArrayBuffer(4));

/** The other thread: blocks it for ever. */
export function serveRounds(control: Control, contend: Contend): never {
  Atomics.store(control, there, 1);
  for (let round = 0; ; round++) {
    Atomics.wait(control, begun, round);
    contend(Atomics.load(control, sections));
    Atomics.store(control, ended, round + 1);
    Atomics.notify(control, ended);
  }
}

/** `start` starts the other thread, which calls `serveRounds`. Fails when the lock lets two in at once. */
export function contended(count: Control, start: (control: Control) => unknown, contend: Contend): Workload {
  return async (conditions) => {
    const control = new Int32Array(new SharedArrayBuffer(16));
    start(control);
    while (Atomics.load(control, there) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    let round = 0;
    let expected = 0;
    return perOperation((n) => {
      const half = n / 2;
      Atomics.store(control, sections, half);
      Atomics.store(control, begun, ++round);
      Atomics.notify(control, begun);
      contend(half);
      for (let seen = Atomics.load(control, ended); seen < round; seen = Atomics.load(control, ended)) Atomics.wait(control, ended, seen);
      expected = (expected + n) | 0;
      if (count[0] !== expected) throw new Error(`The lock let two in at once: counted ${count[0]} of ${expected}.`);
    })(conditions);
  };
}
