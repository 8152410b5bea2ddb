import assert from "node:assert/strict";
import { test } from "node:test";
import { chunkFor, decide, type Outlook } from "../../../../src/lab/advise/decide.ts";
import type { ComparisonRow } from "../../../../src/lab/report.ts";
import { madeRow } from "../samples.ts";
import { madeMachine, madeProfile } from "./samples.ts";

const quick = madeProfile(1);
const hopeful: Outlook = { growth: () => 1, atBestMs: ({ size }) => 100 / size };
const choose = (rows: readonly ComparisonRow[], profile = quick, outlook = hopeful) => {
  const decision = decide(profile, madeMachine(), rows, outlook);
  return decision && `${decision.level} ${decision.size} ${decision.because}`;
};
const serial = madeRow("serial", 1, [100, 102, 101]);

test("a heavier level must be more than 1.2 times faster, and in every resample of the rounds", () => {
  assert.equal(choose([serial, madeRow("thread", 2, [52, 50, 51])]), "thread 2 faster");
  assert.equal(choose([serial, madeRow("thread", 2, [88, 87, 89])]), "serial 1 simplest");
  assert.equal(choose([serial, madeRow("thread", 2, [40, 300, 60])]), "serial 1 simplest", "one round the other way round");
});

test("one round has no spread: it takes more than rounds of one level differ", () => {
  assert.equal(choose([madeRow("serial", 1, [100]), madeRow("thread", 2, [70])]), "serial 1 simplest");
  assert.equal(choose([madeRow("serial", 1, [100, 60]), madeRow("thread", 2, [50, 50])]), "serial 1 simplest");
  assert.equal(choose([madeRow("serial", 1, [100]), madeRow("thread", 2, [51])]), "thread 2 faster");
});

test("one round of a busy machine does not outweigh a forecast that gives a level no chance", () => {
  const hopeless: Outlook = { growth: () => 1, atBestMs: ({ level }) => (level === "serial" ? 35 : 237) };
  const upset = [madeRow("serial", 1, [365.3]), madeRow("thread", 2, [221.5])];
  assert.equal(choose(upset, quick, hopeless), "serial 1 simplest");
  assert.equal(choose([serial, madeRow("thread", 2, [52, 50, 51])], quick, hopeless), "thread 2 faster", "three rounds do");
});

test("between two that are as good the lighter is taken", () => {
  assert.equal(choose([serial, madeRow("thread", 2, [52, 50, 51]), madeRow("process", 2, [50, 49, 50])]), "thread 2 faster");
  assert.equal(choose([serial, madeRow("coroutine", 9, [52, 50, 51]), madeRow("thread", 2, [20, 21, 20])]), "thread 2 faster");
});

test("what overlaps grows less over many inputs than in a short trial, and that counts", () => {
  const rows = [serial, madeRow("coroutine", 6, [50, 51, 49]), madeRow("process", 2, [40, 41, 39])];
  assert.equal(choose(rows), "process 2 faster");
  const grown = decide(quick, madeMachine(), rows, { ...hopeful, growth: ({ level }) => (level === "coroutine" ? 1.5 : 7) });
  assert.deepEqual([grown?.level, grown?.because], ["coroutine", "faster"]);
  assert.equal(grown?.speedup, 2, "as it was in the trial");
});

test("faster at failing is not faster, nor is faster at something else", () => {
  assert.equal(choose([serial, madeRow("thread", 2, [20, 20, 20], { failed: 3 })]), "serial 1 simplest");
  assert.equal(choose([serial, madeRow("thread", 2, [20, 20, 20], { equal: false })]), "serial 1 simplest");
  assert.equal(choose([serial, madeRow("thread", 2, [], { failure: "it died" })]), "serial 1 simplest");
  assert.equal(choose([]), undefined);
});

test("a call that holds its thread for more than 50 ms goes to a worker when that costs next to nothing", () => {
  const long = madeProfile(80);
  assert.equal(choose([serial, madeRow("thread", 1, [103, 102, 104])], long), "thread 1 calmer");
  assert.equal(choose([serial, madeRow("thread", 1, [140, 141, 139])], long), "serial 1 simplest");
  assert.equal(choose([serial, madeRow("thread", 1, [103, 102, 104])], quick), "serial 1 simplest");
});

test("chunks: short calls travel in company, long ones alone, local ones do not travel", () => {
  const machine = madeMachine();
  const thread = { level: "thread", size: 2 } as const;
  assert.equal(chunkFor(madeProfile(10), machine, thread), 1);
  assert.equal(chunkFor(madeProfile(0.01), machine, thread), 8);
  assert.equal(chunkFor(madeProfile(1e-5), machine, thread), 256);
  assert.equal(chunkFor(madeProfile(0.01), machine, { level: "coroutine", size: 100 }), 1);
});
