import assert from "node:assert/strict";
import { test } from "node:test";
import { isEnough, isPlain } from "../../../../src/lab/advise/enough.ts";

const limits = { fewestRounds: 3, budgetMs: 600, roundMs: 100 };
const close = [
  [50, 51, 52, 50, 51, 52],
  [38, 52, 37, 53, 38, 52],
];
const enough = (samples: readonly (readonly number[])[], spentMs: number, more: Partial<typeof limits> = {}) =>
  isEnough(samples, samples[0]?.length ?? 0, spentMs, { ...limits, ...more });
const after = (rounds: number, samples: readonly (readonly number[])[]) => samples.map((row) => row.slice(0, rounds));

test("two rounds are enough where one level is more than twice as fast as every other in both", () => {
  assert.equal(
    isPlain([
      [100, 101],
      [48, 49],
    ]),
    true,
  );
  assert.equal(
    isPlain([
      [20, 21],
      [48, 49],
      [60, 43],
    ]),
    true,
    "the simplest as well",
  );
  assert.equal(
    isPlain([
      [100, 101],
      [48, 60],
    ]),
    false,
  );
  assert.equal(
    isPlain([
      [100, 101],
      [48, 49],
      [50, 49],
    ]),
    false,
    "two that are as good",
  );
  assert.equal(isPlain([[100], [10]]), false, "one round says nothing");
  assert.equal(isPlain([[100]]), false);
  assert.equal(isPlain([]), false);
});

test("three rounds are enough where one level is the fastest in every round", () => {
  const apart = [
    [100, 101, 99],
    [60, 61, 62],
  ];
  assert.equal(enough(after(2, apart), 300), false);
  assert.equal(enough(apart, 450), true);
  assert.equal(enough(after(3, close), 300), false);
});

test("when time is up, and later where the decision is close", () => {
  const alike = [
    [50, 51, 49, 50],
    [50, 50, 50, 50],
  ];
  assert.equal(enough(after(3, alike), 300), false);
  assert.equal(enough(alike, 500), true);
  assert.equal(enough(after(4, close), 500), false);
  assert.equal(enough(close, 1_050), true);
});

test("a slow function is not asked again and again, but one that was only cold is", () => {
  const first = [[247], [209], [206]];
  assert.equal(enough(first, 662, { roundMs: 662 }), true, "slow");
  assert.equal(enough(first, 662, { roundMs: 140 }), false, "cold");
  assert.equal(enough(first, 1_100, { roundMs: 140 }), true, "so busy a machine that even one was too long");
});
