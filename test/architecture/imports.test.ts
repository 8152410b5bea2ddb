// The floor plan, checked on the sources as they are.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { check } from "./rules.ts";

/** The project's folder, wherever the compiled test stands below it. */
function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "tsconfig.types.json"))) {
    if (dirname(folder) === folder) throw new RangeError(`no project folder above ${fileURLToPath(import.meta.url)}`);
    folder = dirname(folder);
  }
  return folder;
}

function readSources(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  return new Map(
    files.sort().map((path) => [relative(folder, join(folder, path)).split(sep).join("/"), readFileSync(join(folder, path), "utf8")]),
  );
}

test("src/ follows the floor plan", () => {
  const sources = readSources(join(projectRoot(), "src"));
  assert.ok(sources.has("contract/task.ts"), "the sources were found");
  const violations = check(sources).map(({ rule, file, message }) => `${rule}: src/${file}: ${message}`);
  assert.deepEqual(violations, []);
});
