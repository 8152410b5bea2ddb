// The least that does the job: Drepper's second futex mutex ("Futexes Are Tricky"), on `Atomics` and nothing else. It knows no owner, no
// death, no cancel and no fairness.
import { Worker, workerData } from "node:worker_threads";
import { perOperation } from "../../measure/per-operation.ts";
import type { Workload } from "../../measure/workload.ts";
import { allocateCount, type Control, contended, serveRounds } from "./contention.ts";

const acquire = (word: Control): void => {
  if (Atomics.compareExchange(word, 0, 0, 1) === 0) return;
  while (Atomics.exchange(word, 0, 2) !== 0) Atomics.wait(word, 0, 2);
};

const release = (word: Control): void => {
  if (Atomics.exchange(word, 0, 0) === 2) Atomics.notify(word, 0, 1);
};

const contend = (word: Control, count: Control) => (times: number) => {
  for (let i = 0; i < times; i++) {
    acquire(word);
    count[0] = (count[0] as number) + 1;
    release(word);
  }
};

export const uncontended: Workload = perOperation((n) => {
  const word = allocateCount();
  for (let i = 0; i < n; i++) {
    acquire(word);
    release(word);
  }
});

interface Lock {
  readonly rawLock: Control;
  readonly count: Control;
  readonly control: Control;
}

const [word, count] = [allocateCount(), allocateCount()];
export const byTwo: Workload = contended(
  count,
  (control) => new Worker(new URL(import.meta.url), { workerData: { rawLock: word, count, control } satisfies Lock }),
  contend(word, count),
);

const given = workerData as Partial<Lock> | null;
if (given?.rawLock && given.count && given.control) serveRounds(given.control, contend(given.rawLock, given.count));
