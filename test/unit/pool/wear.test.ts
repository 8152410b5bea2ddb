// A worker with a memory limit: when it is worn, and what the pool makes of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { getHeapStatistics } from "node:v8";
import { Wear } from "../../../src/executors/pool/wear.ts";
import { onAheadStage, warmed } from "./ahead-links.ts";
import { fate, onStage } from "./fake-links.ts";
import { work } from "./work.ts";

const megabyte = 2 ** 20;
/** So far above what this program holds that everything else it does is lost in it. */
const limit = 400;

/** Plain values of so many megabytes. */
function values(megabytes: number): unknown[] {
  return Array.from({ length: megabytes }, (_, n) => new Array<number>(megabyte / 8).fill(n + 0.5));
}

test("garbage is no wear, values and buffers that are held are", () => {
  const wear = new Wear(limit);
  assert.equal(wear.suspects(), false, "the first task");
  const hold: unknown[] = [];
  hold.push(values(150));
  assert.equal(wear.suspects(), false, "half of it");
  const much = values(200);
  assert.equal(wear.suspects(), true, "it might be garbage");
  assert.equal(much.length, 200);
  much.length = 0;
  assert.equal(wear.look(), false, "it was");
  hold.push(Buffer.alloc(200 * megabyte));
  assert.equal(wear.suspects(), true);
  assert.equal(wear.look(), true);
  assert.equal(hold.length, 2);
});

test("memory that threads share is nobody's", () => {
  const wear = new Wear(limit);
  wear.suspects();
  const shared = new SharedArrayBuffer(2 * limit * megabyte);
  assert.equal(wear.suspects(), false);
  assert.equal(shared.byteLength, 2 * limit * megabyte);
});

test("who needs most of the limit from the first task on is not replaced for it again and again", () => {
  const first = values(90);
  const held = getHeapStatistics().used_heap_size / megabyte;
  const wear = new Wear(held / 0.85);
  assert.equal(wear.suspects(), false);
  assert.equal(wear.suspects(), false);
  const more = values(30);
  assert.equal(wear.suspects(), true, "it grows");
  assert.equal(first.length + more.length, 120);
});

test("no code finds the collector among its globals", () => {
  const wear = new Wear(1);
  wear.suspects();
  wear.look();
  assert.equal(Reflect.get(globalThis, "gc"), undefined);
  assert.equal(process.getBuiltinModule("node:vm").runInNewContext("typeof gc"), "undefined");
});

test("a worn worker is replaced as soon as it does nothing; what it does ends first", () =>
  onStage({}, async ({ pool, worker, workers, settle, statistics }) => {
    const tasks = [pool.run(work, 1), pool.run(work, 2), pool.run(work, 3)];
    await settle();
    worker(0).ready().started().succeeds(1);
    worker(0).started();
    worker(0).says({ type: "worn" });
    await settle();
    assert.equal(worker(0).asked, false, "it is busy");
    worker(0).succeeds(2);
    await settle();
    assert.equal(worker(0).asked, true);
    assert.deepEqual(worker(1).calls, [3]);
    worker(0).leaves();
    worker(1).ready().started().succeeds(3);
    assert.deepEqual(tasks.map(fate), ["succeeded 1", "succeeded 2", "succeeded 3"]);
    assert.deepEqual([statistics().lost, workers.length], [0, 2]);
  }));

test("an idle worker that is worn is replaced when it is needed, and dies of it without a loss", () =>
  onStage({}, async ({ pool, worker, workers, settle }) => {
    const first = pool.run(work, 1);
    await settle();
    worker(0).ready().started().succeeds(1);
    worker(0).says({ type: "worn" });
    worker(0).says({ type: "worn" });
    assert.deepEqual([worker(0).asked, workers.length, fate(first)], [true, 1, "succeeded 1"]);
    const next = pool.run(work, 2);
    await settle();
    worker(0).dies({ exitCode: 0 });
    worker(1).ready().started().succeeds(2);
    assert.equal(fate(next), "succeeded 2");
  }));

test("what a worn worker was sent ahead goes elsewhere, save what it has begun", () =>
  onAheadStage({ size: 1 }, async (stage) => {
    const { pool, worker, settle } = stage;
    await warmed(stage, 1);
    const tasks = [1, 2, 3, 4].map((n) => pool.run(work, n));
    await settle();
    assert.ok(worker(0).claims(1));
    worker(0).says({ type: "worn" });
    await settle();
    assert.equal(worker(0).claims(2), false, "it was taken back");
    assert.equal(worker(0).asked, false);
    worker(0).answers(1);
    worker(0).drained();
    await settle();
    assert.equal(worker(0).asked, true);
    worker(1).ready();
    for (const n of [2, 3, 4]) {
      await settle();
      worker(1).does(n);
    }
    await settle();
    assert.deepEqual(
      tasks.map((task) => fate(task).split(" ")[0]),
      new Array(4).fill("succeeded"),
    );
  }));
