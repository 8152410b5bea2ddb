// What `brigade doctor` looks at: one fact each, with what it means for a program that uses brigade. Nothing here starts a
// worker or writes anything.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { totalmem } from "node:os";
import { join } from "node:path";
import { readCapacity } from "../executors/pool/default-size.ts";
import { describeMachine } from "../lab/machine.ts";
import { processes, threads } from "../runtime/index.ts";

/** `ok`: all there. `note`: works, with a limit worth knowing. `problem`: something does not work here. */
export type FactStatus = "ok" | "note" | "problem";

/** One thing about this machine or runtime. */
export interface Fact {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  /** What brigade makes of it. */
  readonly meaning: string;
  readonly status: FactStatus;
}

const oldestNode = [20, 19] as const;

/** Every fact, in the order of the page. */
export function gatherFacts(cwd: string): Fact[] {
  return [
    runtime(),
    platform(),
    ...machine(),
    ...pools(),
    level(),
    typescript(cwd),
    permission(),
    orphans(),
    sourceMaps(),
    threadCpu(),
    usingSyntax(),
    ...certificates(),
  ];
}

function runtime(): Fact {
  const { runtime: value } = describeMachine();
  const base = { id: "runtime", label: "runtime", value };
  if (!value.startsWith("node "))
    return { ...base, status: "note", meaning: "brigade is tested on Node; here it uses what this runtime has" };
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const old = major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]);
  return old
    ? { ...base, status: "problem", meaning: `too old: brigade needs Node ${oldestNode.join(".")} or newer` }
    : { ...base, status: "ok", meaning: "supported: all four levels" };
}

function platform(): Fact {
  const { platform: value } = describeMachine();
  const windows = process.platform === "win32";
  return {
    id: "platform",
    label: "platform",
    value,
    status: windows ? "note" : "ok",
    meaning: windows
      ? "no process groups and no POSIX signals: stopping a child is always a kill"
      : "signals and process groups: a child is asked first, then killed",
  };
}

function machine(): Fact[] {
  const { cpu, cores } = describeMachine();
  const { parallelism, cpuQuota, memoryMB } = readCapacity();
  const limited = parallelism < cores ? `, of which this program may use ${parallelism}` : "";
  const quota = cpuQuota === undefined ? "none" : `${Number(cpuQuota.toFixed(2))} processors`;
  return [
    {
      id: "processors",
      label: "processors",
      value: `${cores} × ${cpu}`,
      status: parallelism > 1 ? "ok" : "note",
      meaning:
        parallelism > 1
          ? `${parallelism} things can run at the same time${limited}`
          : "one thing runs at a time: threads and processes keep the loop free but make nothing faster",
    },
    {
      id: "cpu-quota",
      label: "CPU quota",
      value: quota,
      status: cpuQuota !== undefined && cpuQuota < parallelism ? "note" : "ok",
      meaning: cpuQuota === undefined ? "no container limits processor time" : "pools are sized by the quota, not by the cores",
    },
    {
      id: "memory",
      label: "memory",
      value: `${gigabytes(totalmem() / 2 ** 20)} GB`,
      status: memoryMB < 512 ? "note" : "ok",
      meaning: Number.isFinite(memoryMB)
        ? `${gigabytes(memoryMB)} GB free for this program; pools take half at most`
        : "pools take half of what is free at most",
    },
  ];
}

function pools(): Fact[] {
  const fact = (id: string, label: string, size: number): Fact => ({
    id,
    label,
    value: `${size} ${size === 1 ? "worker" : "workers"}`,
    status: "ok",
    meaning: "default size, by processors, CPU quota and memory",
  });
  return [fact("threads", "threads", threads.size), fact("processes", "processes", processes.size)];
}

function level(): Fact {
  const forced = process.env["BRIGADE_LEVEL"];
  const base = { id: "level", label: "BRIGADE_LEVEL" };
  if (forced === undefined || forced === "") return { ...base, value: "not set", status: "ok", meaning: "each level runs as itself" };
  const known = forced === "serial" || forced === "coroutines";
  return {
    ...base,
    value: forced,
    status: known ? "note" : "problem",
    meaning: known
      ? "every level runs in place on this thread, values cloned"
      : "not a level to run everything at: say serial or coroutines",
  };
}

