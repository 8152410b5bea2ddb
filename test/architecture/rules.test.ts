// Proves that the floor plan can fail: each rule, on a small made-up tree that breaks it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Violation } from "./rules.ts";
import { check, roomOf } from "./rules.ts";

/** The broken rules of a tree, each with its file. */
function rules(tree: Readonly<Record<string, string>>): string[] {
  return check(new Map(Object.entries(tree))).map((violation: Violation) => `${violation.rule} ${violation.file}`);
}

test("a tree that follows the plan has no violation", () => {
  assert.deepEqual(
    rules({
      "contract/task.ts": 'import type { Transferable } from "node:worker_threads";\nexport {};',
      "core/task.ts": 'import type { Task } from "../contract/task.ts";\nimport { x } from "./scope.ts";',
      "core/scope.ts": "export const x = 1;",
      "memory/atomics.ts": "export const load = Atomics.load;",
      "sync/mutex.ts": 'import "../core/task.ts";',
      "wire/codec.ts": 'import "../core/task.ts";',
      "channels/channel.ts": 'import "../sync/mutex.ts";\nimport "../wire/codec.ts";',
      "executors/pool/queue.ts": 'import "../../wire/codec.ts";\nimport "../../memory/atomics.ts";',
      "executors/thread/link.ts": 'import { Worker } from "node:worker_threads";\nimport "../pool/queue.ts";',
      "testing/model.ts": 'import "../memory/atomics.ts";',
      "runtime/index.ts": 'import "../executors/thread/link.ts";\nexport * from "../contract/task.ts";',
      "cli/main.ts": 'import { Command } from "commander";\nimport "../runtime/index.ts";',
    }),
    [],
  );
});

test("an upward import is refused, also of types only and at run time", () => {
  const above = { "executors/pool/queue.ts": "" };
  assert.deepEqual(rules({ ...above, "core/a.ts": 'import "../executors/pool/queue.ts";' }), ["up core/a.ts"]);
  assert.deepEqual(rules({ ...above, "wire/a.ts": 'import type { Q } from "../executors/pool/queue.ts";' }), ["up wire/a.ts"]);
  assert.deepEqual(rules({ ...above, "contract/a.ts": 'const q = import("../executors/pool/queue.ts");' }), ["up contract/a.ts"]);
});

test("a sideways import is refused", () => {
  assert.deepEqual(rules({ "core/a.ts": 'import "../memory/b.ts";', "memory/b.ts": "" }), ["sideways core/a.ts"]);
  assert.deepEqual(rules({ "wire/a.ts": 'import "../sync/b.ts";', "sync/b.ts": "" }), ["sideways wire/a.ts"]);
  assert.deepEqual(rules({ "sync/a.ts": 'import "../channels/b.ts";', "channels/b.ts": "" }), ["sideways sync/a.ts"]);
  assert.deepEqual(rules({ "executors/thread/a.ts": 'import "../process/b.ts";', "executors/process/b.ts": "" }), [
    "sideways executors/thread/a.ts",
  ]);
  assert.deepEqual(rules({ "executors/pool/a.ts": 'import "../serial/b.ts";', "executors/serial/b.ts": "" }), [
    "sideways executors/pool/a.ts",
  ]);
  assert.deepEqual(rules({ "lab/a.ts": 'import "../observe/b.ts";', "observe/b.ts": "" }), ["sideways lab/a.ts"]);
});

test("the fourth floor may not know an executor", () => {
  assert.deepEqual(rules({ "lab/a.ts": 'import "../executors/pool/b.ts";', "executors/pool/b.ts": "" }), ["sideways lab/a.ts"]);
});

test("a cycle of values is refused, inside a folder too, and reported once", () => {
  const tree = { "core/a.ts": 'import "./b.ts";', "core/b.ts": 'import "./c.ts";', "core/c.ts": 'import "./a.ts";' };
  assert.deepEqual(
    check(new Map(Object.entries(tree))).map(({ message }) => message),
    ["core/a.ts → core/b.ts → core/c.ts → core/a.ts"],
  );
  assert.deepEqual(rules({ "core/self.ts": 'import "./self.ts";' }), ["cycle core/self.ts"]);
});

test("a cycle of types is tolerated inside one folder only", () => {
  const inside = { "core/a.ts": 'import type { B } from "./b.ts";', "core/b.ts": 'import { a } from "./a.ts";' };
  assert.deepEqual(rules(inside), []);
  const across = { "core/a.ts": 'import type { B } from "./deep/b.ts";', "core/deep/b.ts": 'import { a } from "../a.ts";' };
  assert.deepEqual(rules(across), ["cycle core/a.ts"]);
});

test("Atomics has one owner", () => {
  assert.deepEqual(rules({ "memory/ring.ts": "Atomics.load(words, 0);" }), ["atomics memory/ring.ts"]);
  assert.deepEqual(rules({ "memory/ring.ts": "// Atomics.load is called load here" }), []);
});

test("a file has at most 500 lines", () => {
  assert.deepEqual(rules({ "core/a.ts": "\n".repeat(501) }), ["size core/a.ts"]);
  assert.deepEqual(rules({ "core/a.ts": "\n".repeat(500) }), []);
});

test("a file stands in a room, and folders are named after their subject", () => {
  assert.deepEqual(rules({ "core/utils/a.ts": "" }), ["folder core/utils/a.ts"]);
  assert.deepEqual(rules({ "extras/a.ts": "" }), ["room extras/a.ts"]);
  assert.deepEqual(rules({ "index.ts": "" }), ["room index.ts"]);
  assert.deepEqual(rules({ "executors/a.ts": "" }), ["room executors/a.ts"]);
  assert.equal(roomOf("lab/matrix/rows/latency.ts"), "lab");
  assert.equal(roomOf("executors/thread/boot/a.ts"), "executors/thread");
});

test("packages stay out of src/, and Node's modules carry their prefix", () => {
  assert.deepEqual(rules({ "core/a.ts": 'import { Command } from "commander";' }), ["package core/a.ts"]);
  assert.deepEqual(rules({ "cli/a.ts": 'import left from "left-pad";' }), ["package cli/a.ts"]);
  assert.deepEqual(rules({ "core/a.ts": 'import fs from "fs";' }), ["package core/a.ts"]);
  assert.deepEqual(rules({ "core/a.ts": 'import { threads } from "brigade";' }), ["package core/a.ts"]);
  assert.deepEqual(rules({ "contract/a.ts": 'import { Worker } from "node:worker_threads";' }), ["package contract/a.ts"]);
});

test("relative imports name an existing file with its extension", () => {
  assert.deepEqual(rules({ "core/a.ts": 'import "./gone.ts";' }), ["missing core/a.ts"]);
  assert.deepEqual(rules({ "core/a.ts": 'import "../../test/a.ts";' }), ["missing core/a.ts"]);
  assert.deepEqual(rules({ "core/a.ts": 'import "./b.js";', "core/b.ts": "" }), ["specifier core/a.ts", "missing core/a.ts"]);
});
