// brigade's mutex, used inside tasks: everybody who waits for it can be cancelled.
import { perOperation } from "../../measure/per-operation.ts";
import type { Workloads } from "../../measure/workload.ts";
import { brigade } from "../../shipped.ts";
import { contenders } from "./contenders.ts";

const { coroutines, Mutex, withTaskGroup } = brigade;

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
      const contend = async (): Promise<void> => {
        for (let i = 0; i < n / contenders; i++) {
          const guard = await mutex.acquire();
          await undefined;
          guard.release();
        }
      };
      for (let i = 0; i < contenders; i++) group.run(contend);
    }),
  ),
};