function typescript(cwd: string): Fact {
  const base = { id: "typescript", label: "TypeScript" };
  const native: unknown = Reflect.get(process.features, "typescript");
  if (typeof native === "string")
    return { ...base, value: `native (${native})`, status: "ok", meaning: "portable functions may stand in .ts files" };
  if (findsTsx(cwd))
    return { ...base, value: "tsx", status: "ok", meaning: "portable functions may stand in .ts files; workers load tsx themselves" };
  return { ...base, value: "none", status: "note", meaning: "only JavaScript: take Node 22.18 or newer, or npm install --save-dev tsx" };
}

function findsTsx(cwd: string): boolean {
  try {
    createRequire(join(cwd, "noop.js")).resolve("tsx/package.json");
    return true;
  } catch {
    return false;
  }
}

/** Node's permission model; present only in a program that was started under it. */
interface PermissionModel {
  has(scope: string): boolean;
}

function permission(): Fact {
  const base = { id: "permission", label: "permissions" };
  const model = Reflect.get(process, "permission") as PermissionModel | undefined;
  if (model === undefined) return { ...base, value: "not enforced", status: "ok", meaning: "threads and processes may be started" };
  const allowed = { threads: model.has("worker"), processes: model.has("child") };
  const refused = Object.entries(allowed)
    .filter(([, ok]) => !ok)
    .map(([name]) => name);
  return {
    ...base,
    value: "enforced",
    status: refused.length === 0 ? "ok" : "problem",
    meaning:
      refused.length === 0
        ? "threads and processes may be started"
        : `${refused.join(" and ")} are refused: allow them, or set BRIGADE_LEVEL=coroutines`,
  };
}

function orphans(): Fact {
  const base = { id: "orphans", label: "orphan protection" };
  if (process.platform === "win32")
    return {
      ...base,
      value: "watchdog thread",
      status: "note",
      meaning: "children end when this program is killed, unless they are stopped",
    };
  return existsSync("/bin/sh")
    ? { ...base, value: "reaper", status: "ok", meaning: "children end within a second of this program's kill, even in an endless loop" }
    : { ...base, value: "pipe only", status: "note", meaning: "no /bin/sh: children in an endless loop outlive a killed program" };
}

function sourceMaps(): Fact {
  const flags = `${process.execArgv.join(" ")} ${process.env["NODE_OPTIONS"] ?? ""}`;
  const on = flags.includes("--enable-source-maps") || Reflect.get(process, "sourceMapsEnabled") === true;
  return {
    id: "source-maps",
    label: "source maps",
    value: on ? "on" : "off",
    status: "ok",
    meaning: on
      ? "stacks name source lines, of workers too"
      : "stacks name compiled lines; node --enable-source-maps names the sources, in workers too",
  };
}

function threadCpu(): Fact {
  const exact = typeof Reflect.get(process, "threadCpuUsage") === "function";
  return {
    id: "thread-cpu",
    label: "CPU per thread",
    value: exact ? "yes" : "no",
    status: exact ? "ok" : "note",
    meaning: exact ? "task.metrics.cpuMs is known on threads" : "task.metrics.cpuMs is undefined on threads; Node 22.19 or newer can tell",
  };
}

function usingSyntax(): Fact {
  let native = true;
  try {
    // compiled, never called: the only sure way to ask a parser
    new Function("{ using x = null; }");
  } catch {
    native = false;
  }
  return {
    id: "using",
    label: "using syntax",
    value: native ? "native" : "compiled",
    status: "ok",
    meaning: native
      ? "await using pool = openThreads() works in plain JavaScript"
      : "plain JavaScript closes with try/finally; TypeScript and tsx compile using",
  };
}

function certificates(): Fact[] {
  if (process.env["NODE_EXTRA_CA_CERTS"] === undefined || Number(process.versions.node.split(".")[0]) >= 22) return [];
  return [
    {
      id: "certificates",
      label: "NODE_EXTRA_CA_CERTS",
      value: "set",
      status: "note",
      meaning: "on Node 20 it adds some 60 ms to the start of every process",
    },
  ];
}

function gigabytes(megabytes: number): string {
  return (megabytes / 1024).toFixed(1);
}
