// The workers of a pool by themselves: places, the spare, dedicated and leaving ones, and the health that paces their starts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Health } from "../../../src/executors/pool/health.ts";
import type { PoolWorker, PoolWorkerEvents } from "../../../src/executors/pool/pool-worker.ts";
import { Roster } from "../../../src/executors/pool/roster.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import type { FakeWorker } from "./fake-links.ts";
import { fakeLinks } from "./fake-links.ts";

interface Cast {
  readonly roster: Roster;
  readonly workers: FakeWorker[];
  readonly gone: { readonly name: string; readonly broke: boolean }[];
  readonly stuck: string[];
}

function cast(size: number, idleTimeout = Number.POSITIVE_INFINITY): Cast {
  const { workers, open } = fakeLinks();
  const gone: { name: string; broke: boolean }[] = [];
  const stuck: string[] = [];
  const events: PoolWorkerEvents = {
    onFrame(worker, frame) {
      if (frame.type !== "ready") return;
      worker.wasReady = true;
      worker.state = "ready";
      roster.health.started();
    },
    onStarted() {},
    onDrained() {},
    onOutput() {},
    onExit: (worker, exit) => gone.push({ name: worker.name, broke: roster.gone(worker, exit) }),
    onStuck: (worker) => stuck.push(worker.name),
  };
  const roster = new Roster({ name: "w", size, open, worker: {}, idleTimeout }, events);
  return { roster, workers, gone, stuck };
}

const hired = (roster: Roster, slot?: number): PoolWorker => {
  const worker = roster.hire(slot);
  assert.ok(worker);
  return worker;
};

test("places are filled from the first, each once; a place that empties is filled again", () =>
  withVirtualClock(() => {
    const { roster, workers } = cast(2);
    const [first, second] = [hired(roster), hired(roster)];
    assert.deepEqual([first.slot, second.slot, roster.hire()], [0, 1, undefined]);
    assert.equal(roster.hire(0), undefined, "taken");
    workers[0]?.ready();
    workers[1]?.ready();
    workers[0]?.dies();
    assert.deepEqual([first.slot, first.state, roster.lost], [-1, "gone", 1]);
    assert.equal(hired(roster).slot, 0);
    assert.deepEqual(
      roster.members.map(({ name }) => name),
      ["w-3", "w-2"],
    );
  }));

test("the spare takes the next empty place, whichever it is, and there is never more than one", () =>
  withVirtualClock(() => {
    const { roster, workers } = cast(2);
    roster.keepSpare();
    assert.equal(workers.length, 0, "not before every place is filled");
    hired(roster);
    hired(roster);
    roster.keepSpare();
    roster.keepSpare();
    assert.deepEqual([workers.length, roster.members.length, roster.all.length], [3, 2, 3]);
    for (const worker of workers) worker.ready();
    workers[1]?.dies();
    const replacement = hired(roster);
    assert.deepEqual([replacement.name, replacement.slot, workers.length], ["w-3", 1, 3]);
    assert.equal(roster.all.length, 2);
  }));

test("a spare that dies leaves no trace but the count; a pool of one has none", () =>
  withVirtualClock(() => {
    const { roster, workers } = cast(2);
    hired(roster);
    hired(roster);
    roster.keepSpare();
    for (const worker of workers) worker.ready();
    workers[2]?.dies();
    assert.deepEqual([roster.all.length, roster.lost], [2, 1]);
    const single = cast(1);
    hired(single.roster);
    single.roster.keepSpare();
    assert.equal(single.workers.length, 1);
  }));

test("a spare is told what to load ahead, until one has died of it or of anything else", () =>
  withVirtualClock(() => {
    const { roster, workers } = cast(2);
    const reference = { url: "file:///tasks.js", name: "work" };
    const told = (at: number) => workers[at]?.sent.filter(({ type }) => type === "load");
    hired(roster);
    hired(roster);
    roster.keepSpare(reference);
    assert.deepEqual(told(2), [{ type: "load", url: "file:///tasks.js", fn: "work" }]);
    for (const worker of workers) worker.ready();
    workers[0]?.dies();
    assert.equal(hired(roster).name, "w-3");
    roster.keepSpare(reference);
    assert.equal(told(3)?.length, 1, "the death of a worker at work says nothing of its module");
    workers[3]?.ready();
    workers[3]?.dies();
    roster.keepSpare(reference);
    assert.deepEqual(told(4), []);
    assert.deepEqual(told(0), [], "workers that take tasks at once are told nothing");
  }));

