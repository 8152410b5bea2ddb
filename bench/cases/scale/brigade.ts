// brigade in numbers: tasks at once, tasks that queue, tasks that wait.
import { perOperation } from "../../measure/per-operation.ts";
import type { Workloads } from "../../measure/workload.ts";
import { brigade } from "../../shipped.ts";
import { inGroup, suspendedInGroup } from "../coroutines/brigade.ts";

const { Channel, coroutines, openCoroutines } = brigade;

/** Below the smallest size, so that most tasks queue at every size. */
const placesAtOnce = 100;

export const workloads: Workloads = {
  tasks: inGroup,
  suspended: suspendedInGroup,
  queue: perOperation(async (n) => {
    const executor = openCoroutines({ size: placesAtOnce });
    const once = async (): Promise<void> => {
      await undefined;
    };
    for (let i = 0; i < n; i++) void executor.run(once);
    await executor.drain();
    await executor.close();
  }),
  "queue-channel": perOperation((n) =>
    coroutines.run(async () => {
      const channel = Channel.unbounded<number>();
      for (let i = 0; i < n; i++) await channel.send(i);
      for (let i = 0; i < n; i++) await channel.receive();
    }),
  ),
};
