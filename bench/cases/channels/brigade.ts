// brigade's channels and select, used inside tasks.
import { perOperation } from "../../measure/per-operation.ts";
import type { Workloads } from "../../measure/workload.ts";
import { brigade } from "../../shipped.ts";

const { Channel, coroutines, portable, select, threads, withTaskGroup } = brigade;

const buffered = 128;

/** Sends so many numbers, from a thread. */
export const produce = portable(import.meta, "produce", async (channel: InstanceType<typeof Channel<number>>, count: number) => {
  for (let n = 0; n < count; n++) await channel.send(n);
});

export const workloads: Workloads = {
  handover: perOperation((n) =>
    withTaskGroup((group) => {
      const there = new Channel<number>();
      const back = new Channel<number>();
      group.run(async () => {
        for (let i = 0; i < n / 2; i++) {
          await there.send(i);
          await back.receive();
        }
      });
      group.run(async () => {
        for (let i = 0; i < n / 2; i++) {
          await there.receive();
          await back.send(i);
        }
      });
    }),
  ),
  "try-send": perOperation((n) =>
    coroutines.run(() => {
      const channel = new Channel<number>(buffered);
      for (let i = 0; i < n; i++) {
        channel.trySend(i);
        channel.tryReceive();
      }
    }),
  ),
  send: perOperation((n) =>
    coroutines.run(async () => {
      const channel = new Channel<number>(buffered);
      for (let i = 0; i < n; i++) {
        await channel.send(i);
        channel.tryReceive();
      }
    }),
  ),
  "across-threads": perOperation(async (n) => {
    const channel = new Channel<number>(buffered);
    const producing = threads.run(produce, channel, n);
    for (let i = 0; i < n; i++) await channel.receive();
    await producing;
  }),
  select: perOperation((n) =>
    coroutines.run(async () => {
      const one = new Channel<number>(1);
      const other = new Channel<number>(1);
      for (let i = 0; i < n; i++) {
        (i % 2 === 0 ? one : other).trySend(i);
        await select({ one: one.receiving(), other: other.receiving() });
      }
    }),
  ),
};
