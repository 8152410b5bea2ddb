import assert from "node:assert/strict";
import { test } from "node:test";
import { NotSerializableError } from "../../../src/contract/errors.ts";
import type { Executor } from "../../../src/contract/executor.ts";
import { digest, digestBytes } from "../../../src/lab/compare/canonical.ts";
import { measureLevel, type OpenedJob } from "../../../src/lab/compare/measure.ts";
import { oneAtATime } from "../../../src/lab/compare/placement.ts";
import { usage } from "../../../src/lab/compare/usage.ts";
import { openCoroutines, portable } from "../../../src/runtime/index.ts";

const job = (inputs: readonly unknown[], more: Partial<OpenedJob> = {}): OpenedJob => ({
  kind: "measure",
  level: "serial",
  size: 1,
  url: "file:///none.js",
  name: "fn",
  inputs,
  warmup: 2,
  timeoutMs: undefined,
  reference: undefined,
  linesOf: undefined,
  ...more,
});

const host = (fn: (input: unknown) => unknown, open: () => Executor = () => openCoroutines({ size: 1 })) => ({
  fn: () => portable(`fn ${Math.random()}`, fn),
  open,
  clone: (value: unknown) => {
    if (typeof value === "function") throw new NotSerializableError("result cannot travel: a function", "result");
    return structuredClone(value);
  },
  usage: portable(`usage ${Math.random()}`, usage),
  alive: () => {},
});

test("every input runs once while the clock is on; warming up and timing single items come on top", async () => {
  const calls = new Map<unknown, number>();
  const report = await measureLevel(
    host((input) => calls.set(input, (calls.get(input) ?? 0) + 1).size),
    job([10, 20, 30]),
  );
  assert.deepEqual(
    [...calls].map(([input, count]) => [input, count >= 1]),
    [
      [10, true],
      [20, true],
      [30, true],
    ],
  );
  assert.equal(Buffer.from(report.digests, "base64").length, 3 * digestBytes);
  assert.equal(report.spans.length, 3);
  assert.ok(report.wallMs > 0 && report.peakRssBytes > 1_000_000 && report.overheadUs >= 0);
});

test("failures are outcomes: counted, described, digested", async () => {
  const report = await measureLevel(
    host((input) => {
      if (input === 2) throw new RangeError("two");
      return input;
    }),
    job([1, 2, 3]),
  );
  assert.equal(report.failed, 1);
  assert.deepEqual(report.failures, [{ item: 1, message: "RangeError: two" }]);
  const digests = Buffer.from(report.digests, "base64");
  assert.ok(digests.subarray(0, digestBytes).equals(digest({ value: 1 })));
  assert.ok(digests.subarray(digestBytes, 2 * digestBytes).equals(digest({ error: new RangeError("two") })));
});

test("what cannot travel fails on local levels too, so that levels agree", async () => {
  const report = await measureLevel(
    host(() => () => 1),
    job(["x"]),
  );
  assert.deepEqual(report.failures, [{ item: 0, message: "NotSerializableError: result cannot travel: a function" }]);
});

test("the first item that differs from the reference is sent in lines", async () => {
  const reference = Buffer.concat([digest({ value: 1 }), digest({ value: 99 }), digest({ value: 98 })]);
  const report = await measureLevel(
    host((input) => input),
    job([1, 2, 3], { reference }),
  );
  assert.deepEqual(report.lines, { item: 1, lines: ["result = 2"] });
  const equal = Buffer.concat([1, 2, 3].map((value) => digest({ value })));
  assert.equal(
    (
      await measureLevel(
        host((input) => input),
        job([1, 2, 3], { reference: equal }),
      )
    ).lines,
    undefined,
  );
});

test("serial runs one at a time, coroutines all at once", async () => {
  let running = 0;
  let most = 0;
  const fn = async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
  };
  await measureLevel(host(fn), job([1, 2, 3, 4]));
  assert.equal(most, 1);
  await measureLevel(
    host(fn, () => openCoroutines({ size: 4 })),
    job([1, 2, 3, 4], { level: "coroutine", size: 4 }),
  );
  assert.equal(most, 4);
});

test("results heard of together did not run together", () => {
  const spans = oneAtATime([
    { item: 0, worker: "w", startMs: 7, endMs: 10 },
    { item: 1, worker: "w", startMs: 6, endMs: 10 },
    { item: 2, worker: "v", startMs: 8, endMs: 10 },
    { item: 3, worker: "w", startMs: 12, endMs: 15 },
  ]);
  assert.deepEqual(spans, [
    { item: 0, worker: "w", startMs: 3, endMs: 6 },
    { item: 1, worker: "w", startMs: 6, endMs: 10 },
    { item: 2, worker: "v", startMs: 8, endMs: 10 },
    { item: 3, worker: "w", startMs: 12, endMs: 15 },
  ]);
});
