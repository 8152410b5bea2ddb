import { spawn } from "node:child_process";
import { once } from "node:events";
import { execPath, platform } from "node:process";
import { Worker } from "node:worker_threads";
import { grouped } from "../text/units.ts";
import { doesNotHold, experiment, holds, holdsWithALimit } from "./experiment.ts";
import { collectGarbage, gate, privateBytes } from "./meters.ts";
import { ended } from "./peers.ts";

/** Really filled; the figures are for eight times as much. */
const budgetBytes = 128 * 2 ** 20;
const [eightfold, most] = [8, 300_000] as const;

export const howMany = experiment({
  id: 36,
  statement: "A machine holds tens of processes, hundreds of threads, thousands of coroutines.",
  tried: "Processes, threads and coroutines are started until each kind fills 128 MB; reckoned up to a budget of 1 GB.",
  opposite: "Each coroutine keeps 4 MB.",
  async run({ coroutines }, variant) {
    const processes = await fill(startProcess);
    const threads = await fill(startThread);
    return {
      processesPerGB: processes * eightfold,
      threadsPerGB: threads * eightfold,
      coroutinesPerGB: (await fillWithCoroutines((fn) => coroutines.run(fn), variant === "claimed" ? 0 : 4 * 2 ** 20)) * eightfold,
    };
  },
  judge({ processesPerGB, threadsPerGB, coroutinesPerGB }) {
    const seen = `1 GB holds ${grouped(processesPerGB)} processes, ${grouped(threadsPerGB)} threads, ${grouped(coroutinesPerGB)} coroutines.`;
    if (coroutinesPerGB < 1_000) return doesNotHold(seen);
    return processesPerGB >= 10 && processesPerGB < 100 && threadsPerGB >= 100
      ? holds(seen)
      : holdsWithALimit(`The numbers are others. ${seen}`);
  },
});

interface Unit {
  readonly bytes: number;
  end(): Promise<unknown>;
}

/** Starts units until they fill the budget; how many. */
async function fill(start: () => Promise<Unit>): Promise<number> {
  const units: Unit[] = [];
  let used = 0;
  while (used < budgetBytes) {
    const unit = await start();
    units.push(unit);
    used += unit.bytes;
  }
  await Promise.all(units.map((unit) => unit.end()));
  return units.length;
}

async function startProcess(): Promise<Unit> {
  const child = spawn(execPath, ["-e", "process.on('message', () => {}); process.send(process.memoryUsage.rss());"], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const [resident] = (await once(child, "message")) as [number];
  return { bytes: platform === "linux" && child.pid !== undefined ? privateBytes(child.pid) : resident, end: () => ended(child) };
}

async function startThread(): Promise<Unit> {
  const before = privateBytes();
  const worker = new Worker("require('node:worker_threads').parentPort.on('message', () => {})", { eval: true });
  await once(worker, "online");
  // a thread that seems to cost nothing took memory that was free already
  return { bytes: Math.max(2 ** 20, privateBytes() - before), end: () => worker.terminate() };
}

async function fillWithCoroutines(run: (fn: () => Promise<number>) => PromiseLike<number>, keeps: number): Promise<number> {
  collectGarbage();
  const before = privateBytes();
  const { promise, resolve } = gate();
  const suspended: PromiseLike<number>[] = [];
  const batch = keeps === 0 ? 10_000 : 4;
  while (privateBytes() - before < budgetBytes && suspended.length < most) {
    for (let index = 0; index < batch; index++) {
      suspended.push(
        run(async () => {
          const mine = new Uint8Array(keeps).fill(1);
          await promise;
          return mine.length;
        }),
      );
    }
    await new Promise(setImmediate);
  }
  resolve();
  await Promise.all(suspended);
  return suspended.length;
}
