// The contract in use, as a stranger writes it: what must compile, and (under @ts-expect-error) what must not. Checked against the
// declarations that ship; never run.
import type { Executor, Outcome, Portable, Results, Task } from "brigade";
import {
  all,
  any,
  BrigadeError,
  CancelledError,
  checkpoint,
  checkpointSync,
  coroutines,
  currentTask,
  isMainLevel,
  map,
  moduleFunctions,
  openCoroutines,
  openProcesses,
  openTaskGroup,
  openThreads,
  portable,
  processes,
  race,
  serial,
  serializable,
  settled,
  shield,
  sleep,
  TaskGroupError,
  TaskLocal,
  TimeoutError,
  threads,
  timeout,
  WorkerLostError,
  withTaskGroup,
} from "brigade";
import { compare, measureMatrix, renderText } from "brigade/lab";

/** Compiles only when `T` is exactly `U`. */
type Same<T, U> = (<X>() => X extends T ? 1 : 2) extends <X>() => X extends U ? 1 : 2 ? true : false;
declare function is<_T extends true>(): void;

interface Summary {
  readonly words: number;
}

// ---- portable functions ----
export const parse = portable("parse", async (path: string, limit?: number): Promise<Summary> => ({ words: path.length + (limit ?? 0) }));
const add = portable(import.meta, "add", (a: number, b: number) => a + b);
const first = portable("first", async <T>(items: readonly T[]): Promise<T | undefined> => items[0]);
const lines = portable("lines", async function* (path: string) {
  yield path;
  yield path.length;
});
const count = portable("count", function* (to: number) {
  for (let i = 0; i < to; i++) yield i;
});
const prepare = portable("prepare", () => {});
const double = portable("double", (n: number) => n * 2);
type SmallModule = { shrink(bytes: Uint8Array): Uint8Array; version: string };
type LargeModule = { crush(n: number): string; shrink(bytes: Uint8Array): Uint8Array };
const { shrink } = moduleFunctions<SmallModule>(new URL("./small.js", import.meta.url));
const { crush } = moduleFunctions<LargeModule>(new URL("./large.js", import.meta.url));

class Point {
  readonly x: number;
  readonly y: number;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
}
serializable(Point, { encode: (p) => [p.x, p.y] as const, decode: ([x, y]) => new Point(x, y) });

export async function executors(paths: string[], anywhere: Executor) {
  const direct = parse("a.js");
  is<Same<typeof direct, Promise<Summary>>>();
  const task = threads.run(parse, "a.js", 10);
  is<Same<typeof task, Task<Summary>>>();
  const sum = await processes.run(add, 1, 2);
  is<Same<typeof sum, number>>();
  const one = await threads.run(first<Point>, [new Point(1, 2)]);
  is<Same<typeof one, Point | undefined>>();
  const generic = first(["a"]);
  is<Same<typeof generic, Promise<string | undefined>>>();
  const bytes = await threads.run(shrink, new Uint8Array(3));
  is<Same<typeof bytes, Uint8Array>>();
  const text = await threads.run(crush, 4);
  is<Same<typeof text, string>>();
  const plain = await coroutines.run((n: number) => n + 1, 1);
  is<Same<typeof plain, number>>();
  await serial.run(() => paths.length);
  await anywhere.run(double, 4);
  const asPromise: Promise<Summary> = task;

  const results = threads.map(parse, paths, { concurrency: 8, ordered: false, chunk: 4 });
  is<Same<typeof results, Results<Summary>>>();
  for await (const s of processes.map(parse, paths)) console.log(s.words);
  const everything = await threads.map(parse, paths);
  is<Same<typeof everything, Summary[]>>();
  for await (const part of threads.stream(lines, "f")) is<Same<typeof part, string | number>>();
  for await (const n of processes.stream(count, 3)) n.toFixed();
  for await (const n of coroutines.stream(async function* (n: number) {
    yield n;
  }, 3))
    n.toFixed();
  const names = await threads.broadcast(prepare);
  is<Same<typeof names, void[]>>();

  await using pool = openThreads({
    size: 4,
    name: "parsers",
    setup: prepare,
    memoryLimit: 256,
    queue: { capacity: 100, full: "run-here" },
  });
  await using kitchen = openProcesses({ nice: 5, cwd: "/", permissions: { read: ["/data"] }, stdio: "tag", env: { A: "1" } });
  await using bounded = openCoroutines({ size: 10 });
  await pool.warm(2);
  const { buffer } = new Uint8Array(8);
  const quick = pool.with({ deadline: 500, priority: 1, transfer: [buffer], retry: { retries: 2, backoff: { initial: 10 } } });
  await quick.run(parse, "a");
  await bounded.run(() => kitchen.statistics().running);
  await pool.close({ grace: 100 });

  // @ts-expect-error a closure is not portable
  threads.run(() => paths.length);
  // @ts-expect-error nor is it on a dedicated process
  processes.spawn((n: number) => n, 1);
  // @ts-expect-error nor for an executor that could be of any level
  anywhere.run(() => 1);
  // @ts-expect-error nor for map
  threads.map((path: string) => path, paths);
  // @ts-expect-error wrong argument type
  threads.run(parse, 42);
  // @ts-expect-error missing argument
  threads.run(add, 1);
  // @ts-expect-error one argument too many
  threads.run(double, 1, 2);
  // @ts-expect-error items of the wrong type
  threads.map(parse, [1, 2, 3]);
  // @ts-expect-error not a generator
  threads.stream(parse, "a");
  // @ts-expect-error nor is a closure portable
  threads.stream(function* () {
    yield 1;
  });
  // @ts-expect-error a thread pool is no coroutine executor
  const wrong: Executor<"coroutine"> = threads;
  // @ts-expect-error a working directory belongs to a process
  openThreads({ cwd: "/" });
  // @ts-expect-error no such policy
  openThreads({ queue: { capacity: 1, full: "explode" } });
  // @ts-expect-error no such export
  moduleFunctions<SmallModule>("./small.js").version;
  // @ts-expect-error wrong argument type of a module's export
  threads.run(moduleFunctions<LargeModule>("./large.js").crush, "four");
  // @ts-expect-error the brand cannot be made by hand
  const forged: Portable<() => number> = () => 1;
  // @ts-expect-error `level` is read-only
  pool.level = "thread";
  return [asPromise, wrong, forged, isMainLevel()];
}

