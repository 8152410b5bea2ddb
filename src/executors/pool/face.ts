// The public face of every level: one class makes an Executor of a level's core and a set of settings. A view made by
// `with` is another face on the same core.
import type { CloseOptions, Executor, ExecutorStatistics, MapOptions, Results, TaskOptions } from "../../contract/executor.ts";
import type { Level, Work } from "../../contract/portable.ts";
import type { Task } from "../../contract/task.ts";
import { checkCount, checkDuration } from "../../core/durations.ts";
import { MapResults } from "../../core/results.ts";
import type { ScopedTask } from "../../core/task.ts";
import { AdaptiveChunk } from "./chunk.ts";
import type { ExecutorCore, Submission } from "./core.ts";
import { mergeSettings, noSettings, type TaskSettings } from "./settings.ts";
import { leadOf } from "./stream/credit.ts";
import { Stream } from "./stream/stream.ts";

/** The core behind an executor of this thread; `undefined` for anything else. */
export let coreOf: (value: unknown) => ExecutorCore | undefined;

export class ExecutorFace<L extends Level> implements Executor<L> {
  readonly #open: () => ExecutorCore<L>;
  readonly #settings: TaskSettings;

  static {
    coreOf = (value) => (typeof value === "object" && value !== null && #open in value ? (value as ExecutorFace<Level>).#core : undefined);
  }

  /** `open` gives the core, the same at every call: default executors cost nothing until somebody uses them. */
  constructor(open: () => ExecutorCore<L>, settings: TaskSettings = noSettings) {
    this.#open = open;
    this.#settings = settings;
  }

  get #core(): ExecutorCore<L> {
    return this.#open();
  }

  get level(): L {
    return this.#core.level;
  }
  get name(): string {
    return this.#core.name;
  }
  get size(): number {
    return this.#core.size;
  }

  run<A extends readonly unknown[], R>(fn: Work<L, (...args: A) => R>, ...args: A): Task<Awaited<R>> {
    return this.#submit(fn, args, false) as ScopedTask<Awaited<R>>;
  }

  spawn<A extends readonly unknown[], R>(fn: Work<L, (...args: A) => R>, ...args: A): Task<Awaited<R>> {
    return this.#submit(fn, args, true) as ScopedTask<Awaited<R>>;
  }

  map<T, R>(fn: Work<L, (item: T) => R>, items: Iterable<T> | AsyncIterable<T>, options?: MapOptions): Results<Awaited<R>> {
    const { concurrency, ordered, chunk } = options ?? {};
    if (concurrency !== undefined) checkCount("The option concurrency", concurrency, 1, true);
    if (chunk !== undefined) checkCount("The option chunk", chunk, 1);
    const isLocal = this.level === "serial" || this.level === "coroutine";
    const window =
      this.#core.windowFor?.(fn, { concurrency, chunk }) ?? new AdaptiveChunk({ size: this.size, isLocal, concurrency, chunk });
    return new MapResults<T, Awaited<R>>({
      source: items,
      ordered: ordered !== false,
      limit: () => window.limit,
      chunk: (left) => window.chunk(left),
      start: (batch) => {
        const many = window.isDivisible && batch.length > 1 ? "some" : "all";
        const task = this.#submit(fn, batch, false, many) as ScopedTask<readonly Awaited<R>[]>;
        task.whenSettled(() => {
          const { outcome, metrics } = task;
          if (outcome?.state === "succeeded") window.measured(outcome.value.length, metrics.runMs);
        });
        return task;
      },
    });
  }

  stream<A extends readonly unknown[], Y>(
    fn: Work<L, (...args: A) => AsyncGenerator<Y, unknown, undefined> | Generator<Y, unknown, undefined>>,
    ...args: A
  ): AsyncIterable<Y> {
    const core = this.#core;
    const settings = this.#settings;
    return new Stream<Y>(leadOf(core.runsAs), (stream) => core.submit({ fn, args, settings, dedicated: false, many: undefined, stream }));
  }

  broadcast<A extends readonly unknown[], R>(fn: Work<L, (...args: A) => R>, ...args: A): Promise<Awaited<R>[]> {
    return this.#core.broadcast({ fn, args, settings: this.#settings, dedicated: false }) as Promise<Awaited<R>[]>;
  }

  with(options: TaskOptions): Executor<L> {
    return new ExecutorFace(this.#open, mergeSettings(this.#settings, options));
  }

  statistics(): ExecutorStatistics {
    return this.#core.statistics();
  }

  async warm(count?: number): Promise<void> {
    if (count !== undefined) checkCount("The number of workers to warm", count, 0, true);
    await this.#core.warm(Math.min(count ?? this.size, this.size));
  }

  drain(): Promise<void> {
    return this.#core.drain();
  }

  ready(): Promise<void> {
    return this.#core.ready();
  }

  async close(options: CloseOptions = {}): Promise<void> {
    if (options.grace !== undefined) checkDuration("The option grace", options.grace);
    await this.#core.close(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get [Symbol.toStringTag](): string {
    return `Executor(${this.name})`;
  }

  #submit(fn: unknown, args: readonly unknown[], dedicated: boolean, many?: Submission["many"]): ScopedTask<unknown> {
    return this.#core.submit({ fn, args, settings: this.#settings, dedicated, many });
  }
}
