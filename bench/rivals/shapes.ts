// What the benchmarks use of each rival, as types: rivals are installed by the first run and not by `npm ci`, and the project
// type-checks without them.

/** Package name → what is used of it. */
export interface Rivals {
  readonly "async-mutex": AsyncMutex;
  readonly comlink: { readonly wrap: (endpoint: object) => { add(a: number, b: number): Promise<number> } };
  readonly effect: EffectPackage;
  readonly effection: Effection;
  readonly multithreading: Multithreading;
  readonly "p-limit": { readonly default: (concurrency: number) => <R>(fn: () => Promise<R>) => Promise<R> };
  readonly "p-queue": { readonly default: new (options?: { concurrency?: number }) => { add<R>(fn: () => Promise<R>): Promise<R> } };
  readonly piscina: { readonly Piscina: WorkerPool & PairPool };
  readonly poolifier: {
    readonly FixedThreadPool: new (
      workers: number,
      file: string,
    ) => { execute(pair: Pair, name: string): Promise<number>; destroy(): Promise<void> };
  };
  readonly rxjs: Rxjs;
  readonly "jest-worker": {
    readonly Worker: new (
      file: string,
      options: { numWorkers: number; exposedMethods: readonly string[] },
    ) => { addPair(pair: Pair): Promise<number> };
  };
  readonly tinypool: { readonly Tinypool: WorkerPool & PairPool };
  readonly "worker-farm": {
    readonly default: (
      options: { maxConcurrentWorkers: number; maxConcurrentCallsPerWorker: number },
      file: string,
      methods: readonly string[],
    ) => { add(a: number, b: number, done: (error: Error | null, sum: number) => void): void };
  };
  readonly workerpool: {
    pool(
      file: string,
      options: { minWorkers: number; maxWorkers: number; workerType: "thread" | "process" },
    ): { exec(name: string, parameters: readonly number[]): Promise<number>; terminate(): Promise<void> };
  };
}

/** What the workers of several pools add. */
interface Pair {
  readonly a: number;
  readonly b: number;
}

type PairPool = new (
  options: Readonly<Record<string, unknown>>,
) => {
  run(pair: Pair): Promise<number>;
  destroy(): Promise<void>;
};

/** What comlink makes of a worker or of a parent port. */
export type NodeEndpoint = (port: object) => object;

/** A pool of worker threads: `run` calls the export of that name of the file. */
type WorkerPool = new (options: {
  readonly filename: string;
  readonly minThreads: number;
  readonly maxThreads: number;
  readonly concurrentTasksPerWorker: number;
}) => { run(task: unknown, options: { readonly name: string }): Promise<unknown> };

interface AsyncMutex {
  readonly Mutex: new () => {
    acquire(): Promise<() => void>;
    runExclusive<R>(fn: () => Promise<R>): Promise<R>;
  };
}

interface SharedMutexOf<T> {
  blockingLock(): Disposable & { readonly value: T };
}
interface Multithreading {
  readonly Mutex: new <T>(value: T) => SharedMutexOf<T>;
  move<A extends readonly unknown[]>(...values: A): A;
  initRuntime(options: { maxWorkers: number }): void;
  spawn<A extends readonly unknown[], R>(values: A, fn: (...values: A) => R): { join(): Promise<{ readonly value: R }> };
}

/** A description of work, run by `yield*` inside `gen`. */
export interface Effect<A> {
  [Symbol.iterator](): Iterator<Effect<unknown>, A, unknown>;
}
/** A running effect. */
export interface Fiber<A> {
  readonly id: number;
  /** Phantom: what it succeeds with. */ readonly "~value"?: A;
}
interface EffectQueue<A> {
  /** Phantom: what it carries. */ readonly "~value"?: A;
}
interface EffectSemaphore {
  readonly withPermits: (permits: number) => <A>(effect: Effect<A>) => Effect<A>;
  readonly withPermitsIfAvailable: (permits: number) => <A>(effect: Effect<A>) => Effect<unknown>;
}
interface EffectPackage {
  readonly Effect: {
    readonly void: Effect<void>;
    readonly yieldNow: Effect<void>;
    gen<A>(body: () => Generator<Effect<unknown>, A, unknown>): Effect<A>;
    forkChild<A>(effect: Effect<A>): Effect<Fiber<A>>;
    promise<A>(fn: () => Promise<A>): Effect<A>;
    raceFirst<A>(one: Effect<A>, other: Effect<A>): Effect<A>;
    all(effects: readonly Effect<unknown>[], options: { concurrency: "unbounded"; discard: true }): Effect<void>;
    runPromise<A>(effect: Effect<A>): Promise<A>;
    runFork<A>(effect: Effect<A>): Fiber<A>;
  };
  readonly Fiber: { joinAll(fibers: readonly Fiber<unknown>[]): Effect<unknown> };
  readonly Deferred: {
    makeUnsafe(): object;
    await(deferred: object): Effect<void>;
    doneUnsafe(deferred: object, effect: Effect<void>): void;
  };
  readonly Queue: {
    bounded<A>(capacity: number): Effect<EffectQueue<A>>;
    offer<A>(queue: EffectQueue<A>, value: A): Effect<boolean>;
    offerUnsafe<A>(queue: EffectQueue<A>, value: A): boolean;
    take<A>(queue: EffectQueue<A>): Effect<A>;
    takeUnsafe<A>(queue: EffectQueue<A>): unknown;
  };
  readonly Semaphore: { makeUnsafe(permits: number): EffectSemaphore };
}

/** A description of work, run by `yield*`. */
export interface Operation<T> {
  [Symbol.iterator](): Iterator<unknown, T, unknown>;
}
type OperationBody<T> = () => Generator<unknown, T, unknown>;
interface Subscription<T> {
  next(): Operation<IteratorResult<T, void>>;
}
interface EffectionChannel<T> extends Operation<Subscription<T>> {
  send(value: T): Operation<void>;
}
interface Effection {
  run<T>(body: OperationBody<T>): Promise<T>;
  spawn<T>(body: OperationBody<T>): Operation<Operation<T>>;
  action<T>(executor: (resolve: (value: T) => void) => () => void): Operation<T>;
  until<T>(promise: PromiseLike<T>): Operation<T>;
  race<T>(operations: readonly Operation<T>[]): Operation<T>;
  createChannel<T>(): EffectionChannel<T>;
}

interface Rxjs {
  range(start: number, count: number): { pipe<T>(operator: (source: never) => T): T };
  mergeMap<R>(project: () => Promise<R>): (source: never) => object;
  lastValueFrom(source: object): Promise<unknown>;
}
