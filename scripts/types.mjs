// Type checks: all sources, and the public API as a stranger sees it (the built declarations, with what must not compile).
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { root } from "./files.mjs";

const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
await build();
for (const project of ["tsconfig.json", "test/types/tsconfig.json"]) {
  if (project.startsWith("test") && !existsSync(join(root, "dist", "types", "runtime", "index.d.ts"))) continue;
  const { status } = spawnSync(process.execPath, [tsc, "-p", project, "--noEmit"], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
  console.log(`${status === 0 ? "✔" : "✖"} ${project}`);
}
