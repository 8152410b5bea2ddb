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
  setImmediate(() => spin(ms));
  for await (const finding of findings) return finding;
  return undefined;
});
