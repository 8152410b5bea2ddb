// Work for other threads.
import type { Finding } from "../../../src/observe/finding.ts";
import { watch } from "../../../src/observe/watch.ts";
import { portable } from "../../../src/wire/portable.ts";

/** Keeps its thread busy. */
export const spin = portable(import.meta, "spin", (ms: number): number => {
  const untilMs = performance.now() + ms;
  let turns = 0;
  while (performance.now() < untilMs) turns++;
  return turns;
});

export const fail = portable(import.meta, "fail", (): never => {
  throw new RangeError("it failed over there");
});

/** What a watch on another thread says of work there. */
export const watchAndSpin = portable(import.meta, "watchAndSpin", async (ms: number): Promise<Finding | undefined> => {
  const findings = watch({ blockedLoopMs: ms / 2 });
  // Again and again: a busy machine may not let it run for so long at once.
  const timer = setInterval(() => spin(ms), 2 * ms);
  for await (const finding of findings) {
    clearInterval(timer);
    return finding;
  }
  return undefined;
});

/** Dies in the middle. */
export const killed = portable(import.meta, "killed", () => process.kill(process.pid, "SIGKILL"));
