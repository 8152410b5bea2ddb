// What the stress program has its workers do: good work, slow work, deaf work, and every bad end. Each answer carries the
// number it was asked with, so that an answer to somebody else's question is recognised.
import { appendFileSync } from "node:fs";
import type { Executor } from "../../src/runtime/index.ts";
import { checkpoint, checkpointSync, currentTask, portable, sleep } from "../../src/runtime/index.ts";

/** An answer: whose it is, when its code was entered (the system's monotonic clock, in ns), and what was sent. */
export interface Answer {
  readonly n: number;
  readonly atNs: bigint;
  readonly value: unknown;
}

const answer = (n: number, atNs: bigint, value?: unknown): Answer => ({ n, atNs, value });
const now = (): bigint => process.hrtime.bigint();

function spin(ms: number, step: () => void = () => {}): void {
  for (const end = performance.now() + ms; performance.now() < end; ) step();
}

export const echo = portable("echo", (n: number, value: unknown): Answer => answer(n, now(), value));

export const compute = portable("compute", (n: number, ms: number): Answer => {
  const atNs = now();
  spin(ms);
  return answer(n, atNs);
});

export const nap = portable("nap", async (n: number, ms: number): Promise<Answer> => {
  const atNs = now();
  await sleep(ms);
  await checkpoint();
  return answer(n, atNs);
});

/** Holds its thread, but asks. */
export const polite = portable("polite", (n: number, ms: number): Answer => {
  const atNs = now();
  spin(ms, checkpointSync);
  return answer(n, atNs);
});

/** Holds its thread for ever and never asks: only a kill ends it. */
export const deafLoop = portable("deafLoop", (): never => {
  for (;;);
});

/** Waits for ever and hears nothing. */
export const deafWait = portable("deafWait", () => new Promise<never>(() => setInterval(() => {}, 1_000)));

/** Ends when its signal is aborted. */
export const listen = portable("listen", (n: number, signal: AbortSignal): Promise<Answer> => {
  const atNs = now();
  return new Promise((resolve) => {
    if (signal.aborted) resolve(answer(n, atNs));
    else signal.addEventListener("abort", () => resolve(answer(n, atNs)));
  });
});

export const bytes = portable("bytes", (n: number, buffer: ArrayBuffer): Answer => {
  let sum = 0;
  for (const byte of new Uint8Array(buffer)) sum += byte;
  return answer(n, now(), sum);
});

export const report = portable("report", async (n: number, count: number): Promise<Answer> => {
  const atNs = now();
  for (let each = 0; each < count; each++) {
    currentTask().report(each);
    if (each % 8 === 0) await checkpoint();
  }
  return answer(n, atNs);
});

export const weirdNames = ["undefined", "nothing", "function", "getter", "symbol", "proxy", "string", "error", "unclonable"] as const;

export const weird = portable("weird", (name: (typeof weirdNames)[number]): unknown => {
  const things: Readonly<Record<string, () => unknown>> = {
    undefined: () => undefined,
    nothing: () => Object.create(null),
    function: () => () => 1,
    symbol: () => Symbol("thrown"),
    string: () => "thrown",
    error: () => Object.assign(new RangeError("thrown"), { more: () => 1 }),
    getter: () => ({
      get message() {
        throw new TypeError("from a getter");
      },
    }),
    proxy: () =>
      new Proxy(
        {},
        {
          get: () => {
            throw new TypeError("from a trap");
          },
        },
      ),
  };
  if (name === "unclonable") return () => 1;
  throw things[name]?.();
});

/** Exits its worker in mid-task; in a process by a signal when asked for 9. Says when, first. */
export const die = portable("die", async (how: number, afterMs: number): Promise<never> => {
  if (afterMs > 0) await sleep(afterMs);
  currentTask().report(now());
  if (how === 9) process.kill(process.pid, "SIGKILL");
  process.exit(how);
});

/** Ends its worker in one of several ways, at once or a moment later. */
export const perish = portable("perish", async (how: "exit0" | "exit3" | "abort" | "kill", afterMs: number): Promise<never> => {
  if (afterMs > 0) await sleep(afterMs);
  if (how === "abort") process.abort();
  if (how === "kill") process.kill(process.pid, "SIGKILL");
  process.exit(how === "exit3" ? 3 : 0);
});

/** Leaves its number in a file: whoever is entered twice is there twice. */
export const mark = portable("mark", (path: string, n: number): Answer => {
  const atNs = now();
  appendFileSync(path, `${n}\n`);
  return answer(n, atNs);
});

/** Says which process this is and waits to be killed. */
export const target = portable("target", async (): Promise<never> => {
  currentTask().report(process.pid);
  return new Promise<never>(() => setInterval(() => {}, 1_000));
});

/** Answers, and then brings its worker down by what nobody handles. */
export const lateCrash = portable("lateCrash", (n: number): Answer => {
  setImmediate(() => void Promise.reject(new Error("after the result")));
  return answer(n, now());
});

/** Submits to the executor it is given, so that a full pool has to serve work its own tasks wait for. */
export const nested = portable(
  "nested",
  async (n: number, pool: Executor<"thread" | "process">, depth: number, value: unknown): Promise<Answer> => {
    const atNs = now();
    const inner: Answer = depth > 0 ? await pool.run(nested, n, pool, depth - 1, value) : await pool.run(echo, n, value);
    if (inner.n !== n) throw new RangeError(`the answer to ${inner.n} came to ${n}`);
    return answer(n, atNs, inner.value);
  },
);

export const double = portable("double", (n: number): number => n * 2);

export const setupQuick = portable("setupQuick", (): void => {});
export const setupSlow = portable("setupSlow", async (): Promise<void> => sleep(5));
export const setupBroken = portable("setupBroken", (): never => {
  throw new RangeError("setup on purpose");
});
export const teardownQuick = portable("teardownQuick", (): void => {});
