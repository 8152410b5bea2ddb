import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { factor, grouped, megabytes } from "../text/units.ts";
import { doesNotHold, experiment, holds } from "./experiment.ts";
import { collectGarbage, gate, privateBytes } from "./meters.ts";

const threads = 8;
const heavyBytes = 256 * 1024;

export const memoryOfMany = experiment({
  id: 3,
  statement: "100,000 coroutines fit into the memory of 100 threads.",
  tried: `100,000 coroutines are suspended, then ${threads} idle threads are started; private memory of the program before and after.`,
  opposite: "Each coroutine (a thousand, reckoned up) keeps 256 KB over its await.",
  async run(kit, variant) {
    const coroutines = variant === "claimed" ? 100_000 : 1_000;
    const kept = variant === "claimed" ? 0 : heavyBytes;
    collectGarbage();
    const before = privateBytes();
    const { promise: opened, resolve: open } = gate();
    let begun = 0;
    const suspended = Array.from({ length: coroutines }, () =>
      kit.coroutines.run(async () => {
        const mine = new Uint8Array(kept).fill(1);
        begun++;
        await opened;
        return mine.length;
      }),
    );
    while (begun < coroutines) await new Promise(setImmediate);
    collectGarbage();
    const between = privateBytes();
    const workers = Array.from({ length: threads }, () => new Worker("require('node:worker_threads').parentPort.ref()", { eval: true }));
    await Promise.all(workers.map((worker) => once(worker, "online")));
    const after = privateBytes();
    open();
    await Promise.all(suspended);
    return {
      coroutinesStarted: coroutines,
      threadsStarted: threads,
      bytesPerCoroutine: (between - before) / coroutines,
      bytesPerThread: (after - between) / threads,
    };
  },
  judge({ bytesPerCoroutine, bytesPerThread }) {
    const [coroutinesMB, threadsMB] = [(bytesPerCoroutine * 100_000) / 2 ** 20, (bytesPerThread * 100) / 2 ** 20];
    const seen = `100,000 coroutines take ${megabytes(coroutinesMB)} (${grouped(bytesPerCoroutine)} bytes each), 100 threads ${megabytes(threadsMB)}: ${factor(threadsMB / coroutinesMB)}× as much.`;
    return coroutinesMB < threadsMB ? holds(seen) : doesNotHold(seen);
  },
});
