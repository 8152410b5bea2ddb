// multithreading: the one package with a mutex between threads. Its blocking form; on the newest Node only, since its modules use syntax
// that others do not have.
import { perOperation } from "../../measure/per-operation.ts";
import type { Workloads } from "../../measure/workload.ts";
import { rival } from "../../rivals/packages.ts";
import { allocateCount, contended } from "./contention.ts";

const { Mutex, move, spawn } = await rival("multithreading");

const count = allocateCount();
const contendedMutex = new Mutex(count);

export const workloads: Workloads = {
  "shared-uncontended": perOperation((n) => {
    const mutex = new Mutex(allocateCount());
    for (let i = 0; i < n; i++) mutex.blockingLock()[Symbol.dispose]();
  }),
  "shared-2-threads": contended(
    count,
    (control) =>
      // Sent as source: what it needs stands in it. The same rounds as `serveRounds`.
      spawn(move(contendedMutex, control), (mutex, words) => {
        Atomics.store(words, 3, 1);
        for (let round = 0; ; round++) {
          Atomics.wait(words, 0, round);
          for (let times = Atomics.load(words, 1); times > 0; times--) {
            const guard = mutex.blockingLock();
            guard.value[0] = (guard.value[0] as number) + 1;
            guard[Symbol.dispose]();
          }
          Atomics.store(words, 2, round + 1);
          Atomics.notify(words, 2);
        }
      }),
    (times) => {
      for (let i = 0; i < times; i++) {
        const guard = contendedMutex.blockingLock();
        guard.value[0] = (guard.value[0] as number) + 1;
        guard[Symbol.dispose]();
      }
    },
  ),
};
