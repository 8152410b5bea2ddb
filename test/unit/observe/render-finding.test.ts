import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "../../../src/observe/finding.ts";
import { renderFinding } from "../../../src/observe/render-finding.ts";

const finding: Finding = {
  code: "blocked-loop",
  blockedMs: 812,
  message: "The event loop stood still for 812 ms in hash (src/hash.js:12): no timer, socket or coroutine could run.",
  fix: "Move the work to a thread: await threads.run(hash, …); or give the loop its turns with await checkpoint() in a long loop.",
  stack: "    at hash (file:///a/very/long/path/that/does/not/fit/into/eighty/columns/and/stays/whole/hash.js:12:5)",
  worker: "main",
  task: "sign (t3)",
};

test("a finding in 80 columns", () => {
  assert.equal(
    renderFinding(finding),
    [
      "brigade found: blocked-loop (main, task sign (t3))",
      "  The event loop stood still for 812 ms in hash (src/hash.js:12): no timer,",
      "  socket or coroutine could run.",
      "      at hash (file:///a/very/long/path/that/does/not/fit/into/eighty/columns/and/stays/whole/hash.js:12:5)",
      "  Fix: Move the work to a thread: await threads.run(hash, …); or give the loop",
      "  its turns with await checkpoint() in a long loop.",
    ].join("\n"),
  );
});

test("a word that is longer than the line stands alone", () => {
  const lines = renderFinding({ ...finding, message: `see ${"x".repeat(50)} there`, stack: "", task: undefined }, 30).split("\n");
  assert.ok(lines.includes(`  ${"x".repeat(50)}`));
  assert.equal(lines[0], "brigade found: blocked-loop");
});
