// The portable functions that go wrong.
import { appendFileSync, readFileSync, writeSync } from "node:fs";
import { currentTask, type Executor, portable, serializable, sleep } from "../../src/runtime/index.ts";
import { hold, opened } from "./tasks.ts";

// ---- errors ----

/** An error class that its module exports. */
export class ExportedError extends RangeError {
  readonly details: unknown;
  constructor(message: string, details: unknown) {
    super(message);
    this.name = "ExportedError";
    this.details = details;
  }
  get summary(): string {
    return `${this.message}!`;
  }
}
/** An error class that is registered. */
export class RegisteredError extends Error {
  override readonly name = "RegisteredError";
  status = 0;
}
serializable(RegisteredError, { name: "conformance.RegisteredError" });
/** Neither. */
class PrivateError extends TypeError {
  override readonly name = "PrivateError";
  readonly code = "E_PRIVATE";
}

/** Errors by name, made afresh. */
export const errors: Readonly<Record<string, () => unknown>> = {
  Error: () => new Error("plain"),
  TypeError: () => new TypeError("types"),
  RangeError: () => new RangeError("ranges"),
  SyntaxError: () => new SyntaxError("syntax"),
  ReferenceError: () => new ReferenceError("references"),
  EvalError: () => new EvalError("evals"),
  URIError: () => new URIError("uris"),
  "no message": () => new Error(),
  "own properties": () => Object.assign(new Error("with extras"), { code: "E_EXTRA", extra: { list: [1, { two: 2 }] }, when: new Date(0) }),
  "changed name": () => Object.assign(new Error("renamed"), { name: "Renamed" }),
  exported: () => new ExportedError("exported", { a: 1 }),
  registered: () => Object.assign(new RegisteredError("registered"), { status: 404 }),
  private: () => new PrivateError("private"),
  cause: () => new Error("outer", { cause: new TypeError("inner", { cause: { plain: true } }) }),
  AggregateError: () => new AggregateError([new TypeError("one"), new Error("two", { cause: 2 }), "three"], "all of them"),
  "nested aggregate": () => new AggregateError([new AggregateError([new RangeError("deep")], "inner")], "outer"),
  DOMException: () => new DOMException("not now", "InvalidStateError"),
  "error in a cycle": () => {
    const error = new Error("itself") as Error & { self?: unknown };
    error.self = error;
    return error;
  },
};
export const fail = portable("fail", (name: string) => {
  throw errors[name]?.();
});
export const failAsync = portable("failAsync", async (name: string) => {
  await sleep(1);
  throw errors[name]?.();
});
export const failNested = portable("failNested", (executor: Executor, name: string) => executor.run(fail, name));
export const failOn = portable("failOn", async (item: number, bad = 3) => {
  if (item === bad) throw new RangeError(`item ${item}`);
  return item;
});

/** What can be thrown and is no error, or an odd one. */
export const oddities: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  "a string": () => "just text",
  "a number": () => Number.NaN,
  "a bigint": () => 10n,
  "a null-prototype object": () => Object.assign(Object.create(null), { odd: true }),
  "a function": () => () => 1,
  "a symbol": () => Symbol("odd"),
  "a throwing message": () =>
    Object.defineProperty(new Error("hidden"), "message", {
      get() {
        throw new Error("the getter throws");
      },
    }),
  "a throwing name": () =>
    Object.defineProperty(new TypeError("named"), "name", {
      get() {
        throw new Error("the getter throws");
      },
    }),
  "a frozen error": () => Object.freeze(new RangeError("frozen")),
  "a proxy": () => new Proxy({ odd: true }, {}),
  "a hostile proxy": () =>
    new Proxy(
      {},
      {
        get: refuse,
        getPrototypeOf: refuse,
        ownKeys: refuse,
        has: refuse,
        getOwnPropertyDescriptor: refuse,
      },
    ),
  "a revoked proxy": () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  "an own __proto__": () => Object.defineProperty(new Error("sly"), "__proto__", { value: { polluted: true }, enumerable: true }),
  "a promise": () => Promise.resolve("not settled by it"),
  "a huge message": () => new Error("x".repeat(4_000_000)),
  "a frozen global": () => globalThis,
};
function refuse(): never {
  throw new Error("the proxy refuses");
}
export const throwOddity = portable("throwOddity", (name: string) => {
  throw oddities[name]?.();
});
export const rejectOddity = portable("rejectOddity", async (name: string) => {
  await undefined;
  throw oddities[name]?.();
});

/** What cannot travel. */
export const unclonables: Readonly<Record<string, () => unknown>> = {
  "a function": () => ({ deep: [() => 1] }),
  "a symbol": () => ({ deep: [Symbol("s")] }),
  "a throwing getter": () => ({
    deep: [
      {
        get it() {
          throw new RangeError("getter");
        },
      },
    ],
  }),
  "a detached buffer": () => {
    const buffer = new ArrayBuffer(8);
    structuredClone(buffer, { transfer: [buffer] });
    return { deep: [buffer] };
  },
  "a revoked proxy": () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return { deep: [proxy] };
  },
  "a promise": () => ({ deep: [Promise.resolve(1)] }),
  "a weak map": () => ({ deep: [new WeakMap()] }),
};
export const giveUnclonable = portable("giveUnclonable", (name: string) => unclonables[name]?.());
export const reportUnclonable = portable("reportUnclonable", (name: string) => currentTask().report(unclonables[name]?.()));
export const throwingThen = portable("throwingThen", () => ({
  // biome-ignore lint/suspicious/noThenProperty: a thenable that goes wrong is what is tried
  get then(): never {
    throw new RangeError("no then");
  },
}));
export const twofoldThen = portable("twofoldThen", () => ({
  // biome-ignore lint/suspicious/noThenProperty: a thenable that settles twice is what is tried
  then(resolve: (value: number) => void, reject: (reason: unknown) => void) {
    resolve(1);
    reject(new Error("too late"));
    resolve(2);
  },
}));

