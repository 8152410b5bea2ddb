// The executors of this program: the one place that knows all levels. In a worker, the default pools are those of the
// program: a process holds threads, so a child process has threads of its own, and everything else is upstairs.
//
// `BRIGADE_LEVEL=coroutines|serial` in the environment replaces every pool by work in place, values copied as ever: for
// debuggers, test runners and hosts without workers.
import type { AutoExecutor } from "../contract/auto.ts";
import { UnsupportedError } from "../contract/errors.ts";
import type { Executor, ExecutorOptions, ProcessOptions, ThreadOptions } from "../contract/executor.ts";
import type { Level } from "../contract/portable.ts";
import { checkCount } from "../core/durations.ts";
import { CoroutineCore } from "../executors/coroutine/executor.ts";
import { copiesFor } from "../executors/pool/copies.ts";
import type { ExecutorCore } from "../executors/pool/core.ts";
import { defaultSize } from "../executors/pool/default-size.ts";
import { coreOf, ExecutorFace } from "../executors/pool/face.ts";
import { PoolCore } from "../executors/pool/pool.ts";
import { checkPoolOptions } from "../executors/pool/pool-options.ts";
import { RemoteCore } from "../executors/pool/remote.ts";
import { openProcessLink } from "../executors/process/link.ts";
import { SerialCore } from "../executors/serial/executor.ts";
import { openThreadLink } from "../executors/thread/link.ts";
import { AutoCore } from "./auto/core.ts";
import { AutoFace } from "./auto/face.ts";
import { bootUrl } from "./boot-url.ts";
import { nameExecutors } from "./directory.ts";
import { workerHost } from "./worker-host.ts";

/** Megabytes that an idle worker costs, as measured: what default sizes reckon with. */
export const workerMB = { thread: 10, process: 45 } as const;

const replacement = process.env.BRIGADE_LEVEL;
if (replacement !== undefined && replacement !== "" && !["serial", "coroutines"].includes(replacement)) {
  throw new RangeError(`BRIGADE_LEVEL must be serial or coroutines, not ${JSON.stringify(replacement)}.`);
}

function lazily<L extends Level>(open: () => ExecutorCore<L>): ExecutorFace<L> {
  let core: ExecutorCore<L> | undefined;
  return new ExecutorFace(() => {
    core ??= open();
    return core;
  });
}

/** One at a time in submission order, on this thread; a task submitted by a running serial task runs inside it. Parks nothing by itself. */
export const serial: Executor<"serial"> = lazily(() => new SerialCore("serial", { name: "serial", size: 1 }));

/** Unbounded coroutines on this thread's event loop. */
export const coroutines: Executor<"coroutine"> = lazily(
  () => new CoroutineCore("coroutine", { name: "coroutines", size: Number.POSITIVE_INFINITY }),
);

/** This program's thread pool: starts lazily; as many workers as cores, CPU quota and memory allow. Idle workers never
 *  keep the program alive; waiting and running tasks do.
 *
 *  @example
 *  ```ts
 *  export const double = portable("double", (n: number) => n * 2);
 *  if (isMainLevel()) console.log(await threads.run(double, 21)); // 42
 *  ```
 */
export const threads: Executor<"thread"> = lazily(() => {
  const here = workerHost();
  if (here?.level === "thread") return new RemoteCore("thread", "threads", "thread", defaultSize(workerMB.thread), here.host);
  return threadCore({ name: "threads" });
});

/** This program's process pool: as `threads`, with isolated memory and contained crashes. */
export const processes: Executor<"process"> = lazily(() => {
  const here = workerHost();
  if (here) return new RemoteCore("process", "processes", "process", defaultSize(workerMB.process), here.host);
  return processCore({ name: "processes" });
});

