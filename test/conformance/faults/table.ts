// The fault table: what is injected, where it can be, and how the tasks shall end. Every fault is injected on every level
// that the capability table does not excuse.
import { type Executor, moduleFunctions, type ProcessOptions } from "../../../src/runtime/index.ts";
import type { Capability } from "../capabilities.ts";
import { type Ground, running } from "../ground.ts";
import * as work from "../tasks.ts";
import * as bad from "../tasks-faults.ts";
import type { Ledger } from "./ledger.ts";

/** One fault. */
export interface Fault {
  readonly name: string;
  readonly needs?: readonly Capability[];
  /** Injects it; the executor must work afterwards, unless the fault is its end. */
  readonly inject: (executor: Executor, ledger: Ledger, ground: Ground) => Promise<void> | void;
  /** The executor it is injected into. */
  readonly options?: ProcessOptions;
  /** Nothing can run on the executor afterwards, by design. */
  readonly ends?: boolean;
}

const lost = "ERR_BRIGADE_WORKER_LOST";
const cancelled = "ERR_BRIGADE_CANCELLED";
const timedOut = "ERR_BRIGADE_TIMEOUT";
const unsendable = "ERR_BRIGADE_NOT_SERIALIZABLE";
const broken = "ERR_BRIGADE_POOL_BROKEN";
const quick = { grace: 50 };

/** Runs one function `count` times, all with the same end. */
const each =
  (fn: typeof work.echo, args: readonly unknown[], expected: string | readonly string[], count = 3): Fault["inject"] =>
  (executor, ledger) => {
    for (let n = 0; n < count; n++) ledger.watch(executor.run(fn, ...(args as [unknown])), expected);
  };
const as = (fn: unknown) => fn as typeof work.echo;
/** A function of one of the suite's modules that go wrong at import. */
const never = (ground: Ground, module: string) => as(moduleFunctions<{ never(): string }>(ground.module(module)).never);

const throws: readonly Fault[] = [
  {
    name: "weird throws",
    inject: (executor, ledger) => {
      for (const name of Object.keys(bad.oddities)) ledger.watch(executor.run(bad.throwOddity, name));
    },
  },
  {
    name: "weird rejections",
    inject: (executor, ledger) => {
      for (const name of Object.keys(bad.oddities)) ledger.watch(executor.run(bad.rejectOddity, name));
    },
  },
  { name: "stack overflow", inject: each(as(work.recurse), [], "RangeError") },
  {
    name: "unclonable argument",
    needs: ["copies"],
    inject: (executor, ledger) => {
      for (const make of Object.values(bad.unclonables)) ledger.watch(executor.run(work.echo, make()), unsendable);
    },
  },
  {
    name: "unclonable result",
    needs: ["copies"],
    inject: (executor, ledger) => {
      for (const name of Object.keys(bad.unclonables)) ledger.watch(executor.run(bad.giveUnclonable, name), unsendable);
    },
  },
  {
    name: "a closure",
    needs: ["copies"],
    inject: each(
      as(() => 1),
      [],
      "ERR_BRIGADE_NOT_PORTABLE",
    ),
  },
];

const imports: readonly Fault[] = [
  {
    name: "module fails at import",
    needs: ["ownModules"],
    inject: (executor, ledger, ground) => each(never(ground, "throws-at-import"), [], "ERR_BRIGADE_NOT_PORTABLE")(executor, ledger, ground),
  },
  {
    name: "module starts work at import",
    needs: ["ownModules"],
    inject: (executor, ledger, ground) => {
      const { quiet } = moduleFunctions<{ quiet(): string }>(ground.module("works-at-import"));
      ledger.watch(executor.run(quiet), "ERR_BRIGADE_NOT_PORTABLE");
    },
  },
  {
    name: "module exits at import",
    needs: ["exitContainment"],
    inject: (executor, ledger, ground) => each(never(ground, "exits-at-import"), [], lost)(executor, ledger, ground),
  },
  {
    name: "module hangs at import",
    needs: ["preemption"],
    inject: (executor, ledger, ground) => {
      ledger.watch(executor.with({ ...quick, timeout: 300 }).run(never(ground, "hangs-at-import"), 0), timedOut);
    },
  },
];

