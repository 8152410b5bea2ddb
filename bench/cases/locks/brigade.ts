// brigade's mutex, used inside tasks: everybody who waits for it can be cancelled.
import { perOperation } from "../../measure/per-operation.ts";
import type { Workloads } from "../../measure/workload.ts";
import { brigade, shared } from "../../shipped.ts";
import { contenders } from "./contenders.ts";
import { allocateCount, contended } from "./contention.ts";
import { contend, serveMutex } from "./shared-contender.ts";

const { coroutines, Mutex, threads, withTaskGroup } = brigade;
const [sharedMutex, count] = [new shared.SharedMutex(), allocateCount()];

const nothing = async (): Promise<void> => {};

export const workloads: Workloads = {
  try: perOperation((n) =>
    coroutines.run(() => {
      const mutex = new Mutex();
      for (let i = 0; i < n; i++) mutex.tryAcquire()?.release();
    }),
  ),
  with: perOperation((n) =>
    coroutines.run(async () => {
      const mutex = new Mutex();
      for (let i = 0; i < n; i++) await mutex.with(nothing);
    }),
  ),
  "contended-1000": perOperation((n) =>
    withTaskGroup((group) => {
      const mutex = new Mutex();
      const wantAgain = async (): Promise<void> => {
        for (let i = 0; i < n / contenders; i++) {
          const guard = await mutex.acquire();
          await undefined;
          guard.release();
        }
      };
      for (let i = 0; i < contenders; i++) group.run(wantAgain);
    }),
  ),
  "shared-uncontended": perOperation((n) =>
    coroutines.run(() => {
      const mutex = new shared.SharedMutex();
      for (let i = 0; i < n; i++) mutex.acquireSync().release();
    }),
  ),
  "shared-2-threads": contended(count, (control) => threads.spawn(serveMutex, sharedMutex, count, control), contend(sharedMutex, count)),
};
