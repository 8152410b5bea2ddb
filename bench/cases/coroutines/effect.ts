// Effect: fibers, forked as children and joined.
import { perOperation } from "../../measure/per-operation.ts";
import { suspendedBytes } from "../../measure/suspended-bytes.ts";
import type { Workloads } from "../../measure/workload.ts";
import { rival } from "../../rivals/packages.ts";
import type { Fiber as FiberOf } from "../../rivals/shapes.ts";

const { Effect, Fiber, Deferred } = await rival("effect");

const once = Effect.gen(function* () {
  yield* Effect.yieldNow;
  return 1;
});

export const workloads: Workloads = {
  task: perOperation((n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const fibers: FiberOf<number>[] = [];
        for (let i = 0; i < n; i++) fibers.push(yield* Effect.forkChild(once));
        yield* Fiber.joinAll(fibers);
      }),
    ),
  ),
  // Its own thing to wait for: a bridge to a promise for each fiber would be counted as the fiber's.
  "task-bytes": suspendedBytes((n, gate) => {
    const opened = Deferred.makeUnsafe();
    const handles = Array.from({ length: n }, () =>
      Effect.runFork(
        Effect.gen(function* () {
          void gate.enter();
          yield* Deferred.await(opened);
        }),
      ),
    );
    const join = (): Promise<unknown> => {
      Deferred.doneUnsafe(opened, Effect.void);
      return Effect.runPromise(Fiber.joinAll(handles));
    };
    return { handles, join };
  }),
};