/** Finds the level by itself: a function runs here, as a coroutine, until its calls hold this thread for long; from then on it runs on
 *  `threads`, if its arguments and results can travel cheaply. It goes on measuring, and `auto.explain(fn)` says why. The first call is
 *  measured where it was submitted, so an unknown function that computes for long holds this thread once. Starts no thread before one is
 *  worth it.
 *
 *  @example
 *  ```ts
 *  export const double = portable("double", (n: number) => n * 2);
 *  if (isMainLevel()) {
 *    console.log(await auto.run(double, 21)); // 42
 *    console.log(auto.explain(double).level); // coroutine
 *  }
 *  ```
 */
export const auto: AutoExecutor = new AutoFace(() => {
  autoCore ??= new AutoCore(new CoroutineCore("coroutine", { name: "auto", size: Number.POSITIVE_INFINITY }), () => coreBehind(threads));
  return autoCore;
});
let autoCore: AutoCore | undefined;

function coreBehind(executor: Executor): ExecutorCore {
  const core = coreOf(executor);
  if (core === undefined) throw new TypeError("not an executor of this thread");
  return core;
}

/** Coroutines with a bound of their own: `size` at once (default unbounded). Never waits. Throws `RangeError` for bad options. */
export function openCoroutines(options: ExecutorOptions = {}): Executor<"coroutine"> {
  checkOptions(options, []);
  const { name = "coroutines", size = Number.POSITIVE_INFINITY, queue } = options;
  return faceOf(new CoroutineCore("coroutine", { name, size, queue }));
}

/** A thread pool of your own; workers start with the first task or `warm()`. Never waits. Throws `RangeError` or `TypeError`
 *  naming the bad option. */
export function openThreads(options: ThreadOptions = {}): Executor<"thread"> {
  checkOptions(options, ["cwd", "nice", "cpus", "permissions"]);
  return faceOf(threadCore(options));
}

/** A process pool of your own; workers start with the first task or `warm()`. Never waits. Throws as `openThreads`. */
export function openProcesses(options: ProcessOptions = {}): Executor<"process"> {
  checkOptions(options, []);
  return faceOf(processCore(options));
}

function faceOf<L extends Level>(core: ExecutorCore<L>): Executor<L> {
  return new ExecutorFace(() => core);
}

function threadCore(options: ThreadOptions): ExecutorCore<"thread"> {
  const transport = { open: openThreadLink(bootUrl()), sharesMemory: true, servedBlocked: true, workerMB: workerMB.thread };
  const checked = checkPoolOptions("thread", options, transport);
  return replacement ? inPlace("thread", checked.name, checked.size, options) : new PoolCore("thread", checked);
}

function processCore(options: ProcessOptions): ExecutorCore<"process"> {
  const servedBlocked = process.platform !== "win32";
  const transport = { open: openProcessLink(bootUrl()), sharesMemory: false, servedBlocked, workerMB: workerMB.process };
  const checked = checkPoolOptions("process", options, transport);
  return replacement ? inPlace("process", checked.name, checked.size, options) : new PoolCore("process", checked);
}

/** The stand-in that `BRIGADE_LEVEL` asks for: it keeps the level and the size it stands for, and its tasks say where they
 *  really ran. */
function inPlace<L extends "thread" | "process">(level: L, name: string, size: number, { queue }: ExecutorOptions): ExecutorCore<L> {
  const options = { name, size, queue, copies: copiesFor(level) };
  return replacement === "serial" ? new SerialCore(level, options) : new CoroutineCore(level, options);
}

function checkOptions(options: object, foreign: readonly string[]): void {
  if (typeof options !== "object" || options === null) throw new TypeError("The options of an executor must be an object.");
  for (const name of foreign) {
    if ((options as Record<string, unknown>)[name] !== undefined) {
      throw new UnsupportedError(`The option ${name} belongs to processes: openProcesses({ ${name} }).`, name);
    }
  }
  const { size } = options as ExecutorOptions;
  if (size !== undefined) checkCount("The option size", size, 1, true);
}

nameExecutors({ serial, coroutines, thread: threads, process: processes, auto }, () => workerHost()?.host);
