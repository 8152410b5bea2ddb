import assert from "node:assert/strict";
import { test } from "node:test";
import { Cells, levelHasNone } from "../../../../src/lab/matrix/cells.ts";
import type { Experiment } from "../../../../src/lab/matrix/experiment.ts";
import type { RowDefinition } from "../../../../src/lab/matrix/row.ts";

const experiment: Experiment = { id: "made-up", title: "", levels: ["thread", "process"], run: () => Promise.reject(new RangeError("no")) };
const row: RowDefinition = {
  id: "made-up",
  title: "made up",
  group: "cost",
  unit: "ms",
  better: "less",
  experiment,
  figure: "ms",
  note: "Made up.",
};

test("a figure is the median of the rounds' medians; of one round, of its samples", () => {
  const cells = new Cells();
  for (const ms of [
    [1, 2, 90],
    [4, 4, 5],
    [3, 3, 3],
  ])
    cells.at(experiment, "thread").observations.push({ figures: { ms } });
  cells.at(experiment, "process").observations.push({ figures: { ms: [7, 9, 8, 1000] } });
  const made = cells.row(row);
  assert.deepEqual(made.samples, { thread: [2, 4, 3], process: [7, 9, 8, 1000] });
  assert.deepEqual(made.values, { thread: 3, process: 8.5 });
  assert.deepEqual(made.spread, { thread: { low: 2.5, high: 3.5 }, process: { low: 7.75, high: 256.8 } });
  assert.deepEqual(made.missing, { coroutine: levelHasNone });
  assert.equal(made.failure, undefined);
});

test("what has no value says why: the failure, the experiment's own reason, or that it had no turn", () => {
  const cells = new Cells();
  cells.at(experiment, "thread").failure = "no threads today";
  cells.at(experiment, "process").observations.push({ figures: {}, missing: { ms: "lost in the noise" } });
  const made = cells.row(row);
  assert.deepEqual(made.values, {});
  assert.deepEqual(made.missing, { coroutine: levelHasNone, thread: "no threads today", process: "lost in the noise" });
  assert.equal(made.failure, "no threads today");
  assert.match(new Cells().row(row).failure ?? "", /not measured: the time was over/);
});

test("where one bad run is the answer, the worst one counts, with its words", () => {
  const cells = new Cells();
  const survives = { ...row, unit: "survives", better: "more", combine: "worst" } as const;
  for (const [value, words] of [
    [1, "lives"],
    [0, "died"],
    [1, "lives"],
  ] as const)
    cells.at(experiment, "thread").observations.push({ figures: { ms: [value] }, words: { ms: words } });
  const made = cells.row(survives);
  assert.deepEqual([made.values.thread, made.words?.thread], [0, "died"]);
});

test("curves are put together by size", () => {
  const cells = new Cells();
  for (const more of [0, 0.2, 0.1])
    cells.at(experiment, "thread").observations.push({
      figures: { ms: [2] },
      series: {
        ms: [
          { size: 1, value: 1 },
          { size: 2, value: 1.8 + more },
        ],
      },
    });
  assert.deepEqual(cells.row(row).series, {
    thread: [
      { size: 1, value: 1 },
      { size: 2, value: 1.9 },
    ],
  });
});
