// Use: work that must go on. Two processes bake; one of them is killed in the middle of a cake, as the system does when memory runs out. One
// task fails and says why, the process in reserve takes the place, and a picture shows it.
//
//   node --import tsx examples/uses/losing-a-worker.ts
import { isMainLevel, openProcesses, portable, WorkerLostError } from "brigade";
import { recordTrace } from "brigade/observe";

const ms = Number(process.env.BRIGADE_EXAMPLE_MS ?? 1_000) / 4;

/** Keeps a processor busy: a process that only waits would be no kitchen. */
export const bake = portable("bake", (bakingMs: number): void => {
  for (const end = performance.now() + bakingMs; performance.now() < end; );
});

if (isMainLevel()) {
  const pool = openProcesses({ size: 2, name: "kitchen" });
  await pool.warm();
  let killedMs = 0;
  let foundMs = 0;
  const recording = recordTrace();
  const before = Array.from({ length: 5 }, () => pool.run(bake, ms));
  // It would take long.
  const cake = pool.with({ name: "cake" }).run(bake, 20 * ms);
  const behind = Array.from({ length: 6 }, () => pool.run(bake, ms));
  cake.onDone(() => {
    foundMs = performance.now();
  });
  const watch = setInterval(() => {
    if (cake.state !== "running") return;
    clearInterval(watch);
    const kitchen = pool.statistics().perWorker.find(({ name }) => name === cake.metrics.worker);
    setTimeout(() => {
      killedMs = performance.now();
      process.kill(kitchen?.id as number, "SIGKILL");
    }, ms / 2);
  }, 1);
  const outcomes = await Promise.allSettled([...before, cake, ...behind]);
  const trace = await recording.stop();
  console.log(trace.toLanes({ width: Number(process.env.COLUMNS) || process.stdout.columns || 80 }));

  const failed = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
  console.log();
  for (const error of failed) console.log(error instanceof WorkerLostError ? error.message : error);
  console.log(`Found out ${(foundMs - killedMs).toFixed(1)} ms after the kill.`);
  console.log(`${outcomes.length - failed.length} of ${outcomes.length} are done.`);
  await pool.close();
}
