// The portable functions of the suite: small, and each with one behaviour.
import { appendFileSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { inspect } from "node:util";
import { getHeapStatistics } from "node:v8";
import { threadId } from "node:worker_threads";
import {
  checkpoint,
  checkpointSync,
  currentTask,
  type Executor,
  isMainLevel,
  portable,
  serializable,
  shield,
  sleep,
  TaskLocal,
  transfer,
  withTaskGroup,
} from "../../src/runtime/index.ts";

// ---- values ----

export const echo = portable("echo", (value: unknown) => value);
export const add = portable("add", (a: number, b: number) => a + b);
export const double = portable("double", (n: number) => n * 2);
export const later = portable("later", async (value: unknown) => {
  await sleep(1);
  return value;
});
/** Something with a `then` that is no promise. */
export const thenable = portable("thenable", (value: number): PromiseLike<number> => {
  return {
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tried
    then: (onFulfilled) => Promise.resolve(value).then(onFulfilled),
  } as PromiseLike<number>;
});
export const collect = portable("collect", (...values: unknown[]) => values);
export const show = portable("show", (value: unknown): string =>
  inspect(value, { depth: 20, compact: true, breakLength: Number.POSITIVE_INFINITY }),
);
/** Changes what it was given. */
export const spoil = portable("spoil", (list: unknown[]) => {
  list.push("spoilt");
  return list.length;
});
export const fill = portable("fill", (words: Int32Array, value: number) => {
  words.fill(value);
});
export const apply = portable("apply", (fn: (value: number) => number | PromiseLike<number>, value: number) => fn(value));
export const bytes = portable("bytes", (length: number) => new Uint8Array(length).fill(7));
/** How deep arrays of one element are nested. */
export const depthOf = portable("depthOf", (value: unknown) => {
  let depth = 0;
  for (let each = value; Array.isArray(each); each = each[0]) depth++;
  return depth;
});
export const nestedArrays = portable("nestedArrays", (depth: number) => {
  let value: unknown[] = [];
  for (let each = 1; each < depth; each++) value = [value];
  return value;
});
const leaked: unknown[] = [];
/** Leaves two megabytes of values behind; gives how often that was done here. */
export const leak = portable("leak", (n: number) => leaked.push(new Array<number>(2 ** 18).fill(n + 0.5)));
let leakedBytes = 0;
/** Leaves a buffer behind; gives the bytes of all of them. */
export const leakBytes = portable("leakBytes", (length: number) => {
  leaked.push(Buffer.alloc(length, 1));
  leakedBytes += length;
  return leakedBytes;
});
/** Uses so many megabytes, and leaves nothing. */
export const waste = portable("waste", (megabytes: number) => {
  const lists = Array.from({ length: megabytes }, (_, n) => new Array<number>(2 ** 17).fill(n + 0.5));
  return lists.length;
});
/** What this program sees of its own limits. */
export const selfPortrait = portable("selfPortrait", () => {
  const status = process.platform === "linux" ? readFileSync("/proc/self/status", "utf8") : "";
  return {
    folder: process.cwd(),
    priority: getPriority(),
    heapMB: getHeapStatistics().heap_size_limit / 2 ** 20,
    cpus: /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1],
    variables: Object.keys(process.env).sort(),
  };
});
/** A prototype that a decoder might have changed. */
export const polluted = portable("polluted", (value: { readonly plain: object }) => {
  const { plain } = value;
  return {
    ownKeys: Object.keys(plain),
    prototype: Object.getPrototypeOf(plain) === Object.prototype,
    global: ({} as { polluted?: unknown }).polluted ?? "clean",
  };
});

export class Point {
  readonly x: number;
  readonly y: number;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
  get length(): number {
    return Math.hypot(this.x, this.y);
  }
}
serializable(Point, { name: "conformance.Point" });
export const lengthOf = portable("lengthOf", (point: Point) => [point instanceof Point, point.length]);
export const midpoint = portable("midpoint", (a: Point, b: Point) => new Point((a.x + b.x) / 2, (a.y + b.y) / 2));

// ---- who and where ----

export const who = portable("who", () => {
  const { id, name, level } = currentTask();
  return { id, name, level, pid: process.pid, thread: threadId, main: isMainLevel() };
});
export const remainingMs = portable("remainingMs", () => {
  const { deadline } = currentTask();
  return deadline === undefined ? undefined : deadline - performance.now();
});
export const environment = portable("environment", (name: string) => process.env[name]);

