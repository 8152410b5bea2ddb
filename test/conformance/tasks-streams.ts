// The generators of the suite, and readers of them.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { checkpointSync, currentTask, type Executor, portable, shield, sleep } from "../../src/runtime/index.ts";
import { language, note, opened } from "./tasks.ts";
import { unclonables } from "./tasks-faults.ts";

// ---- readers ----

/** All items. */
export async function collect<Y>(stream: AsyncIterable<Y>): Promise<Y[]> {
  const items: Y[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** The items that came, and what came after them. */
export async function history(stream: AsyncIterable<unknown>): Promise<{ readonly items: unknown[]; readonly error: unknown }> {
  const items: unknown[] = [];
  try {
    for await (const item of stream) items.push(item);
  } catch (error) {
    return { items, error };
  }
  return { items, error: undefined };
}

// ---- generators ----

export const count = portable("count", function* (to: number) {
  for (let item = 0; item < to; item++) yield item;
  return "not an item";
});
export const countSlowly = portable("countSlowly", async function* (to: number) {
  for (let item = 0; item < to; item++) {
    await sleep(1);
    yield item;
  }
});
export const each = portable("each", async function* <Y>(...items: readonly Y[]) {
  yield* items;
});
export const promises = portable("promises", function* () {
  yield Promise.resolve(1);
  yield sleep(1).then(() => 2);
  yield Promise.reject(new RangeError("item 3"));
});
/** Yields one object that it goes on changing. */
export const changing = portable("changing", function* (to: number) {
  const item = { value: 0 };
  for (; item.value < to; item.value++) yield item;
});
export const notingStart = portable("notingStart", async function* (key: string) {
  note(key, "begun");
  yield 1;
});
/** Yields for ever; writes down how many it has yielded. */
export const endless = portable("endless", function* (path: string, size: number) {
  for (let made = 1; ; made++) {
    writeFileSync(path, String(made));
    yield new Uint8Array(size).fill(made);
  }
});
export function numberIn(path: string): number {
  return existsSync(path) ? Number(readFileSync(path, "utf8")) : 0;
}
export const languages = portable("languages", async function* (times: number) {
  for (let time = 0; time < times; time++) {
    await sleep(1);
    yield language.get();
  }
});
/** Yields a signal, then aborts it. */
export const abortsItem = portable("abortsItem", async function* (): AsyncGenerator<unknown, void, undefined> {
  const controller = new AbortController();
  yield controller.signal;
  controller.abort("through");
  yield undefined;
});
/** Resolves when this module is there. */
export const present = portable("present", () => {});
/** Yields for ever; tells of its end in a file, after a pause. */
export const tidying = portable("tidying", async function* (path: string) {
  try {
    for (let item = 0; ; item++) yield item;
  } finally {
    await shield(() => sleep(5));
    appendFileSync(path, "tidy");
  }
});
/** The same, in the middle of an operation of its own. */
export const tidyingAsleep = portable("tidyingAsleep", async function* (path: string) {
  try {
    appendFileSync(path, "begun, ");
    yield 1;
    await sleep(600_000);
    yield 2;
  } finally {
    await shield(() => sleep(5));
    appendFileSync(path, "tidy");
  }
});
export const failsTidying = portable("failsTidying", async function* () {
  try {
    for (let item = 0; ; item++) yield item;
  } finally {
    await Promise.reject(new RangeError("while tidying"));
  }
});
export const failsAfter = portable("failsAfter", function* (items: number) {
  yield* count(items);
  throw new RangeError(`after ${items}`);
});
export const yieldsUnclonable = portable("yieldsUnclonable", async function* (name: string, path: string) {
  try {
    yield 1;
    yield unclonables[name]?.();
    yield 3;
  } finally {
    appendFileSync(path, "tidy");
  }
});
export const exitsAfter = portable("exitsAfter", async function* (items: number) {
  yield* count(items);
  // What was yielded leaves with the next turn.
  await sleep(5);
  process.exit(3);
});
/** Fails or dies `times` times before its first item, or after it. The tries are counted in a file. */
export const failsTimes = portable("failsTimes", async function* (path: string, times: number, before: boolean) {
  appendFileSync(path, "x");
  const tries = readFileSync(path, "utf8").length;
  if (before && tries <= times) throw new RangeError(`try ${tries}`);
  yield tries;
  if (!before && tries <= times) throw new RangeError(`try ${tries}`);
});
export const spinsAfter = portable("spinsAfter", function* (items: number, path: string) {
  yield* count(items);
  appendFileSync(path, "spins");
  for (;;);
});
export const checksAfter = portable("checksAfter", function* (items: number) {
  yield* count(items);
  for (;;) checkpointSync();
});
/** Gives its items only when the gate opens. */
export const behindGate = portable("behindGate", async function* (gate: AbortSignal, items: number) {
  await opened(gate);
  yield* count(items);
});
export const tellsPid = portable("tellsPid", async function* (gate: AbortSignal) {
  yield process.pid;
  await opened(gate);
});
export const remainingOf = portable("remainingOf", async function* () {
  const { deadline } = currentTask();
  yield deadline === undefined ? undefined : deadline - performance.now();
});

// ---- tasks that read ----

export const sumOf = portable("sumOf", async (executor: Executor, to: number) => {
  let sum = 0;
  for await (const item of executor.stream(count, to)) sum += item;
  return sum;
});
export const takesFrom = portable("takesFrom", async (executor: Executor, items: number, path: string) => {
  const taken: number[] = [];
  for await (const item of executor.stream(tidying, path)) {
    if (taken.push(item) === items) break;
  }
  return taken;
});
export const readsUntilCancelled = portable("readsUntilCancelled", async (executor: Executor, path: string) => {
  currentTask().report("reading");
  for await (const _item of executor.stream(tidyingAsleep, path));
});
export const readsSlowly = portable("readsSlowly", async (executor: Executor, path: string, size: number) => {
  const leads: number[] = [];
  let read = 0;
  for await (const _item of executor.stream(endless, path, size)) {
    await sleep(20);
    leads.push(numberIn(path) - ++read);
    if (read === 10) return leads;
  }
  return leads;
});
/** A generator that reads another. */
export const doubled = portable("doubled", async function* (executor: Executor, to: number) {
  for await (const item of executor.stream(count, to)) yield item * 2;
});