const deaths: readonly Fault[] = [
  { name: "process.exit(0)", needs: ["exitContainment"], inject: each(as(bad.exit), [0], lost) },
  { name: "process.exit(3)", needs: ["exitContainment"], inject: each(as(bad.exit), [3], lost) },
  { name: "process.exit later", needs: ["exitContainment"], inject: each(as(bad.exitLater), [3], lost) },
  { name: "process.abort", needs: ["crashContainment"], inject: each(as(bad.abort), [], lost) },
  {
    name: "heap exhausted",
    needs: ["memoryContainment"],
    options: { memoryLimit: 24 },
    inject: (executor, ledger) => {
      ledger.watch(executor.with({ timeout: 6_000, grace: 100 }).run(bad.exhaust), [lost, timedOut]);
    },
  },
  { name: "stray rejection", needs: ["strayContainment"], inject: each(as(bad.strayRejection), [], lost) },
  { name: "stray exception", needs: ["strayContainment"], inject: each(as(bad.strayException), [], lost) },
  { name: "stray after the result", needs: ["strayContainment"], inject: each(as(bad.strayAfterwards), [], "value") },
  { name: "SIGKILL", needs: ["workerPid"], inject: each(as(bad.signalSelf), ["SIGKILL"], lost) },
  { name: "SIGTERM", needs: ["workerPid"], inject: each(as(bad.signalSelf), ["SIGTERM"], lost) },
  { name: "SIGSEGV", needs: ["workerPid"], inject: each(as(bad.signalSelf), ["SIGSEGV"], lost) },
  {
    name: "SIGSTOP, then a cancel",
    needs: ["workerPid"],
    inject: async (executor, ledger) => {
      const task = ledger.watch(executor.with(quick).run(bad.signalSelf, "SIGSTOP"), cancelled);
      await running(task);
      task.cancel();
    },
  },
  { name: "descriptor 3 closed", needs: ["workerPid"], inject: each(as(bad.closeLink), [], lost, 1) },
  { name: "garbage on the pipe", needs: ["workerPid"], inject: each(as(bad.garbage), [], lost, 1) },
  { name: "setup throws", needs: ["workers"], ends: true, options: { setup: work.setUpFails }, inject: each(work.echo, [1], broken) },
  {
    name: "setup dies, again and again",
    needs: ["workers"],
    ends: true,
    options: { setup: work.setUpDies },
    inject: each(work.echo, [1], broken),
  },
];

const endless = (name: string, fn: unknown): Fault => ({
  name,
  needs: ["preemption"],
  inject: (executor, ledger) => {
    for (let n = 0; n < 2; n++) ledger.watch(executor.with({ ...quick, timeout: 50 }).run(as(fn), 0), timedOut);
  },
});
const endlessness: readonly Fault[] = [
  endless("endless loop, timeout", work.spin),
  endless("endless microtasks, timeout", work.microtasks),
  endless("Atomics.wait for ever, timeout", work.waitForEver),
];

const cancelling = (name: string, fn: unknown, needs?: readonly Capability[]): Fault => ({
  name,
  ...(needs ? { needs } : {}),
  inject: async (executor, ledger) => {
    const task = ledger.watch(executor.with(quick).run(as(fn), undefined), cancelled);
    await running(task);
    task.cancel("no longer wanted");
  },
});
const cancels: readonly Fault[] = [
  {
    name: "cancel before the start",
    inject: (executor, ledger) => {
      for (let n = 0; n < 3; n++) ledger.watch(executor.run(work.echo, n), cancelled).cancel();
    },
  },
  {
    name: "cancel in the queue",
    inject: async (executor, ledger, ground) => {
      const gate = ground.gate();
      const held = ledger.watch(executor.run(work.hold, gate.signal, 0), "value");
      const more = [1, 2, 3].map((n) => executor.run(work.echo, n));
      await running(held);
      for (const task of more.slice(1)) ledger.watch(task, [cancelled, "value"]).cancel();
      gate.open();
    },
  },
  cancelling("cancel while running", work.sleepLong),
  cancelling("cancel in a checkpointSync loop", work.checkpointsSync, ["preemption"]),
  cancelling("cancel ignored, then killed", work.spin, ["preemption"]),
  cancelling("cancel ignored by an await", work.neverEnds),
  {
    name: "cancel after the end",
    inject: async (executor, ledger) => {
      const task = ledger.watch(executor.run(work.echo, 1), "value");
      await task;
      task.cancel();
    },
  },
];

const limits: readonly Fault[] = [
  {
    name: "queue full, reject",
    options: { size: 1, queue: { capacity: 0, full: "reject" } },
    inject: async (executor, ledger, ground) => {
      const gate = ground.gate();
      const held = ledger.watch(executor.run(work.hold, gate.signal, 0), "value");
      await running(held);
      for (let n = 0; n < 3; n++) ledger.watch(executor.run(work.echo, n), "ERR_BRIGADE_QUEUE_FULL");
      gate.open();
      await held;
    },
  },
  {
    name: "closed while running",
    ends: true,
    inject: async (executor, ledger) => {
      const task = ledger.watch(executor.with(quick).run(work.sleepLong), cancelled);
      await running(task);
      await executor.close();
    },
  },
  {
    name: "submitted after close",
    ends: true,
    inject: async (executor, ledger) => {
      await executor.close();
      for (let n = 0; n < 3; n++) ledger.watch(executor.run(work.echo, n), "ERR_BRIGADE_EXECUTOR_CLOSED");
    },
  },
];

export const faults: readonly Fault[] = [...throws, ...imports, ...deaths, ...endlessness, ...cancels, ...limits];