/** `note` for a map. */
export const noteItem = portable("noteItem", ([key, value]: readonly [string, unknown]) => {
  note(key, value);
});
const kept = ["as it was"];
/** A list that the worker keeps. */
export const keptList = portable("keptList", () => kept);
const logs = new Map<string, unknown[]>();
/** Appends to a list of the worker's own. */
export const note = portable("note", (key: string, value: unknown) => {
  logs.set(key, [...(logs.get(key) ?? []), value]);
});
/** The list. */
export const notes = portable("notes", (key: string) => logs.get(key) ?? []);

// ---- waiting, with and without regard to a cancel ----

/** Resolves when the gate opens. */
export function opened(gate: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (gate.aborted) resolve();
    else gate.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Waits at the gate, or until it is cancelled. */
export const hold = portable("hold", async (gate: AbortSignal, value?: unknown) => {
  const { signal } = currentTask();
  currentTask().report("held");
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    void opened(gate).then(resolve);
  });
  return value;
});
/** Waits at the gate whatever happens. */
export const stubborn = portable("stubborn", async (gate: AbortSignal, value?: unknown) => {
  currentTask().report("held");
  await opened(gate);
  return value;
});
/** Waits at the gate whatever happens, then throws. */
export const stubbornFailure = portable("stubbornFailure", async (gate: AbortSignal) => {
  currentTask().report("held");
  await opened(gate);
  throw new RangeError("after the gate");
});
/** Waits at the gate, and notes when it is entered and left. */
export const holdNoting = portable("holdNoting", async (gate: AbortSignal, key: string) => {
  note(key, "entered");
  try {
    await hold(gate);
  } finally {
    note(key, "left");
  }
});
export const sleepLong = portable("sleepLong", async (ms = 600_000) => {
  currentTask().report("asleep");
  await sleep(ms);
  return "slept";
});
/** Never ends and asks nobody. */
export const neverEnds = portable("neverEnds", () => new Promise<never>(() => {}));
/** Waits for its own cancel, then tells what it saw. */
export const witness = portable("witness", async () => {
  const task = currentTask();
  task.report("watching");
  await new Promise<void>((resolve) => task.signal.addEventListener("abort", () => resolve(), { once: true }));
  const { name, message, code, cause } = task.signal.reason as Error & { code: string };
  return { cancelled: task.cancelled, name, message, code, cause: cause instanceof Error ? cause.message : cause };
});
/** Cancelled while asleep; then asks for more in its cleanup. */
export const levelTriggered = portable("levelTriggered", async () => {
  currentTask().report("asleep");
  const log: string[] = [];
  const attempt = async (name: string, operation: () => Promise<unknown>) => {
    try {
      await operation();
      log.push(`${name} went on`);
    } catch (error) {
      log.push(`${name} ${(error as Error).name}`);
    }
  };
  await attempt("sleep", () => sleep(600_000));
  await attempt("again", () => sleep(1));
  await attempt("checkpoint", () => checkpoint());
  await attempt("checkpointSync", async () => checkpointSync());
  await attempt("shield", () => shield(() => sleep(1)));
  return log;
});
/** Cleans up for a while, protected. */
export const tidies = portable("tidies", async (key: string) => {
  try {
    currentTask().report("asleep");
    await sleep(600_000);
  } finally {
    await shield(() => sleep(5));
    note(key, "tidy");
  }
});
/** The same, told in a file. */
export const tidiesInFile = portable("tidiesInFile", async (path: string) => {
  try {
    appendFileSync(path, "entered");
    await sleep(600_000);
  } finally {
    await shield(() => sleep(5));
    appendFileSync(path, ", tidy");
  }
});
/** Gives a value although it was cancelled. */
export const valueAfterCancel = portable("valueAfterCancel", async () => {
  currentTask().report("asleep");
  await sleep(600_000).catch(() => {});
  return "kept";
});
/** Throws something else when it is cancelled. */
export const errorAfterCancel = portable("errorAfterCancel", async () => {
  currentTask().report("asleep");
  await sleep(600_000).catch(() => {});
  throw new RangeError("while tidying");
});
export const checkpoints = portable("checkpoints", async () => {
  for (;;) await checkpoint();
});
export const checkpointsSync = portable("checkpointsSync", () => {
  for (;;) checkpointSync();
});
export const spin = portable("spin", () => {
  for (;;);
});
export const microtasks = portable("microtasks", async () => {
  for (;;) await undefined;
});
export const waitForEver = portable("waitForEver", () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
/** Computes for a while. */
export const busyFor = portable("busyFor", (ms: number) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
});
export const recurse = portable("recurse", (): number => 1 + recurse());

