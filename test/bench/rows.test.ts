// From samples to rows: medians, brigade's advantage, growth.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advantage, type Series, shortSize, standingsOf } from "../../bench/report/rows.ts";
import { sampleCase, subject } from "./samples.ts";

const own = subject("brigade", "brigade");
const limit = subject("limit: physics", "limit");
const rival = subject("rival", "rival");

const series = (of: typeof own, samples: readonly number[], size = 10, note?: string): Series => ({
  subject: of,
  size,
  label: of.role === "rival" ? `${of.name}@1.2.3` : of.name,
  samples,
  note,
});

test("a value is the median of the samples, and all of them are kept", () => {
  const { points, standings } = standingsOf(sampleCase(), [series(own, [30, 10, 20])]);
  assert.deepEqual(points, []);
  assert.deepEqual(
    standings.map(({ row }) => row),
    [{ case: "case", subject: "brigade", value: 20, unit: "ns", samples: [30, 10, 20], ratio: 1 }],
  );
});

test("a ratio above 1 means that brigade is better, whichever value is the better one", () => {
  assert.equal(advantage(10, 40, "lower"), 4);
  assert.equal(advantage(10, 40, "higher"), 0.25);
  assert.equal(advantage(40, 10, "higher"), 4);
  assert.equal(advantage(null, 10, "lower"), null);
  assert.equal(advantage(10, null, "lower"), null);
  assert.equal(advantage(0, 10, "lower"), null);
});

test("each subject is held against brigade by the medians", () => {
  const { standings } = standingsOf(sampleCase(), [series(own, [10, 10, 11]), series(limit, [5, 5, 9]), series(rival, [30, 20, 10])]);
  assert.deepEqual(
    standings.map(({ row }) => [row.subject, row.ratio]),
    [
      ["brigade", 1],
      ["limit: physics", 0.5],
      ["rival@1.2.3", 2],
    ],
  );
});

test("a subject without samples is a row with a note", () => {
  const { standings } = standingsOf(sampleCase(), [series(own, [10]), series(rival, [], 10, "is not there")]);
  assert.deepEqual(standings[1]?.row, {
    case: "case",
    subject: "rival@1.2.3",
    value: null,
    unit: "ns",
    samples: [],
    ratio: null,
    note: "is not there",
  });
});

test("several sizes are rows of their own, and the row of the case is the growth, round by round", () => {
  const all = [
    series(own, [10, 20], 1_000),
    series(own, [15, 60], 1_000_000),
    series(limit, [1, 1], 1_000),
    series(limit, [3, 5], 1_000_000),
  ];
  const { points, standings } = standingsOf(sampleCase({ sizes: [1_000, 1_000_000] }), all);
  assert.deepEqual(
    points.map((row) => [row.case, row.subject, row.value, row.unit]),
    [
      ["case-1k", "brigade", 15, "ns"],
      ["case-1k", "limit: physics", 1, "ns"],
      ["case-1M", "brigade", 37.5, "ns"],
      ["case-1M", "limit: physics", 4, "ns"],
    ],
  );
  assert.deepEqual(
    standings.map(({ row }) => row),
    [
      { case: "case", subject: "brigade", value: 2.25, unit: "×", samples: [1.5, 3], ratio: 1 },
      { case: "case", subject: "limit: physics", value: 4, unit: "×", samples: [3, 5], ratio: 1.77778 },
    ],
  );
});

test("a growth whose first size failed has no value", () => {
  const all = [series(own, [], 1_000, "failed"), series(own, [15], 1_000_000)];
  const [standing] = standingsOf(sampleCase({ sizes: [1_000, 1_000_000] }), all).standings;
  assert.equal(standing?.row.value, null);
  assert.equal(standing?.row.note, "failed");
});

test("sizes are named shortly", () => {
  assert.deepEqual([7, 1_000, 1_500, 10_000, 1_000_000].map(shortSize), ["7", "1k", "1500", "10k", "1M"]);
});
