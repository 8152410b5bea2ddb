import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../../../src/core/random.ts";
import { bootstrap, mean, medianInterval } from "../../../../src/lab/advise/confidence.ts";
import { median } from "../../../../src/lab/compare/statistics.ts";

test("the bootstrap holds the truth in it, narrows with samples, and repeats itself", () => {
  const few = [9, 11, 10, 12, 8];
  const many = Array.from({ length: 200 }, (_, i) => few[i % 5] ?? 0);
  const wide = bootstrap(few, mean);
  const narrow = bootstrap(many, mean);
  assert.ok(wide.low <= 10 && wide.high >= 10 && narrow.low <= 10 && narrow.high >= 10);
  assert.ok(narrow.high - narrow.low < (wide.high - wide.low) / 2);
  assert.deepEqual(bootstrap(few, median), bootstrap(few, median));
  assert.deepEqual(bootstrap([], median), { low: 0, high: 0 });
});

test("the interval of a median holds the true one about 95 times in 100, and is as wide as what the bootstrap finds", () => {
  const random = seededRandom(5);
  // skewed, as run times are: the median is 1
  const draw = (count: number) => Array.from({ length: count }, () => Math.log(1 - random()) / Math.log(0.5));
  const hits = Array.from({ length: 400 }, () => medianInterval(draw(200))).filter(({ low, high }) => low <= 1 && high >= 1).length;
  assert.ok(hits > 400 * 0.9 && hits < 400, `${hits} of 400`);
  const samples = draw(500);
  const [ranks, drawn] = [medianInterval(samples), bootstrap(samples, median)];
  const ratio = (ranks.high - ranks.low) / (drawn.high - drawn.low);
  assert.ok(ratio > 0.7 && ratio < 1.4, `${ratio}`);
  assert.deepEqual(medianInterval([7]), { low: 7, high: 7 });
  assert.deepEqual(medianInterval([]), { low: 0, high: 0 });
});