// ---- reports ----

export const reportEach = portable("reportEach", async (values: readonly unknown[]) => {
  for (const value of values) {
    currentTask().report(value);
    await sleep(1);
  }
  return values.length;
});
export const reportThenHold = portable("reportThenHold", async (gate: AbortSignal, ...values: readonly unknown[]) => {
  for (const value of values) currentTask().report(value);
  await hold(gate);
});

// ---- submitting ----

export const nest = portable(
  "nest",
  async (executor: Executor, depth: number): Promise<number> => (depth === 0 ? 0 : 1 + (await executor.run(nest, executor, depth - 1))),
);
export const submit = portable("submit", async (executor: Executor, fn: typeof echo, ...args: [unknown]) => executor.run(fn, ...args));
export const fanOut = portable("fanOut", async (executor: Executor, count: number) => executor.map(double, [...new Array(count).keys()]));
export const parentOf = portable("parentOf", async (executor: Executor, gate: AbortSignal) => {
  currentTask().report("submitting");
  return executor.run(hold, gate);
});
export const grouped = portable("grouped", (executor: Executor) =>
  withTaskGroup(async (group) => {
    const here = group.run(() => 1);
    const there = group.run(executor, double, 21);
    return [await here, await there];
  }),
);
export const deadlineOfChild = portable("deadlineOfChild", async (executor: Executor, deadline: number) =>
  executor.with({ deadline }).run(remainingMs),
);
export const nestsApart = portable("nestsApart", (executor: Executor, value: number) => executor.spawn(double, value));
export const joins = portable("joins", (executor: Executor, value: number) => executor.run(double, value).joinSync());

export const workerOf = portable("workerOf", () => currentTask().worker);

export const language = new TaskLocal("conformance.language", "none");
export const client = new TaskLocal<{ readonly id: number } | undefined>("conformance.client", undefined);
export const locals = portable("locals", async () => {
  await sleep(1);
  return [language.get(), client.get()];
});
export const localsOfItem = portable("localsOfItem", async (item: number) => `${language.get()} ${item}`);
export const localsOfChild = portable("localsOfChild", (executor: Executor) => executor.run(locals));
export const localsRebound = portable("localsRebound", (executor: Executor) => language.run("rebound", () => executor.run(locals)));

/** Waits for the abort of a signal among its arguments. */
export const reasonOf = portable("reasonOf", async ({ signal }: { readonly signal: AbortSignal }) => {
  currentTask().report("listening");
  await opened(signal);
  const { reason } = signal as { reason: unknown };
  return reason instanceof Error ? [reason.name, reason.message] : reason;
});

/** Aborts a signal that it gave to its child, once the child listens. */
export const abortsChild = portable("abortsChild", async (executor: Executor) => {
  const controller = new AbortController();
  const child = executor.run(reasonOf, { signal: controller.signal });
  for await (const report of child.progress) {
    if (report === "listening") break;
  }
  controller.abort("by its parent");
  return child;
});

// ---- set up and torn down ----

let ready: string | undefined;
let setups = 0;
export const setUp = portable("setUp", async () => {
  await sleep(1);
  setups++;
  ready = "set up";
});
export const setUpState = portable("setUpState", () => [ready, setups]);
export const setUpFails = portable("setUpFails", () => {
  throw new RangeError("no database");
});
export const setUpDies = portable("setUpDies", () => process.exit(9));
export const tearDown = portable("tearDown", async () => {
  await sleep(1);
  appendFileSync(process.env["CONFORMANCE_FILE"] ?? "", "x");
});
export const tearDownFails = portable("tearDownFails", () => {
  throw new RangeError("no way out");
});

let given: Uint8Array | undefined;
/** Moves what it returns. */
export const giveAway = portable("giveAway", (length: number): Uint8Array => {
  given = new Uint8Array(length).fill(7);
  return transfer(given, [given.buffer as ArrayBuffer]);
});
/** What is left of it here: bytes of the view and of the buffer. */
export const leftOver = portable("leftOver", () => [given?.byteLength, given?.buffer.byteLength]);
/** Moves what has been moved already. */
export const giveTwice = portable("giveTwice", (): object => {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  return transfer({ buffer }, [buffer]);
});