// ---- deaths ----

export const exit = portable("exit", (code: number) => process.exit(code));
export const exitLater = portable("exitLater", async (code: number) => {
  await sleep(1);
  process.exit(code);
});
/** Ends the worker some submissions deep. */
export const exitDeep = portable(
  "exitDeep",
  async (executor: Executor, depth: number): Promise<unknown> =>
    depth === 0 ? process.exit(2) : executor.run(exitDeep, executor, depth - 1),
);
/** Ends the worker with work of its own under way elsewhere. */
export const exitAfterSubmitting = portable("exitAfterSubmitting", async (executor: Executor, gate: AbortSignal) => {
  const child = executor.run(hold, gate);
  for await (const report of child.progress) if (report === "held") process.exit(2);
});
/** Tells its process, then waits at the gate. */
export const reportPid = portable("reportPid", async (gate: AbortSignal) => {
  currentTask().report(process.pid);
  await opened(gate);
});
export const signalSelf = portable("signalSelf", async (signal: NodeJS.Signals) => {
  process.kill(process.pid, signal);
  await new Promise<never>(() => {});
});
/** The same in the middle of a loop, so that nothing that was sent can be on its way out. */
export const signalSelfSync = portable("signalSelfSync", (signal: NodeJS.Signals) => {
  process.kill(process.pid, signal);
  for (;;);
});
/** Says when it ends, by the clock that all processes share, and ends itself a turn later. */
export const endItself = portable("endItself", async (how: "abort" | "exit 0" | "exit 3" | NodeJS.Signals) => {
  currentTask().report(process.hrtime.bigint());
  await new Promise((resolve) => setImmediate(resolve));
  if (how === "abort") process.abort();
  if (how === "exit 0") process.exit(0);
  if (how === "exit 3") process.exit(3);
  process.kill(process.pid, how);
  await new Promise<never>(() => {});
});
export const computeFor = portable("computeFor", (durationMs: number) => {
  const end = performance.now() + durationMs;
  while (performance.now() < end);
  return "done";
});
/** Leaves a mark in a file: whoever runs twice leaves two. */
export const leaveMark = portable("leaveMark", (path: string, mark: number) => {
  appendFileSync(path, `${mark}\n`);
  return mark;
});
export const closeDescriptor = portable("closeDescriptor", async (fd: number) => {
  const { closeSync } = await import("node:fs");
  closeSync(fd);
});
export const lengthOf = portable("lengthOf", (bytes: Uint8Array) => [bytes.byteLength, bytes[0], bytes.at(-1)]);
export const exhaust = portable("exhaust", () => {
  const hoard: unknown[] = [];
  for (;;) hoard.push(new Array(10_000).fill(hoard.length));
});
/** Dies `times` times, then gives how often it was tried. The tries are counted in a file, since nothing else survives. */
export const dieTimes = portable("dieTimes", (path: string, times: number) => {
  const tries = tryAgain(path);
  if (tries <= times) process.exit(5);
  return tries;
});
/** Throws `times` times, then gives how often it was tried. */
export const failTimes = portable("failTimes", (path: string, times: number) => {
  const tries = tryAgain(path);
  if (tries <= times) throw new RangeError(`try ${tries}`);
  return tries;
});
function tryAgain(path: string): number {
  appendFileSync(path, "x");
  return readFileSync(path, "utf8").length;
}
export const closeLink = portable("closeLink", async () => {
  const { closeSync } = await import("node:fs");
  closeSync(3);
  await new Promise<never>(() => {});
});
export const garbage = portable("garbage", async () => {
  writeSync(3, Buffer.alloc(256, 0xee));
  await new Promise<never>(() => {});
});
/** Writes the beginning of a frame and ends. */
export const truncate = portable("truncate", () => {
  writeSync(3, Buffer.from([100, 0, 0, 0, 1, 2]));
  process.exit(0);
});
/** Writes so many megabytes to both streams in turns, without an end of line. */
export const floodBytes = portable("floodBytes", (megabytes: number) => {
  const megabyte = Buffer.alloc(2 ** 20, "flood ");
  for (let each = 0; each < megabytes; each++) {
    for (let at = 0; at < megabyte.length; ) at += writeSome(1 + (each % 2), megabyte, at);
  }
  return megabytes;
});
function writeSome(fd: number, bytes: Buffer, at: number): number {
  try {
    return writeSync(fd, bytes, at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
    throw error;
  }
}
export const flood = portable("flood", async (lines: number) => {
  for (let line = 0; line < lines; line++) process.stdout.write(`${"flood ".repeat(30)}${line}\n`);
  return lines;
});

export const floodAndExit = portable("floodAndExit", async (lines: number) => {
  await flood(lines);
  process.exit(6);
});

// ---- strays ----

/** A rejection that nobody handles, while the task goes on. */
export const strayRejection = portable("strayRejection", async () => {
  void Promise.reject(new RangeError("stray"));
  await new Promise<never>(() => {});
});
/** The same, after the result. */
export const strayAfterwards = portable("strayAfterwards", () => {
  setTimeout(() => void Promise.reject(new RangeError("stray")), 5);
  return "kept";
});
/** An exception in a timer, while the task goes on. */
export const strayException = portable("strayException", async (thrown?: string) => {
  setTimeout(() => {
    throw thrown === undefined ? new RangeError("stray") : oddities[thrown]?.();
  }, 1);
  await new Promise<never>(() => {});
});
