import assert from "node:assert/strict";
import { test } from "node:test";
import type { MachineConstants } from "../../../../src/lab/advise/constants.ts";
import { forecast } from "../../../../src/lab/advise/cost-model.ts";
import type { Profile } from "../../../../src/lab/advise/profile.ts";
import { configurations } from "../../../../src/lab/compare/plan.ts";
import { capacityAt } from "../../../../src/lab/usl.ts";
import { madeMachine, madePooled, madeProfile, madeWaiting } from "./samples.ts";

const items = 100;
const all = (profile: Profile, machine: MachineConstants = madeMachine()) =>
  configurations(["serial", "coroutine", "thread", "process"], [1, 2, 4], items).map((one) => forecast(profile, machine, items, one));
const best = (profile: Profile, machine?: MachineConstants) =>
  all(profile, machine).reduce((least, one) => (one.wallMs < least.wallMs ? one : least));
const near = (actual: number, expected: number, share = 0.1) =>
  assert.ok(Math.abs(actual / expected - 1) <= share, `${actual} is not ${expected} ± ${share * 100} %`);

test("what computes for long goes to as many workers as there are processors, threads before processes", () => {
  const { level, size, wallMs } = best(madeProfile(10));
  assert.deepEqual([level, size], ["thread", 4]);
  near(wallMs, (items * 10) / capacityAt(4, { contention: 0.02, coherence: 0 }), 0.05);
});

test("what is over before a message is written stays where it is", () => {
  assert.equal(best(madeProfile(0.0005)).level, "serial");
});

test("what waits is overlapped by coroutines, in the time of one call; workers overlap only as many as there are", () => {
  const { level, wallMs, bound } = best(madeWaiting(50));
  assert.deepEqual([level, bound], ["coroutine", "waiting"]);
  near(wallMs, 50 + items * 0.0125, 0.1);
  const four = all(madeWaiting(50)).find(({ level, size }) => level === "thread" && size === 4);
  near(four?.wallMs ?? 0, (items * 50) / 4);
});

test("what libuv's pool computes is parallel already: threads share the pool and add nothing", () => {
  const rows = all(madePooled(10, 4));
  const [, coroutines] = rows;
  const threads = rows.find(({ level, size }) => level === "thread" && size === 4);
  near(coroutines?.wallMs ?? 0, (items * 10) / 4);
  assert.ok((threads?.wallMs ?? 0) >= (coroutines?.wallMs ?? 0) * 0.95);
});

test("a small pool bounds what it computes for, on threads; processes have a pool each", () => {
  const machine = madeMachine(4, { poolThreads: 1 });
  const rows = all(madePooled(10, 1), machine);
  const at = (level: string) => rows.find((row) => row.level === level && row.size === 4);
  assert.equal(at("thread")?.bound, "pool");
  near(at("thread")?.wallMs ?? 0, items * 10);
  assert.ok((at("process")?.wallMs ?? 0) < items * 5);
});

test("values that are costly to bring home make this thread the narrowest place", () => {
  const heavy = madeProfile(5, { travel: { possible: true, bytesIn: 100, bytesOut: 4e6, hereMs: 12, thereMs: 12 } });
  const threads = all(heavy).find(({ level, size }) => level === "thread" && size === 4);
  assert.equal(threads?.bound, "this-thread");
  assert.equal(best(heavy).level, "serial");
});

test("more workers than processors add nothing but memory", () => {
  const machine = madeMachine(2);
  const rows = all(madeProfile(10), machine);
  const at = (size: number) => rows.find((row) => row.level === "thread" && row.size === size);
  near(at(4)?.wallMs ?? 0, at(2)?.wallMs ?? 1, 0.05);
  assert.ok((at(4)?.memoryMB ?? 0) > (at(2)?.memoryMB ?? 0));
});

test("one processor: workers never beat serial", () => {
  assert.equal(best(madeProfile(10), madeMachine(1)).level, "serial");
});

test("one call is never shorter than itself, and the doubt of the samples is the doubt of the forecast", () => {
  for (const { level, size } of configurations(["serial", "coroutine", "thread", "process"], [1, 4], 1)) {
    const one = forecast(madeProfile(10), madeMachine(), 1, { level, size });
    assert.ok(one.wallMs >= 10, level);
    near(one.lowMs, one.wallMs * 0.9, 0.001);
    near(one.highMs, one.wallMs * 1.1, 0.001);
  }
});

test("calls in waves: more at once than may be in flight take as many times as long", () => {
  const waiting = madeWaiting(10);
  const once = forecast(waiting, madeMachine(), 1000, { level: "coroutine", size: 1000 });
  const twice = forecast(waiting, madeMachine(), 2000, { level: "coroutine", size: 1000 });
  near(twice.wallMs, once.wallMs * 2);
});

test("there is no model for a level that is not of this machine", () => {
  assert.throws(() => forecast(madeProfile(1), madeMachine(), 1, { level: "cluster", size: 1 }), RangeError);
});
