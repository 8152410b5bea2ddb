// Calling a function on samples, here, one after the other: how long, on whose processor time, with what results. Two passes: the
// first warms up and keeps the digest of each input's first result; the second is timed, goes through the inputs from the other end,
// and its results must be the same.
import type { ItemOutcome } from "../compare/canonical.ts";
import { openStallMeter } from "../compare/stall.ts";
import { programCpuMs, queuedMs, threadCpuMs } from "./thread-cpu.ts";

/** What is called, and on what. */
export interface Subject {
  fn(input: unknown): unknown;
  readonly inputs: readonly unknown[];
  /** In which order samples are taken. */
  readonly order: readonly number[];
  /** What an outcome can be compared by. */
  digestOf(outcome: ItemOutcome): Buffer;
  /** Says that the program lives. */
  alive(): void;
}

/** The first pass. */
export interface WarmUp {
  readonly firstMs: number;
  readonly isAsync: boolean;
  /** By input, in the order of the calls. */
  readonly firstDigests: ReadonlyMap<number, Buffer>;
}

/** The second pass. Times in ms. */
export interface TimedCalls {
  /** Of each call, by input; without the time in which others had the processor. */
  readonly wallMs: ReadonlyMap<number, readonly number[]>;
  readonly calls: number;
  readonly elapsedMs: number;
  readonly threadCpuMs: number;
  readonly programCpuMs: number;
  readonly stallMs: number;
  /** The last outcome of each input. */
  readonly outcomes: ReadonlyMap<number, ItemOutcome>;
}

const warmMs = 100;
const fewestWarm = 3;
const mostWarmMs = 300;
const fewestCalls = 5;
const enoughMs = 150;
/** A function that takes this long alone is not asked for more samples than fit. */
const mostMs = 1000;
const mostCalls = 20_000;
/** Asking the system costs some 20 µs; of shorter calls the median leaves out those that were interrupted. */
const worthCorrectingMs = 0.5;
const mostQueued = 0.95;

/** Runs samples until the compiler has had its time, each input once before any comes again. */
export async function warmUp({ fn, inputs, order, digestOf, alive }: Subject): Promise<WarmUp> {
  const firstDigests = new Map<number, Buffer>();
  let firstMs = 0;
  let isAsync = false;
  let spentMs = 0;
  for (let call = 0; call < mostCalls && (spentMs < warmMs || (call < fewestWarm && spentMs < mostWarmMs)); call++) {
    const item = order[call % order.length] ?? 0;
    const startedAt = performance.now();
    const pending = begin(fn, inputs[item]);
    isAsync ||= pending instanceof Promise;
    const outcome = pending instanceof Promise ? await pending : pending;
    const ms = performance.now() - startedAt;
    if (call === 0) firstMs = ms;
    spentMs += ms;
    if (!firstDigests.has(item)) firstDigests.set(item, digestOf(outcome));
    alive();
  }
  return { firstMs, isAsync, firstDigests };
}

/** Times calls until there are enough of them, or time is up. `known` inputs come first, the last of them at the head. */
export async function timeCalls({ fn, inputs, order, alive }: Subject, known: readonly number[]): Promise<TimedCalls> {
  const seen = new Set(known);
  const queue = [...[...known].reverse(), ...order.filter((item) => !seen.has(item))];
  const wallMs = new Map<number, number[]>();
  const outcomes = new Map<number, ItemOutcome>();
  const stalls = openStallMeter();
  const threadBefore = threadCpuMs();
  const programBefore = programCpuMs();
  const startedAt = performance.now();
  let at = startedAt;
  let calls = 0;
  let queued = queuedMs();
  const goesOn = () => {
    const elapsed = at - startedAt;
    return calls < mostCalls && (calls < fewestCalls ? elapsed < mostMs : elapsed < enoughMs);
  };
  while (goesOn()) {
    const item = queue[calls % queue.length] ?? 0;
    const before = performance.now();
    const pending = begin(fn, inputs[item]);
    const outcome = pending instanceof Promise ? await pending : pending;
    at = performance.now();
    calls++;
    let ms = at - before;
    if (ms > worthCorrectingMs) {
      const now = queuedMs();
      ms -= Math.min(now - queued, ms * mostQueued);
      queued = now;
    }
    const times = wallMs.get(item);
    if (times === undefined) wallMs.set(item, [ms]);
    else times.push(ms);
    outcomes.set(item, outcome);
    if ((calls & 63) === 0 || at - before > 1) alive();
  }
  const elapsedMs = at - startedAt;
  const threadAfter = threadCpuMs();
  const programAfter = programCpuMs();
  return {
    wallMs,
    calls,
    elapsedMs,
    threadCpuMs: threadAfter - threadBefore,
    programCpuMs: programAfter - programBefore,
    stallMs: stalls.stop(),
    outcomes,
  };
}

/** Starts all at once, and waits for all. */
export async function timeTogether({ fn, inputs, order, alive }: Subject, calls: number): Promise<{ wallMs: number; cpuMs: number }> {
  alive();
  const cpuBefore = threadCpuMs();
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: calls }, (_, call) => begin(fn, inputs[order[call % order.length] ?? 0])));
  const wallMs = performance.now() - startedAt;
  return { wallMs, cpuMs: threadCpuMs() - cpuBefore };
}

function begin(fn: (input: unknown) => unknown, input: unknown): ItemOutcome | Promise<ItemOutcome> {
  try {
    const value = fn(input);
    if (!isThenable(value)) return { value };
    return Promise.resolve(value).then(
      (result) => ({ value: result }),
      (error: unknown) => ({ error }),
    );
  } catch (error) {
    return { error };
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
