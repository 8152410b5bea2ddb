import assert from "node:assert/strict";
import { test } from "node:test";
import { afterTrial } from "../../../../src/lab/advise/after-trial.ts";
import type { AdviceForecast } from "../../../../src/lab/report.ts";
import { madeRow } from "../samples.ts";

const foreseen = (level: AdviceForecast["level"], size: number, wallMs: number): AdviceForecast => ({
  level,
  size,
  wallMs,
  lowMs: wallMs * 0.9,
  highMs: wallMs * 1.1,
  bound: "workers",
  memoryMB: 0,
});
const overTrial = [
  foreseen("serial", 1, 100),
  foreseen("coroutine", 6, 100),
  foreseen("thread", 1, 110),
  foreseen("thread", 2, 50),
  foreseen("process", 2, 60),
];
const overInputs = overTrial.map((each) => ({
  ...each,
  size: each.level === "coroutine" ? 60 : each.size,
  wallMs: each.wallMs * 10,
  lowMs: each.lowMs * 10,
  highMs: each.highMs * 10,
}));
const times = (rows: Parameters<typeof afterTrial>[2]) =>
  afterTrial(overInputs, overTrial, rows).map(({ level, size, wallMs }) => `${level} ${size} ${Math.round(wallMs)}`);

test("a level that was tried takes over all inputs what it took in the trial, to scale", () => {
  const [serial, , , thread] = afterTrial(overInputs, overTrial, [madeRow("serial", 1, [150]), madeRow("thread", 2, [100])]);
  assert.deepEqual([serial?.wallMs, thread?.wallMs].map(Math.round as (ms?: number) => number), [1500, 1000]);
  assert.deepEqual([thread?.lowMs, thread?.highMs].map(Math.round as (ms?: number) => number), [900, 1100], "its doubt as well");
});

test("others take the factor of their nearest kin: another size, the other workers, the simplest", () => {
  const all = ["serial 1 1500", "coroutine 60 1500", "thread 1 2200", "thread 2 1000", "process 2 1200"];
  assert.deepEqual(times([madeRow("serial", 1, [150]), madeRow("thread", 2, [100])]), all);
  assert.deepEqual(times([madeRow("serial", 1, [150])]), [
    "serial 1 1500",
    "coroutine 60 1500",
    "thread 1 1650",
    "thread 2 750",
    "process 2 900",
  ]);
  const both = [madeRow("serial", 1, [100]), madeRow("coroutine", 6, [30]), madeRow("thread", 1, [220]), madeRow("thread", 2, [50])];
  assert.deepEqual(times(both), ["serial 1 1000", "coroutine 60 300", "thread 1 2200", "thread 2 500", "process 2 600"]);
});

test("what failed or was not measured teaches nothing", () => {
  const untouched = ["serial 1 1000", "coroutine 60 1000", "thread 1 1100", "thread 2 500", "process 2 600"];
  assert.deepEqual(times([]), untouched);
  assert.deepEqual(times([madeRow("serial", 1, []), madeRow("thread", 2, [], { failure: "it died" })]), untouched);
});
