import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseTrials, eligible, objection, trialItems } from "../../../../src/lab/advise/candidates.ts";
import { forecast } from "../../../../src/lab/advise/cost-model.ts";
import type { Profile, Purity } from "../../../../src/lab/advise/profile.ts";
import { spreadOrder } from "../../../../src/lab/advise/spread-order.ts";
import { configurations, words } from "../../../../src/lab/compare/plan.ts";
import { madeMachine, madePooled, madeProfile, madeWaiting } from "./samples.ts";

const forecasts = (profile: Profile, machine = madeMachine()) =>
  configurations(["serial", "coroutine", "thread", "process"], [1, 2, 4], 100).map((one) => forecast(profile, machine, 100, one));
const trials = (profile: Profile, machine = madeMachine()) =>
  chooseTrials(profile, eligible(profile, machine, forecasts(profile, machine))).map(words);

test("the simplest and the best two are tried; coroutines only where calls can overlap", () => {
  assert.deepEqual(trials(madeProfile(10)), ["serial", "threads × 4", "processes × 4"]);
  assert.deepEqual(trials(madeWaiting(10)).slice(0, 2), ["serial", "coroutines"]);
  assert.equal(trials(madePooled(10, 4))[1], "coroutines");
});

test("a tiny function is tried on the best of the others all the same, so that there is something to show", () => {
  const [first, second, ...none] = trials(madeProfile(0.0001));
  assert.equal(first, "serial");
  assert.match(second ?? "", /^threads/);
  assert.deepEqual(none, []);
});

test("a call that holds its thread for long brings a level into the trial that would not", () => {
  const one = madeMachine(1);
  assert.ok(trials(madeProfile(80), one).some((name) => name.startsWith("threads")));
});

const impure: readonly (readonly [Purity, RegExp])[] = [
  [{ kind: "stateful", input: "a" }, /depends on the calls before it/],
  [{ kind: "varies", input: "a" }, /another result each time/],
  [{ kind: "differs-elsewhere", where: "process", input: "a", message: "another result" }, /on a worker/],
];
test("what must not move is not moved, whatever it would gain, and the reason names the input or the path", () => {
  for (const [purity, why] of impure) {
    const profile = madeProfile(10, { purity });
    assert.match(objection(profile, "thread") ?? "", why);
    assert.deepEqual(trials(profile), ["serial"]);
  }
  const profile = madeProfile(10, { travel: { possible: false, what: "result", reason: "result.socket cannot travel" } });
  assert.match(objection(profile, "process") ?? "", /its result cannot travel to a worker: result\.socket/);
  assert.equal(objection(profile, "coroutine"), undefined);
});

test("what only a thread cannot do may go to a process", () => {
  const differs = { where: "thread", input: "/", message: "TypeError: process.chdir() is not supported in workers" } as const;
  const profile = madeProfile(10, { purity: { kind: "same", checked: ["process"], differs } });
  assert.match(objection(profile, "thread") ?? "", /process\.chdir/);
  assert.equal(objection(profile, "process"), undefined);
  assert.ok(trials(profile).includes("processes × 4"));
});

test("workers that do not fit into memory are no candidates", () => {
  const machine = madeMachine(4, { memoryMB: 50 });
  const names = eligible(madeProfile(10), machine, forecasts(madeProfile(10), machine)).map(words);
  assert.deepEqual(names, ["serial", "coroutines", "threads × 1", "threads × 2", "threads × 4", "processes × 1"]);
});

test("a trial is long enough to be timed, gives every worker something, and has an end", () => {
  const four = [{ level: "thread", size: 4 }] as const;
  assert.equal(trialItems(madeProfile(1), four), 60);
  assert.equal(trialItems(madeProfile(1000), four), 8);
  assert.equal(trialItems(madeProfile(1e-6), four), 2000);
  assert.equal(trialItems(madeProfile(50), [{ level: "coroutine", size: 1000 }]), 6);
});

test("every prefix of the order is spread over the inputs, and all come once", () => {
  for (const count of [0, 1, 2, 3, 5, 10, 97, 100, 1000]) {
    assert.deepEqual(
      spreadOrder(count).sort((a, b) => a - b),
      Array.from({ length: count }, (_, i) => i),
    );
  }
  const quarters = new Set(
    spreadOrder(100)
      .slice(0, 8)
      .map((item) => Math.floor(item / 25)),
  );
  assert.equal(quarters.size, 4);
});
