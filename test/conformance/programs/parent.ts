// Starts work of every kind, tells the processes that take part, and waits to be killed.
import { openProcesses } from "../../../src/runtime/index.ts";
import type { TestLevel } from "../capabilities.ts";
import { openLevel, running } from "../ground.ts";
import { spin, stubborn, who } from "../tasks.ts";

const level = process.argv[2] as TestLevel;
const executor = openLevel(level, { size: 3 });
const gate = new AbortController();
const pids = new Set([process.pid]);
if (level === "thread" || level === "process") {
  await executor.warm(3);
  for (const { pid } of await executor.broadcast(who)) pids.add(pid);
  // One that spins, so that it never sees the end of its pipe; one that waits; one that is idle.
  await running(executor.run(spin));
}
const waiting = executor.run(stubborn, gate.signal);
await running(waiting);
// A pool that is idle, whatever the level.
const idle = openProcesses({ size: 1, stdio: "ignore" });
pids.add((await idle.run(who)).pid);
console.log(JSON.stringify([...pids]));
setInterval(() => {}, 1_000);
