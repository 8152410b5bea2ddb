// Type checks: all sources, and the public API as a stranger sees it (the built declarations, with what must not compile).
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { build } from "./build.mjs";
import { root } from "./files.mjs";

const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
try {
  await build();
} catch (error) {
  // The compiler has said what and where.
  console.error(`✖ ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
for (const project of ["tsconfig.json", "src/lab/html/browser/tsconfig.json", "test/types/tsconfig.json"]) {
  const { status } = spawnSync(process.execPath, [tsc, "-p", project, "--noEmit"], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
  console.log(`${status === 0 ? "✔" : "✖"} ${project}`);
}
