// What takes samples: tasks that are kept in flight, round trips, things that are repeated.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { type Add, additions } from "../../bench/measure/adders.ts";
import { percentile } from "../../bench/measure/percentile.ts";
import { repeated } from "../../bench/measure/repeated.ts";
import type { Settings } from "../../bench/measure/workload.ts";

/** What a pool of one case does, when `add` is how it adds. */
function sample(id: string, add: Add, size = 8) {
  const opened: [workers: number, settings: Settings][] = [];
  const workload = additions((workers, settings) => {
    opened.push([workers, settings]);
    return add;
  })[id];
  assert.ok(workload, id);
  return { opened, values: workload({ size, timeMs: 5, settings: { batch: 3 } }) };
}

const addLater: Add = async (a, b) => {
  await setImmediate();
  return a + b;
};

test("as many tasks are in flight as the case says, at every moment but the ends", async () => {
  let inFlight = 0;
  let most = 0;
  const seen: number[] = [];
  const { values, opened } = sample("tiny-1000x2", async (a, b) => {
    most = Math.max(most, ++inFlight);
    await setImmediate();
    seen.push(inFlight--);
    return a + b;
  });
  const [perSecond, ...others] = await values;
  assert.deepEqual(others, []);
  assert.ok(perSecond !== undefined && perSecond > 0 && Number.isFinite(perSecond));
  assert.equal(most, 8);
  assert.equal(inFlight, 0);
  assert.ok(seen.includes(8));
  assert.deepEqual(opened, [[2, { batch: 3 }]]);
});

test("a wrong sum is no sample, in whatever case", async () => {
  for (const id of ["tiny-1000", "tiny-1", "cpu-per-task"]) {
    let calls = 0;
    const add: Add = async (a, b) => (++calls === 3 ? a : await addLater(a, b));
    await assert.rejects(sample(id, add).values, /\d+ \+ 1 came back as \d+\./, id);
  }
});

test("a pool that fails fails the sample", async () => {
  await assert.rejects(sample("tiny-1000", () => Promise.reject(new TypeError("gone"))).values, /gone/);
});

test("processor time and round trips are of one task", async () => {
  const [cpuUs] = await sample("cpu-per-taskx2", addLater).values;
  assert.ok(cpuUs !== undefined && cpuUs > 0 && cpuUs < 1e6);
  const [median] = await sample("tiny-1", addLater, 1).values;
  const [slow] = await sample("tiny-1-p99", addLater, 1).values;
  assert.ok(median !== undefined && slow !== undefined && median > 0 && slow > 0);
});

test("a percentile is one of the values, and the share says which", () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.equal(percentile(values, 0.99), 99);
  assert.equal(percentile(values, 0.5), 50);
  assert.equal(percentile(values, 0), 1);
  assert.equal(percentile(values, 1), 100);
  assert.equal(percentile([7], 0.99), 7);
  assert.throws(() => percentile([], 0.5), RangeError);
});

test("what is repeated leaves out its first value and takes five more at least", async () => {
  let calls = 0;
  assert.deepEqual(await repeated(() => ++calls)({ size: 1, timeMs: 0 }), [2, 3, 4, 5, 6]);
  await assert.rejects(
    repeated(() => {
      throw new RangeError("no");
    })({ size: 1, timeMs: 0 }),
    /no/,
  );
});
