import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../../src/lab/compare/verdict.ts";
import type { Difference } from "../../../src/lab/report.ts";
import { madeRow } from "./samples.ts";

const serial = madeRow("serial", 1, [1000, 1010, 990, 1005, 995], { loopStallMs: 900 });

test("a heavier level wins when it is clearly faster in every round, and the price is named", () => {
  const rows = [
    serial,
    madeRow("coroutine", 100, [1000, 1000, 1000, 1000, 1000]),
    madeRow("thread", 2, [550, 560, 540, 555, 545], { peakRssMB: 120, loopStallMs: 12 }),
    madeRow("process", 2, [560, 570, 550, 565, 555], { peakRssMB: 210 }),
  ];
  const { level, size, reason } = judge(rows, 100, undefined);
  assert.deepEqual({ level, size }, { level: "thread", size: 2 });
  assert.match(reason, /^Threads × 2: 1\.8× faster than serial \(1\.8–1\.8× over 5 rounds\)\./);
  assert.match(reason, /Coroutines reach 1\.0×\./);
  assert.match(reason, /Processes × 2 give nothing more and take 90 MB more\./);
  assert.match(reason, /Serial froze the event loop for 900 ms, threads × 2 never longer than 12\.0 ms\./);
  assert.match(reason, /The price: 40 MB more memory than serial\./);
});

test("a gain inside the spread is weather: the lightest level stays", () => {
  const noisy = madeRow("thread", 2, [600, 1200, 500, 1300, 700]);
  const { level, reason } = judge([serial, noisy], 100, undefined);
  assert.equal(level, "serial");
  assert.match(reason, /Serial is enough: nothing heavier is more than 1\.2× faster in every round\./);
  assert.match(reason, /threads × 2, reach 1\.4× \(0\.77–2\.0× over 5 rounds\)/);
});

test("a gain of less than 1.2× is not worth a heavier level, even without any spread", () => {
  assert.equal(judge([serial, madeRow("thread", 2, [860, 860, 860, 860, 860])], 100, undefined).level, "serial");
  assert.equal(judge([serial, madeRow("thread", 2, [800, 800, 800, 800, 800])], 100, undefined).level, "thread");
});

test("more workers must earn their place over fewer", () => {
  const rows = [
    serial,
    madeRow("thread", 2, [500, 500, 500, 500, 500]),
    madeRow("thread", 4, [450, 450, 450, 450, 450]),
    madeRow("thread", 8, [300, 300, 300, 300, 300]),
  ];
  assert.equal(judge(rows, 100, undefined).size, 8);
  assert.equal(judge(rows.slice(0, 3), 100, undefined).size, 2);
});

test("coroutines win waiting", () => {
  const { level, reason } = judge(
    [serial, madeRow("coroutine", 100, [50, 51, 52, 50, 50]), madeRow("thread", 2, [500, 500, 500, 500, 500])],
    100,
    undefined,
  );
  assert.equal(level, "coroutine");
  assert.match(reason, /^Coroutines: 20× faster than serial/);
  assert.match(reason, /Threads × 2 are slower \(10\.0× the time\)/);
});

test("a level that freezes nothing is named where nothing is faster", () => {
  const rows = [
    serial,
    madeRow("thread", 1, [1000, 1000, 1000, 1000, 1000], { loopStallMs: 9 }),
    madeRow("process", 1, [990, 990, 990, 990, 990], { loopStallMs: 4 }),
  ];
  assert.match(judge(rows, 100, undefined).reason, /where the program must stay responsive, take threads × 1 all the same/);
});

test("unequal results are said first", () => {
  const difference: Difference = {
    level: "thread",
    size: 2,
    item: 6,
    input: "g.js",
    path: "result.n",
    expected: "1",
    actual: "2",
    unstable: false,
  };
  const rows = [serial, madeRow("thread", 2, [500, 500, 500, 500, 500], { equal: false })];
  assert.equal(judge(rows, 100, difference).level, "serial", "what gives other results is not recommended");
  assert.match(
    judge(rows, 100, difference).reason,
    /^Warning: the results are not equal: threads × 2 differs from serial, first at input 7, result\.n\./,
  );
  assert.match(judge(rows, 100, { ...difference, unstable: true }).reason, /^Warning: .*serial itself gives another result/);
});

test("faster at failing is not faster", () => {
  const rows = [serial, madeRow("thread", 2, [100, 100, 100, 100, 100], { failed: 50, equal: false })];
  assert.equal(judge(rows, 100, undefined).level, "serial");
});

test("rows that could not be measured are named and never recommended", () => {
  const dead = madeRow("serial", 1, [], { failure: "stopped: no sign of life for 3000 ms", equal: false });
  const { level, reason } = judge([dead, madeRow("thread", 1, [500, 500])], 100, undefined);
  assert.equal(level, "thread");
  assert.match(reason, /Serial could not be measured: stopped/);
  assert.match(judge([dead], 100, undefined).reason, /^No level could be measured\. serial: stopped/);
});

test("a busy machine is told from a level's own rounds; the level's own stall comes first", () => {
  const uneasy = madeRow("serial", 1, [1000, 1900, 1000], { loopStallMs: 500 });
  const { reason } = judge([uneasy, madeRow("coroutine", 9, [1000, 1900, 1000], { loopStallMs: 900 })], 100, undefined);
  assert.match(reason, /Serial froze the event loop for 500 ms\./);
  assert.match(reason, /The rounds of serial alone differ by a factor of 1\.9/);
  assert.doesNotMatch(judge([serial], 100, undefined).reason, /busy/);
});
