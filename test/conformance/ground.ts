// The ground a case stands on: executors of one level, closed after it, and the handshakes that need no sleep. A gate is an
// AbortSignal given to a task, which every level hands over; "running" is read off the task.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CoroutineCore } from "../../src/executors/coroutine/executor.ts";
import type { ExecutorCore } from "../../src/executors/pool/core.ts";
import { coreOf, ExecutorFace } from "../../src/executors/pool/face.ts";
import { SerialCore } from "../../src/executors/serial/executor.ts";
import { AutoCore } from "../../src/runtime/auto/core.ts";
import { AutoFace } from "../../src/runtime/auto/face.ts";
import {
  type Executor,
  openCoroutines,
  openProcesses,
  openThreads,
  type ProcessOptions,
  type Task,
  threads,
} from "../../src/runtime/index.ts";
import { withVirtualClock } from "../../src/testing/virtual-clock.ts";
import { type Capability, isInPlace, lackOf, type Place, type TestLevel } from "./capabilities.ts";
import { living } from "./census.ts";
import { echo } from "./tasks.ts";

/** What any wait may take before the case fails: wide, since the machine may be busy with other things. */
export const patienceMs = 20_000;

/** Opens an executor of a level. The public interface has one serial executor; here every case gets its own of that class, so
 *  that a closed one does not end the suite. */
export function openLevel(level: TestLevel, options: ProcessOptions = {}, place: Place = level): Executor {
  const { name = level, size, queue } = options;
  if (place === "auto") {
    const here = new CoroutineCore("coroutine", { name, size: size ?? Number.POSITIVE_INFINITY, queue });
    const core = new AutoCore(here, () => coreOf(threads) as ExecutorCore);
    return new AutoFace(() => core) as Executor;
  }
  if (level === "serial") {
    const core = new SerialCore("serial", { name, size: 1, queue });
    return new ExecutorFace(() => core) as Executor;
  }
  if (level === "coroutine") return openCoroutines({ name, size, queue }) as Executor;
  if (level === "thread") return openThreads({ name, stdio: "ignore", ...options }) as Executor;
  return openProcesses({ name, stdio: "ignore", ...options }) as Executor;
}

/** An executor of size 2 for many cases, complete with its spare: what appears later is some case's. */
export async function openShared(level: TestLevel, place: Place = level): Promise<Executor> {
  const before = living().length;
  const executor = openLevel(level, { size: 2 }, place);
  await executor.warm();
  await executor.broadcast(echo, 1);
  await executor.run(echo, 1);
  if (lackOf(place, "workers") === undefined) await until(() => living().length === before + 3, "two workers and a spare");
  return executor;
}

/** Time as a case sees it: virtual where all of it is this thread's, real where workers have clocks of their own. */
export interface Time {
  pass(ms: number): Promise<void>;
}

/** What tasks wait at. */
export interface Gate {
  readonly signal: AbortSignal;
  open(): void;
}

export class Ground {
  readonly level: TestLevel;
  readonly place: Place;
  readonly #opened: Executor[] = [];
  readonly #before = new Set(living());
  readonly #gates: AbortController[] = [];
  #folder: string | undefined;
  #shared: Executor | undefined;

  /** `shared` is an executor of size 2 (serial: 1) for cases that leave no traces on it. */
  constructor(level: TestLevel, place: Place, shared?: Executor) {
    this.level = level;
    this.place = place;
    this.#shared = shared;
  }

  get shared(): Executor {
    this.#shared ??= this.open({ size: 2 });
    return this.#shared;
  }

  /** Work runs on the caller's thread. */
  get local(): boolean {
    return this.level === "serial" || this.level === "coroutine";
  }

  readonly has = (capability: Capability): boolean => lackOf(this.place, capability) === undefined;

  /** An executor of this case's own; `Ground` closes it. */
  readonly open = (options: ProcessOptions = {}): Executor => {
    const executor = openLevel(this.level, options, this.place);
    this.#opened.push(executor);
    return executor;
  };

  /** A gate that tasks wait at; opened at the end whatever happens. */
  readonly gate = (): Gate => {
    const controller = new AbortController();
    this.#gates.push(controller);
    return { signal: controller.signal, open: () => controller.abort("open") };
  };

  /** The path of a file that does not exist yet, in a folder of this case. */
  readonly file = (name: string): string => {
    this.#folder ??= mkdtempSync(join(tmpdir(), "brigade-conformance-"));
    return join(this.#folder, name);
  };

  /** The URL of a module of the suite. */
  readonly module = (name: string): URL => new URL(`./modules/${name}.js`, import.meta.url);

  /** Runs `fn` in virtual time where that is possible. */
  readonly inTime = <R>(fn: (time: Time) => Promise<R>): Promise<Awaited<R>> => {
    if (this.local || isInPlace(this.place)) return withVirtualClock((clock) => fn({ pass: (ms) => clock.advance(ms) }));
    return fn({ pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) }) as Promise<Awaited<R>>;
  };

  /** Ends the case: opens its gates, closes its executors, and finds what they left behind. */
  async dispose(mayLeave = false): Promise<void> {
    for (const gate of this.#gates) gate.abort("open");
    await within(Promise.all(this.#opened.map((executor) => executor.close())), "the executors close");
    const left = () => living().filter((each) => !this.#before.has(each));
    if (!mayLeave)
      await until(() => left().length === 0, "no thread and no child process is left").catch(() => {
        assert.fail(`${left().length} worker(s) left after close`);
      });
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Fails instead of waiting for ever. */
export async function within<T>(promise: PromiseLike<T>, what: string, ms = patienceMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: `${what}: not within ${ms} ms` })), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for a condition that nothing announces. */
export async function until(condition: () => boolean, what: string, ms = patienceMs): Promise<void> {
  const end = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > end) assert.fail(`${what}: not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Tasks whose functions report first thing: resolves when all have. Call it in the tick of the submission. */
export async function entered(...tasks: readonly Task<unknown>[]): Promise<void> {
  await within(Promise.all(tasks.map(firstReport)), "the task reports");
}

/** They have been taken up; their modules may still be loading. */
export function running(...tasks: readonly Task<unknown>[]): Promise<void> {
  return until(() => tasks.every((task) => task.state !== "waiting"), "the task starts");
}

/** What a promise or task rejects with; fails when it does not. */
export async function failureOf(promise: PromiseLike<unknown>): Promise<unknown> {
  const ended = promise.then(
    (value) => ({ value, failed: false as const }),
    (error: unknown) => ({ error, failed: true as const }),
  );
  const outcome = await within(ended, "it rejects");
  if (outcome.failed) return outcome.error;
  throw new assert.AssertionError({ message: "it should have rejected", actual: outcome.value });
}

/** The first report of a task. */
export async function firstReport(task: Task<unknown>): Promise<unknown> {
  for await (const report of task.progress) return report;
  throw new assert.AssertionError({ message: "the task ended without a report" });
}

/** Checks an error of brigade. */
export function assertError<E extends Error>(
  error: unknown,
  Class: abstract new (...args: never) => E,
  code: string,
  message?: RegExp,
): asserts error is E {
  assert.ok(error instanceof Class, `expected ${Class.name}, got ${String(error)}`);
  assert.equal((error as { code?: unknown }).code, code);
  if (message) assert.match(error.message, message);
}
