// Functions for `auto`; each says on which thread it ran.
import { threadId } from "node:worker_threads";
import { currentTask, portable } from "../../../src/runtime/index.ts";

/** Computes for so long, measured by the clock. */
function holdFor(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

export const quick = portable("quick", (n: number) => ({ n, thread: threadId }));

export const held = portable("held", (ms: number) => {
  holdFor(ms);
  return threadId;
});

export const heldToo = portable("heldToo", (ms: number) => {
  holdFor(ms);
  return threadId;
});

export const heldInLine = portable("heldInLine", (ms: number) => {
  holdFor(ms);
  return threadId;
});

/** Reports, and then ignores everything. */
export const spins = portable("spins", async (ms: number) => {
  if (ms < 100) return holdFor(ms);
  currentTask().report("here");
  await new Promise((resolve) => setTimeout(resolve, 0));
  holdFor(ms);
});

const attempts = new Map<string, number>();

/** The third attempt of a name succeeds, in each thread. */
export const failsTwice = portable("failsTwice", (name: string, ms: number) => {
  holdFor(ms);
  const attempt = (attempts.get(name) ?? 0) + 1;
  attempts.set(name, attempt);
  if (attempt < 3) throw new RangeError(`attempt ${attempt}`);
  return threadId;
});

export const tells = portable("tells", function* (times: number) {
  for (let i = 0; i < times; i++) yield threadId;
});

/** Asynchronous in form only. */
export const heldLater = portable("heldLater", async (ms: number) => {
  await undefined;
  holdFor(ms);
  return threadId;
});

export const naps = portable("naps", (ms: number) => new Promise<number>((resolve) => setTimeout(() => resolve(threadId), ms)));

export const closure = portable("closure", (ms: number) => {
  holdFor(ms);
  return () => ms;
});

export const weigh = portable("weigh", (value: unknown) => {
  holdFor(15);
  return [typeof value, threadId] as const;
});

export const fails = portable("fails", (ms: number): never => {
  holdFor(ms);
  throw new RangeError(`failed on purpose after ${ms}`);
});

export const reports = portable("reports", (ms: number) => {
  holdFor(ms);
  currentTask().report("half way");
  return new Promise<number>((resolve) => setTimeout(() => resolve(threadId), 30));
});

export const endless = portable("endless", async (word: "short" | "endless") => {
  holdFor(15);
  if (word === "short") return word;
  const { signal } = currentTask();
  await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  return word;
});

export const tellsName = portable("tellsName", (ms: number) => {
  holdFor(ms);
  return currentTask().name;
});
