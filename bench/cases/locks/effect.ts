// Effect: a semaphore of one permit.
import { perOperation } from "../../measure/per-operation.ts";
import type { Workloads } from "../../measure/workload.ts";
import { rival } from "../../rivals/packages.ts";
import type { Effect as EffectOf } from "../../rivals/shapes.ts";
import { contenders } from "./contenders.ts";

const { Effect, Semaphore } = await rival("effect");

const repeated = (times: number, effect: EffectOf<unknown>): EffectOf<void> =>
  Effect.gen(function* () {
    for (let i = 0; i < times; i++) yield* effect;
  });

export const workloads: Workloads = {
  try: perOperation((n) => Effect.runPromise(repeated(n, Semaphore.makeUnsafe(1).withPermitsIfAvailable(1)(Effect.void)))),
  with: perOperation((n) => Effect.runPromise(repeated(n, Semaphore.makeUnsafe(1).withPermits(1)(Effect.void)))),
  "contended-1000": perOperation((n) => {
    const contend = repeated(n / contenders, Semaphore.makeUnsafe(1).withPermits(1)(Effect.yieldNow));
    return Effect.runPromise(Effect.all(new Array(contenders).fill(contend), { concurrency: "unbounded", discard: true }));
  }),
};
