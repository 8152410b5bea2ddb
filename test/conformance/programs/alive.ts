// What keeps a program alive, and what does not. Ends by itself, or not at all.
//   alive.js LEVEL SCENARIO

import { processes, threads } from "../../../src/runtime/index.ts";
import type { TestLevel } from "../capabilities.ts";
import { entered, openLevel } from "../ground.ts";
import { double, echo, sleepLong } from "../tasks.ts";

const [level, scenario] = process.argv.slice(2) as [TestLevel, string];
const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  /** Pools that were used and are idle, the program's own and the default ones. */
  async idle() {
    const executor = openLevel(level, { size: 2 });
    await Promise.all([executor.run(echo, 1), executor.run(echo, 2), executor.spawn(echo, 3)]);
    if (level === "thread") await threads.run(echo, 4);
    if (level === "process") await processes.run(echo, 5);
    console.log("main ended");
  },
  /** Work that nobody waits for still ends, as the seeds' unjoined thread does. */
  async unjoined() {
    const executor = openLevel(level, { size: 1 });
    for (const n of [1, 2, 3]) executor.run(double, n).onDone((outcome) => console.log(`task ended: ${outcome.state}`));
    executor.spawn(sleepLong, 50).onDone((outcome) => console.log(`task ended: ${outcome.state}`));
    console.log("main ended");
  },
  /** Except a daemon's. */
  async daemon() {
    const executor = openLevel(level, { size: 1 });
    const daemon = executor.with({ daemon: true }).spawn(sleepLong);
    daemon.onDone(() => console.log("never"));
    const other = executor.run(echo, 1);
    await Promise.all([entered(daemon), other]);
    console.log("main ended");
  },
  /** A pool that was warmed and never used. */
  async warm() {
    const executor = openLevel(level, { size: 2 });
    await executor.warm();
    console.log("main ended");
  },
  /** Closed in the end, with work under way. */
  async closed() {
    const executor = openLevel(level, { size: 1 });
    const task = executor.run(sleepLong);
    task.onDone((outcome) => console.log(`task ended: ${outcome.state}`));
    await entered(task);
    await executor.close();
    console.log("main ended");
  },
};
await scenarios[scenario]?.();
