import assert from "node:assert/strict";
import { test } from "node:test";
import type { Level } from "../../../src/contract/portable.ts";
import { configurations, coroutinesAtOnce, defaultSizes, schedule, words } from "../../../src/lab/compare/plan.ts";

test("sizes double up to the parallelism, which is always among them", () => {
  assert.deepEqual(defaultSizes(1), [1]);
  assert.deepEqual(defaultSizes(2), [1, 2]);
  assert.deepEqual(defaultSizes(6), [1, 2, 4, 6]);
  assert.deepEqual(defaultSizes(8), [1, 2, 4, 8]);
});

test("configurations go from light to heavy whatever the order asked for; only workers have sizes", () => {
  const rows = configurations(["process", "thread", "coroutine", "serial"], [2, 1, 2], 30);
  assert.deepEqual(rows.map(words), ["serial", "coroutines", "threads × 1", "threads × 2", "processes × 1", "processes × 2"]);
  assert.equal(rows[1]?.size, 30);
  assert.equal(configurations(["coroutine"], [1], 50_000)[0]?.size, coroutinesAtOnce);
});

test("levels and sizes that make no sense are refused by name", () => {
  assert.throws(
    () => configurations(["cluster"], [1], 1),
    /level "cluster" cannot be compared; levels are serial, coroutine, thread, process/,
  );
  for (const size of [0, -1, 1.5, Number.NaN])
    assert.throws(() => configurations(["thread"], [size], 1), { name: "RangeError", message: /sizes must be positive integers/ });
  assert.throws(() => configurations([] as Level[], [1], 1), RangeError);
  assert.throws(() => configurations(["thread"], [], 1), RangeError);
});

test("every round visits every row once, each beginning one further along; the first begins with the lightest", () => {
  const steps = schedule(3, 4);
  assert.equal(steps.length, 12);
  assert.deepEqual(
    steps.slice(0, 6).map(({ row }) => row),
    [0, 1, 2, 1, 2, 0],
  );
  for (let round = 0; round < 4; round++) {
    const rows = steps.filter((step) => step.round === round).map(({ row }) => row);
    assert.deepEqual([...rows].sort(), [0, 1, 2]);
  }
});
