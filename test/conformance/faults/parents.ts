// A program that is killed leaves no process behind.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Fault } from "../fault.ts";
import { until } from "../ground.ts";
import { startProgram } from "../programs.ts";
import { double } from "../tasks.ts";

/** No such process, or only its entry, which waits for a parent that never asks. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return true;
  }
  try {
    return /^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return process.platform === "linux";
  }
}

/** A second is promised; a machine that is busy elsewhere may take longer. */
const orphanLimitMs = 5_000;

export const parentFaults: readonly Fault[] = (["SIGKILL", "SIGTERM"] as const).map(
  (signal): Fault => ({
    name: `the program dies of ${signal} with work under way`,
    async inject({ open, follow, level, detected }) {
      const program = startProgram("parent", level);
      const pids = JSON.parse(await program.line()) as number[];
      assert.ok(pids.length >= 1 && pids.every((pid) => !isGone(pid)));
      process.kill(program.pid, signal);
      await detected(
        until(() => pids.every(isGone), "no process is left"),
        orphanLimitMs,
      );
      await program.ended;
      const executor = open({ size: 1 });
      assert.equal(await follow(executor.run(double, 1)), 2);
      return executor;
    },
  }),
);
