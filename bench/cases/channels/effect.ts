// Effect's queues. There is no rendezvous: a queue of one is the nearest.
import { perOperation } from "../../measure/per-operation.ts";
import type { Workloads } from "../../measure/workload.ts";
import { rival } from "../../rivals/packages.ts";

const { Effect, Fiber, Queue } = await rival("effect");

const buffered = 128;

export const workloads: Workloads = {
  handover: perOperation((n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const there = yield* Queue.bounded<number>(1);
        const back = yield* Queue.bounded<number>(1);
        const ping = Effect.gen(function* () {
          for (let i = 0; i < n / 2; i++) {
            yield* Queue.offer(there, i);
            yield* Queue.take(back);
          }
        });
        const pong = Effect.gen(function* () {
          for (let i = 0; i < n / 2; i++) yield* Queue.offer(back, yield* Queue.take(there));
        });
        yield* Fiber.joinAll([yield* Effect.forkChild(ping), yield* Effect.forkChild(pong)]);
      }),
    ),
  ),
  "try-send": perOperation((n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const queue = yield* Queue.bounded<number>(buffered);
        for (let i = 0; i < n; i++) {
          Queue.offerUnsafe(queue, i);
          Queue.takeUnsafe(queue);
        }
      }),
    ),
  ),
  send: perOperation((n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const queue = yield* Queue.bounded<number>(buffered);
        for (let i = 0; i < n; i++) {
          yield* Queue.offer(queue, i);
          Queue.takeUnsafe(queue);
        }
      }),
    ),
  ),
  select: perOperation((n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const one = yield* Queue.bounded<number>(1);
        const other = yield* Queue.bounded<number>(1);
        const either = Effect.raceFirst(Queue.take(one), Queue.take(other));
        for (let i = 0; i < n; i++) {
          Queue.offerUnsafe(i % 2 === 0 ? one : other, i);
          yield* either;
        }
      }),
    ),
  ),
};
