// What a module adds to a program: a fresh one each time, which imports it and ends.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { benchFolder } from "../project.ts";
import { repeated } from "./repeated.ts";

const program = join(benchFolder, "rivals", "import.mjs");

/** Milliseconds from start to end of a program that imports `specifier`, as files of `rivals/` would. Blocks the thread meanwhile. */
export const importing = (specifier: string) =>
  repeated(() => {
    const startedMs = performance.now();
    const { status, stderr } = spawnSync(process.execPath, [program, specifier], { encoding: "utf8" });
    if (status !== 0) throw new TypeError(`${specifier} could not be imported: ${stderr.trim()}`);
    return performance.now() - startedMs;
  });
