// The machine as a report names it.
import { availableParallelism, cpus, totalmem } from "node:os";
import { arch, platform, version, versions } from "node:process";
import type { Machine } from "./report.ts";

/** This machine. Never waits. */
export function describeMachine(): Machine {
  const processors = cpus();
  const model = processors[0]?.model.replace(/\s+/g, " ").trim();
  return {
    cpu: model === undefined || model === "" ? "unknown processor" : model,
    cores: processors.length > 0 ? processors.length : availableParallelism(),
    memoryBytes: totalmem(),
    platform: `${platform} ${arch}`,
    runtime: describeRuntime(),
  };
}

/** Runtime and version: `node 20.19.0`, and Bun or Deno by their own names. */
function describeRuntime(): string {
  const other = ["bun", "deno"].find((name) => versions[name] !== undefined);
  return other === undefined ? `node ${version.replace(/^v/, "")}` : `${other} ${versions[other]}`;
}

/** A machine on one line. */
export function machineLine({ cpu, cores, memoryBytes, platform, runtime }: Machine): string {
  return `${cpu} · ${cores} ${cores === 1 ? "core" : "cores"} · ${(memoryBytes / 2 ** 30).toFixed(1)} GB · ${platform} · ${runtime}`;
}