export async function tasks(task: Task<Summary>, signal: AbortSignal) {
  using subscription = task.onDone((outcome) => {
    if (outcome.state === "succeeded") outcome.value.words.toFixed();
    else if (outcome.state === "cancelled") outcome.error.code satisfies "ERR_BRIGADE_CANCELLED";
    // @ts-expect-error the outcome is not narrowed
    outcome.value;
  });
  for await (const step of task.progress) console.log(step, task.metrics.cpuMs?.toFixed());
  task.joinSync(100).words.toFixed();
  task.cancel("no longer needed");
  await task.stop();
  currentTask().report({ done: 1 });
  await checkpoint();
  checkpointSync();
  await sleep(10, { signal });
  const kept = await shield(async () => 1, { timeout: 50 });
  is<Same<typeof kept, number>>();
  const timed = await timeout(50, () => parse("a"));
  is<Same<typeof timed, Summary>>();
  const locale = new TaskLocal("locale", "en");
  const length = locale.run("de", () => locale.get().length);
  is<Same<typeof length, number>>();
  const wide: Task<unknown> = task;
  // @ts-expect-error a task of anything is not a task of a summary
  const narrow: Task<Summary> = wide;
  // @ts-expect-error the state is not the caller's to set
  task.state = "succeeded";
  // @ts-expect-error the value needs an await
  task.words;
  return [subscription, narrow];
}

export async function groups(ids: number[]) {
  const pair = await withTaskGroup(
    async (group) => {
      const user = group.run(() => Promise.resolve({ id: 1 }));
      const thumb = group.run(threads, parse, "image");
      group.background(processes, add, 1, 2);
      group.run(coroutines, (n: number) => n, 1);
      // @ts-expect-error a closure does not travel from a group either
      group.run(threads, () => 1);
      // @ts-expect-error wrong argument type
      group.run(threads, parse, 1);
      return [await user, await thumb] as const;
    },
    { deadline: 2_000, errors: "first" },
  );
  is<Same<typeof pair, readonly [{ id: number }, Summary]>>();
  await using group = openTaskGroup();
  group.run(() => sleep(1));
  await group.join();
  const both = await all([() => 1, async () => "a"]);
  is<Same<typeof both, [number, string]>>();
  const winner = await race([() => 1, async () => "a"]);
  is<Same<typeof winner, string | number>>();
  const some = await any([async () => true]);
  is<Same<typeof some, boolean>>();
  const ends = await settled([async () => 1]);
  is<Same<typeof ends, [Outcome<number>]>>();
  const mapped = await map(ids, async (id) => `${id}`, { concurrency: 4 });
  is<Same<typeof mapped, string[]>>();
  // @ts-expect-error functions, not promises that already run
  await all([sleep(1)]);
  return [some, ends];
}

export async function doors() {
  const report = await compare(double, [1, 2], { levels: ["thread", "serial"], sizes: [1, 2] });
  console.log(renderText(report, { width: 100, color: false }), report.verdict.level, report.levels[0]?.speedup.toFixed(2));
  // @ts-expect-error inputs of the wrong type
  await compare(double, ["a"]);
  // @ts-expect-error a closure cannot be measured in a fresh program
  await compare((n: number) => n, [1]);
  const matrix = await measureMatrix({ rows: ["create-warm"], signal: AbortSignal.timeout(1_000) });
  console.log(renderText(matrix), matrix.rows[0]?.values.thread?.toFixed(1));
  // @ts-expect-error a level may have no value
  matrix.rows[0]?.values.thread.toFixed(1);
}

export function errors(error: unknown): string {
  if (error instanceof TaskGroupError) return String(error.split((e) => e instanceof TimeoutError)[0]?.errors.length);
  if (error instanceof WorkerLostError) return `${error.signal} ${error.exitCode} ${error.stderrTail}`;
  if (error instanceof CancelledError) error.name satisfies "AbortError";
  const base: BrigadeError | undefined = error instanceof BrigadeError ? error : new TaskGroupError([]);
  // @ts-expect-error codes are a closed set
  return base.code === "ERR_NOPE" ? "" : String(base.message);
}