test("retired: the place is free at once, the end orderly only with code 0, and the worker is known until it is gone", () =>
  withVirtualClock(() => {
    const { roster, workers } = cast(1);
    for (const [exitCode, lost] of [
      [0, 0],
      [1, 1],
    ] as const) {
      const worker = hired(roster);
      const fake = workers.at(-1) as FakeWorker;
      fake.ready();
      roster.retire(worker);
      assert.deepEqual([worker.state, worker.free, roster.members.length, roster.all.length], ["ending", false, 0, 1]);
      fake.dies({ exitCode });
      assert.deepEqual([roster.all.length, roster.lost], [0, lost]);
    }
  }));

test("condemned: killed once, given no task, reported as stuck when it stays, forgotten when it goes", () =>
  withVirtualClock(async (clock) => {
    const { roster, workers, stuck } = cast(1);
    const worker = hired(roster);
    workers[0]?.ready();
    roster.condemn(worker);
    roster.condemn(worker);
    worker.end();
    assert.deepEqual([workers[0]?.kills, workers[0]?.asked, worker.open, worker.free], [1, false, false, false]);
    assert.equal(hired(roster).slot, 0);
    await clock.advance(499);
    assert.deepEqual([worker.stuck, stuck], [false, []]);
    await clock.advance(1);
    assert.deepEqual([worker.stuck, stuck], [true, ["w-1"]]);
    workers[0]?.dies();
    await clock.advance(10_000);
    assert.deepEqual([stuck, roster.lost, roster.all.length], [["w-1"], 1, 1]);
  }));

test("the free worker that was busy last goes first", () =>
  withVirtualClock(async (clock) => {
    const { roster } = cast(3);
    const workers = [hired(roster), hired(roster), hired(roster)];
    for (const place of [2, 0, 1]) {
      await clock.advance(10);
      roster.becameIdle(workers[place] as PoolWorker);
    }
    assert.equal(roster.free(), workers[1]);
  }));

test("a pause after a failed start calls back everyone who asked, each once, and again after the next pause", () =>
  withVirtualClock(async (clock) => {
    const { roster, workers, gone } = cast(2);
    const called: string[] = [];
    const one = (): void => {
      called.push("one");
    };
    const two = (): void => {
      called.push("two");
      if (roster.hire() === undefined) roster.afterPause(two);
    };
    hired(roster);
    workers[0]?.dies();
    assert.equal(roster.hire(), undefined);
    roster.afterPause(one);
    roster.afterPause(two);
    roster.afterPause(one);
    await clock.advance(49);
    assert.deepEqual(called, []);
    await clock.advance(1);
    assert.deepEqual(called, ["one", "two"]);
    workers[1]?.dies();
    assert.equal(roster.hire(), undefined);
    roster.afterPause(two);
    await clock.advance(100);
    assert.deepEqual(called, ["one", "two", "two"]);
    assert.deepEqual(
      gone.map(({ broke }) => broke),
      [false, false],
    );
  }));

test("health: the fourth failed start within ten seconds breaks; older ones are forgotten; pauses double", () =>
  withVirtualClock(async (clock) => {
    const health = new Health();
    const pauses: number[] = [];
    for (let n = 0; n < 3; n++) {
      assert.equal(health.startFailed(), false);
      pauses.push(health.pauseMs);
    }
    assert.deepEqual(pauses, [50, 100, 200]);
    await clock.advance(9_999);
    assert.equal(health.pauseMs, 0);
    const late = new Health();
    for (let n = 0; n < 3; n++) late.startFailed();
    await clock.advance(10_000);
    assert.equal(late.startFailed(), false, "those were long ago");
    assert.equal(late.pauseMs, 50);
    await clock.advance(1);
    for (let n = 0; n < 2; n++) assert.equal(late.startFailed(), false);
    assert.equal(late.startFailed(), true);
    late.started();
    assert.deepEqual([late.pauseMs, late.startFailed()], [0, false]);
  }));
