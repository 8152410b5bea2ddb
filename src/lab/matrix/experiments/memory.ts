// What one more suspended unit takes: the system's books before and after so many of them, the first already there. Of a process the
// books are its own.
import type { Executor } from "../../../contract/executor.ts";
import { type ProcessBooks, readBooks } from "../books.ts";
import type { Experiment, MatrixHost, Observation } from "../experiment.ts";
import { matrixLevels } from "../experiment.ts";

const counts = { coroutine: { full: 100_000, quick: 50_000 }, thread: { full: 8, quick: 4 }, process: { full: 4, quick: 2 } } as const;
const noSmaps = "this system does not tell which pages a process has for itself";
const noTasks = "this system does not list the threads of a process";

/** Figures: `residentBytes`, `privateBytes`, `kernelThreads`. */
export const memory: Experiment = {
  id: "memory",
  title: "memory of suspended units",
  levels: matrixLevels,
  flags: () => ["--expose-gc"],
  async run(level, host) {
    const count = counts[level][host.quick ? "quick" : "full"];
    if (level === "process") return inProcesses(await Promise.all(Array.from({ length: count }, () => begin(host))), host);
    const first = level === "coroutine" ? undefined : await begin(host);
    const loop = level === "coroutine" ? host.open({ size: Number.POSITIVE_INFINITY }) : undefined;
    // what the first thousand compile and allocate once is not theirs
    if (loop !== undefined) suspend(loop, host, 1000);
    const before = await settledBooks();
    const units: unknown[] = [first];
    if (loop !== undefined) suspend(loop, host, count);
    else for (let i = 0; i < count; i++) units.push(await begin(host));
    const after = await settledBooks();
    const each = (of: (books: ProcessBooks) => number | undefined): number | undefined => {
      const [a, b] = [of(before), of(after)];
      return a === undefined || b === undefined || units.length === 0 ? undefined : (b - a) / count;
    };
    return observed(
      each((books) => books.residentBytes),
      each((books) => books.privateBytes),
      each((books) => books.kernelThreads),
    );
  },
};

async function begin(host: MatrixHost): Promise<Executor> {
  const unit = host.open();
  await unit.run(host.tasks.nothing);
  return unit;
}

function suspend(loop: Executor, host: MatrixHost, count: number): void {
  for (let i = 0; i < count; i++) void loop.run(host.tasks.rest);
}

async function inProcesses(units: readonly Executor[], host: MatrixHost): Promise<Observation> {
  const books = await Promise.all(units.map((unit) => unit.run(host.tasks.books)));
  const mean = (of: (books: ProcessBooks) => number | undefined): number | undefined =>
    books.reduce<number | undefined>((sum, one) => {
      const value = of(one);
      return sum === undefined || value === undefined ? undefined : sum + value / books.length;
    }, 0);
  return observed(
    mean((one) => one.residentBytes),
    mean((one) => one.privateBytes),
    mean((one) => one.kernelThreads),
  );
}

function observed(residentBytes: number | undefined, privateBytes: number | undefined, kernelThreads: number | undefined): Observation {
  return {
    figures: {
      residentBytes: listed(residentBytes),
      privateBytes: listed(privateBytes),
      kernelThreads: listed(kernelThreads),
    },
    words: kernelThreads === undefined ? {} : { kernelThreads: kernelThreads >= 0.5 ? "kernel" : "event loop" },
    missing: {
      ...(privateBytes === undefined ? { privateBytes: noSmaps } : {}),
      ...(kernelThreads === undefined ? { kernelThreads: noTasks } : {}),
    },
  };
}

function listed(value: number | undefined): readonly number[] {
  return value === undefined ? [] : [value];
}

/** After a turn of the loop, in which tasks have begun, and a collection, so that garbage is not counted as theirs. */
async function settledBooks(): Promise<ProcessBooks> {
  for (let i = 0; i < 2; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc?.();
  }
  return readBooks();
}
