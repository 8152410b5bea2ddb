// The measuring program: a fresh process reads one job from stdin, does it, says what it found over the IPC channel, and ends.
// The only part of the lab that knows executors.
import { UnsupportedError } from "../contract/errors.ts";
import type { Executor } from "../contract/executor.ts";
import type { Portable } from "../contract/portable.ts";
import { calibrate } from "../lab/advise/calibrate.ts";
import { profileFunction } from "../lab/advise/profiling.ts";
import type { AdviseJob, AdviseMessage, ProfileJob, TrialJob } from "../lab/advise/protocol.ts";
import { runTrial } from "../lab/advise/trial.ts";
import { measureLevel } from "../lab/compare/measure.ts";
import type { Configuration } from "../lab/compare/plan.ts";
import type { ExportEntry, InspectJob, Job, MeasureJob, Message } from "../lab/compare/protocol.ts";
import { cloneValue, decode } from "../wire/codec.ts";
import { loadFunction } from "../wire/load-function.ts";
import { withinImport } from "../wire/main-level.ts";
import { moduleFunctions } from "../wire/module-functions.ts";
import { exportedClass, resolveClass } from "../wire/module-namespaces.ts";
import { referenceOf } from "../wire/reference.ts";
import { registry } from "../wire/thread-registry.ts";
import { registerTypeScript } from "../wire/typescript-loader.ts";
import { openCoroutines, openProcesses, openThreads, serial } from "./index.ts";
import { answerJob, say } from "./job.ts";

type UsageModule = typeof import("./usage.ts");

const aliveMs = 50;

function sayAlive(): (done?: number) => void {
  let saidAt = Number.NEGATIVE_INFINITY;
  return (done) => {
    const now = performance.now();
    if (now - saidAt < aliveMs) return;
    saidAt = now;
    say({ type: "alive", done });
  };
}

/** Imports without running what is guarded by `isMainLevel()`: to the module this program is a worker that looks for a function. */
async function asWorker<R>(load: () => Promise<R>): Promise<R> {
  registry.workerLevel = true;
  try {
    return await load();
  } finally {
    registry.workerLevel = false;
  }
}

function open({ level, size }: Configuration): Executor {
  if (level === "serial") return serial;
  if (level === "coroutine") return openCoroutines({ size });
  if (level === "thread") return openThreads({ size, stdio: "ignore" });
  if (level === "process") return openProcesses({ size, stdio: "ignore" });
  throw new UnsupportedError(`Level "${level}" cannot be compared.`, "compare");
}

/** The function and the inputs of a job, and what the lab borrows to run the one on the others. */
async function prepare(job: Pick<MeasureJob, "url" | "name" | "inputs">) {
  const reference = { url: job.url, name: job.name };
  const startedAt = performance.now();
  const fn = (await asWorker(() => loadFunction(reference))) as Portable<(input: unknown) => unknown>;
  const importMs = performance.now() - startedAt;
  const far = moduleFunctions<Readonly<Record<string, (input: unknown) => unknown>>>(job.url)[job.name];
  const inputs = decode({ bytes: job.inputs }, { root: "arguments", resolveClass }) as readonly unknown[];
  const usageFile = import.meta.url.endsWith(".ts") ? "./usage.ts" : "./usage.js";
  const { usage, nothing, echo, compute } = moduleFunctions<UsageModule>(new URL(usageFile, import.meta.url));
  const host = {
    usage,
    nothing,
    echo,
    compute,
    fn: ({ level }: Configuration) => (level === "thread" || level === "process" ? (far ?? fn) : fn),
    open,
    clone: (value: unknown) => cloneValue(value, { root: "result", exportedClass, resolveClass }),
    alive: sayAlive(),
    importMs,
  };
  return { host, inputs };
}

async function measure(job: MeasureJob): Promise<Message> {
  const { host, inputs } = await prepare(job);
  return { type: "report", report: await measureLevel(host, { ...job, inputs }) };
}

async function profile(job: ProfileJob): Promise<AdviseMessage> {
  const { host, inputs } = await prepare(job);
  const profile = await profileFunction(host, { ...job, inputs });
  const startedAt = performance.now();
  const machine = job.machine ?? (await calibrate(host, job.size));
  return { type: "profile", profile, machine, calibrationMs: job.machine === undefined ? performance.now() - startedAt : 0 };
}

async function trial(job: TrialJob): Promise<AdviseMessage> {
  const { host, inputs } = await prepare(job);
  return { type: "trial", lanes: await runTrial(host, { ...job, inputs }) };
}

async function inspect({ url }: InspectJob): Promise<Message> {
  await registerTypeScript(url);
  const namespace = await asWorker(() =>
    withinImport(url, () => import(/* webpackIgnore: true */ /* @vite-ignore */ url) as Promise<Readonly<Record<string, unknown>>>),
  );
  const exported = Object.keys(namespace).map((name) => entry(name, namespace[name]));
  const inner = namespace["default"];
  // a CommonJS module's exports hang from its default export, not all of them by name
  const hidden = typeof inner === "object" && inner !== null ? Object.entries(inner).map(([name, value]) => entry(name, value)) : [];
  const registered = [...(registry.modules.get(url)?.definitions ?? [])].map(([name, { fn }]) => ({
    ...entry(name, fn),
    portableAs: name,
  }));
  const exports = new Map([...registered, ...hidden, ...exported].map((found) => [found.name, found]));
  return { type: "exports", exports: [...exports.values()] };
}

function entry(name: string, value: unknown): ExportEntry {
  const isClass = typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
  const type = isClass ? "class" : value === null ? "null" : typeof value;
  return { name, type, portableAs: typeof value === "function" ? referenceOf(value)?.name : undefined };
}

await answerJob<Job | AdviseJob, Message | AdviseMessage>((job): Promise<Message | AdviseMessage> => {
  switch (job.kind) {
    case "inspect":
      return inspect(job);
    case "measure":
      return measure(job);
    case "profile":
      return profile(job);
    case "trial":
      return trial(job);
  }
});
