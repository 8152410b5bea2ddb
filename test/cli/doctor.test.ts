import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { run } from "./run.ts";

test("doctor names every fact and what it means, and fits the width", async () => {
  for (const width of [60, 80, 120]) {
    const { code, stdout, stderr } = await run(["doctor"], tmpdir(), { COLUMNS: String(width) });
    assert.equal(code, 0, stderr);
    for (const label of [
      "runtime",
      "platform",
      "processors",
      "CPU quota",
      "memory",
      "threads",
      "processes",
      "TypeScript",
      "permissions",
      "orphan protection",
      "source maps",
    ]) {
      assert.match(stdout, new RegExp(`^ {2}[✓·✗] ${label} `, "m"));
    }
    for (const line of stdout.split("\n")) assert.ok(line.length <= width, line);
  }
});

test("doctor --json is data only", async () => {
  const { code, stdout } = await run(["doctor", "--json"], tmpdir());
  assert.equal(code, 0);
  const report = JSON.parse(stdout) as {
    node: string;
    sizes: { thread: number; process: number };
    facts: { id: string; status: string; meaning: string }[];
  };
  assert.equal(report.node, process.version);
  assert.ok(report.sizes.thread >= 1 && report.sizes.process >= 1);
  assert.ok(report.facts.every(({ id, status, meaning }) => id !== "" && meaning !== "" && ["ok", "note", "problem"].includes(status)));
});

test("a program that runs everything in place is told so", async () => {
  const { stdout } = await run(["doctor", "--json"], tmpdir(), { BRIGADE_LEVEL: "serial" });
  const { facts } = JSON.parse(stdout) as { facts: { id: string; status: string; value: string }[] };
  assert.deepEqual(
    facts.filter(({ id }) => id === "level").map(({ value, status }) => [value, status]),
    [["serial", "note"]],
  );
});
