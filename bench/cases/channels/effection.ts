// effection's channels: each value goes to every subscription, which keeps it until it is read.
import { perOperation } from "../../measure/per-operation.ts";
import type { Workloads } from "../../measure/workload.ts";
import { rival } from "../../rivals/packages.ts";

const { createChannel, race, run, spawn } = await rival("effection");

export const workloads: Workloads = {
  handover: perOperation((n) =>
    run(function* () {
      const there = createChannel<number>();
      const back = createChannel<number>();
      const arriving = yield* there;
      const returning = yield* back;
      const ping = yield* spawn(function* () {
        for (let i = 0; i < n / 2; i++) {
          yield* there.send(i);
          yield* returning.next();
        }
      });
      const pong = yield* spawn(function* () {
        for (let i = 0; i < n / 2; i++) {
          yield* arriving.next();
          yield* back.send(i);
        }
      });
      yield* ping;
      yield* pong;
    }),
  ),
  send: perOperation((n) =>
    run(function* () {
      const channel = createChannel<number>();
      const subscription = yield* channel;
      for (let i = 0; i < n; i++) {
        yield* channel.send(i);
        yield* subscription.next();
      }
    }),
  ),
  select: perOperation((n) =>
    run(function* () {
      const one = createChannel<number>();
      const other = createChannel<number>();
      const fromOne = yield* one;
      const fromOther = yield* other;
      for (let i = 0; i < n; i++) {
        yield* (i % 2 === 0 ? one : other).send(i);
        yield* race([fromOne.next(), fromOther.next()]);
      }
    }),
  ),
};
