// Where and when a run took place.
import { spawnSync } from "node:child_process";
import { describeMachine } from "../../src/lab/machine.ts";
import { root } from "../project.ts";
import type { Report } from "./report.ts";

/** Everything of a report but its rows. `nodeVersion` is that of the Node that is measured. */
export function describeRun(suite: string, nodeVersion: string): Omit<Report, "rows"> {
  const { runtime: _, ...machine } = describeMachine();
  return { suite, machine, node: nodeVersion, commit: commit(), date: new Date().toISOString() };
}

function commit(): string | null {
  const { status, stdout } = spawnSync("git", ["describe", "--always", "--dirty", "--exclude=*"], { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
}
