import assert from "node:assert/strict";
import { test } from "node:test";
import { median, pairedSpeedups, quantile, ratio, separated, spread } from "../../../src/lab/compare/statistics.ts";

test("quantiles interpolate between neighbours and do not touch their input", () => {
  const samples = [4, 1, 3, 2];
  assert.equal(median(samples), 2.5);
  assert.equal(median([7]), 7);
  assert.equal(median([]), 0);
  assert.equal(quantile([1, 2, 3, 4, 5], 0), 1);
  assert.equal(quantile([1, 2, 3, 4, 5], 1), 5);
  assert.equal(quantile([0, 10], 0.99), 9.9);
  assert.deepEqual(samples, [4, 1, 3, 2]);
});

test("a share outside 0…1 is refused by name", () => {
  assert.throws(() => quantile([1], 1.5), { name: "RangeError", message: /q must lie in 0…1, got 1\.5/ });
  assert.throws(() => quantile([1], Number.NaN), RangeError);
});

test("a spread of many samples does not overflow the stack", () => {
  const many = Array.from({ length: 300_000 }, (_, i) => i);
  assert.deepEqual(spread(many), { min: 0, max: 299_999 });
  assert.deepEqual(spread([]), { min: 0, max: 0 });
});

test("speed-ups pair the rounds, and the ratio of the medians lies within them", () => {
  const serial = [100, 220, 90, 110];
  const threads = [50, 100, 60, 44];
  const speedups = pairedSpeedups(serial, threads);
  assert.deepEqual(speedups, [2, 2.2, 1.5, 2.5]);
  const { min, max } = spread(speedups);
  const ofMedians = median(serial) / median(threads);
  assert.ok(ofMedians >= min && ofMedians <= max);
  assert.deepEqual(pairedSpeedups([100, 100], [50]), [2], "an interrupted row has fewer rounds");
  assert.equal(ratio(1, 0), 0);
});

test("separated means that no two samples overlap", () => {
  assert.equal(separated([1, 2], [3, 4]), true);
  assert.equal(separated([1, 3], [3, 4]), false);
  assert.equal(separated([], [3]), false);
});
