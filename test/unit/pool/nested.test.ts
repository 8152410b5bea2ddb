// Work that a task submits from inside its worker: to the same full pool, to another one, and with the submitter dying.
import assert from "node:assert/strict";
import { test } from "node:test";
import { WorkerLostError } from "../../../src/contract/errors.ts";
import { CoroutineCore } from "../../../src/executors/coroutine/executor.ts";
import { ExecutorFace } from "../../../src/executors/pool/face.ts";
import { decodeFailure, decodeValue, setExecutorDirectory } from "../../../src/executors/pool/passage.ts";
import { fakeLinks, fate, makePool, onStage } from "./fake-links.ts";
import { work } from "./work.ts";

/** Names under which workers reach executors in these tests. */
function reachable(executors: Readonly<Record<string, ExecutorFace<"thread"> | ExecutorFace<"coroutine">>>): void {
  setExecutorDirectory({ nameOf: () => undefined, find: (name) => executors[name] as never });
}

test("a parent that waits for its nested task in a full pool with a queue is served at once", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    reachable({ thread: pool });
    const parent = pool.run(work, 1);
    await settle();
    const parentId = worker(0).ready().started().lastId;
    const others = [pool.run(work, 2), pool.run(work, 3)];
    await settle();
    worker(0).submits(1, { parent: parentId }, "inner");
    await settle();
    assert.deepEqual(worker(0).calls, [1, "inner"], "or the parent would wait for a worker that waits for the parent");
    worker(0).started().succeeds("done");
    worker(0).succeeds("parent", parentId);
    for (const n of [2, 3]) {
      await settle();
      worker(0).started().succeeds(n);
    }
    assert.deepEqual([parent, ...others].map(fate), ["succeeded parent", "succeeded 2", "succeeded 3"]);
  }));

test("nested in nested in a pool of one, each with a key: all on the one worker", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    reachable({ thread: pool });
    const task = pool.with({ key: "a" }).run(work, 1);
    await settle();
    const outer = worker(0).ready().started().lastId;
    worker(0).submits(1, { parent: outer, key: "a" }, 2);
    await settle();
    const middle = worker(0).started().lastId;
    assert.notEqual(middle, outer);
    worker(0).submits(2, { parent: middle, key: "b" }, 3);
    await settle();
    assert.deepEqual(worker(0).calls, [1, 2, 3]);
    worker(0).started().succeeds("inner");
    worker(0).succeeds("middle", middle);
    worker(0).succeeds("outer", outer);
    assert.equal(fate(task), "succeeded outer");
    assert.deepEqual(
      worker(0).settledFrames.map(({ id }) => id),
      [2, 1],
    );
  }));

test("a cancelled parent cancels what it submitted, waiting and running, and both are answered", () =>
  onStage({ size: 2 }, async ({ pool, worker, settle }) => {
    reachable({ thread: pool });
    const parent = pool.run(work, 1);
    await settle();
    const parentId = worker(0).ready().started().lastId;
    worker(0).submits(1, { parent: parentId }, "running");
    await settle();
    worker(1).ready().started();
    worker(0).submits(2, { parent: parentId, retries: 3 }, "unborn");
    parent.cancel();
    assert.equal(worker(1).cancels.length, 1);
    assert.deepEqual(
      worker(0).settledFrames.map(({ id, state }) => [id, state]),
      [[2, "cancelled"]],
    );
    worker(1).yields();
    assert.deepEqual(
      worker(0).settledFrames.map(({ id, state }) => [id, state]),
      [
        [2, "cancelled"],
        [1, "cancelled"],
      ],
    );
    worker(0).yields(parentId);
    assert.equal(fate(parent), "cancelled AbortError");
  }));

test("a submitter that dies takes what it submitted along, wherever that is", () =>
  onStage({ size: 2 }, async ({ pool, worker, settle, statistics }) => {
    reachable({ thread: pool });
    const parent = pool.run(work, 1);
    parent.onDone(() => {});
    await settle();
    const parentId = worker(0).ready().started().lastId;
    worker(0).submits(1, { parent: parentId }, "elsewhere");
    await settle();
    worker(1).ready().started();
    worker(0).submits(2, { parent: parentId }, "here");
    await settle();
    assert.deepEqual(worker(0).calls, [1, "here"]);
    worker(0).dies();
    assert.equal(fate(parent), "failed WorkerLostError");
    assert.equal(worker(1).cancels.length, 1);
    assert.ok(worker(1).cancelError.cause instanceof WorkerLostError);
    worker(1).yields();
    assert.deepEqual([statistics().failed, statistics().cancelled, statistics().running], [1, 2, 0]);
  }));

test("an orphan's answer to a submitter that has settled still comes back, and nothing runs twice", () =>
  onStage({ size: 2 }, async ({ pool, worker, settle }) => {
    reachable({ thread: pool });
    const parent = pool.run(work, 1);
    await settle();
    const parentId = worker(0).ready().started().lastId;
    worker(0).submits(1, { parent: parentId }, "left");
    await settle();
    worker(0).succeeds("gone ahead", parentId);
    worker(1).ready().started().succeeds("late");
    assert.equal(fate(parent), "succeeded gone ahead");
    assert.deepEqual(
      worker(0).settledFrames.map(({ id }) => id),
      [1],
    );
  }));

test("forwarded to another pool: the answer is handed on as it came; a worker lost there is a failure here", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const there = fakeLinks();
    const core = makePool({ name: "other" }, there.open);
    const other = new ExecutorFace(() => core);
    reachable({ thread: pool, other });
    const parent = pool.run(work, 1);
    await settle();
    const parentId = worker(0).ready().started().lastId;
    worker(0).submits(1, { executor: "other", parent: parentId }, "value");
    worker(0).submits(2, { executor: "other", parent: parentId }, "error");
    worker(0).submits(3, { executor: "other", parent: parentId }, "death");
    await settle();
    const [far] = there.workers;
    far?.ready().started().succeeds({ any: 1 });
    await settle();
    far?.started().fails(new RangeError("as it came"));
    await settle();
    far?.started().dies();
    const answers = worker(0).settledFrames;
    assert.deepEqual(
      answers.map(({ id, state }) => [id, state]),
      [
        [1, "succeeded"],
        [2, "failed"],
        [3, "failed"],
      ],
    );
    assert.deepEqual(decodeValue(answers[0]?.payload as never), { any: 1 });
    assert.ok(decodeFailure(answers[1]?.payload as never) instanceof RangeError);
    assert.ok(decodeFailure(answers[2]?.payload as never) instanceof WorkerLostError);
    const { succeeded, failed } = other.statistics();
    assert.deepEqual([succeeded, failed], [1, 2]);
    worker(0).succeeds("", parentId);
    assert.equal(fate(parent), "succeeded ");
  }));

test("a forwarded task that is retried is answered once, with the last attempt", () =>
  onStage({ size: 2 }, async ({ pool, worker, settle }) => {
    reachable({ thread: pool });
    const parent = pool.run(work, 1);
    await settle();
    const parentId = worker(0).ready().started().lastId;
    worker(0).submits(1, { parent: parentId, retries: 1 }, "x");
    await settle();
    worker(1).ready().started().dies();
    await settle();
    assert.deepEqual(worker(0).settledFrames, []);
    worker(2).ready().started().succeeds("second");
    assert.deepEqual(
      worker(0).settledFrames.map(({ payload }) => decodeValue(payload)),
      ["second"],
    );
    worker(0).succeeds("", parentId);
    assert.equal(fate(parent), "succeeded ");
  }));

test("an executor that nobody knows, one that is closed and one of this thread: each is answered", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const core = makePool({ name: "shut" }, fakeLinks().open);
    await core.close({});
    const here = new ExecutorFace(() => new CoroutineCore("coroutine", { name: "here", size: 1 }));
    reachable({ thread: pool, shut: new ExecutorFace(() => core), here });
    const parent = pool.run(work, 1);
    await settle();
    const parentId = worker(0).ready().started().lastId;
    worker(0).submits(1, { executor: "nowhere", parent: parentId });
    worker(0).submits(2, { executor: "shut", parent: parentId });
    worker(0).submits(3, { executor: "here", parent: parentId, url: new URL("./work.js", import.meta.url).href, fn: "work" }, "echo");
    worker(0).succeeds("", parentId);
    for (let turn = 0; turn < 50 && worker(0).settledFrames.length < 3; turn++) await settle();
    const [unknown, shut, local] = worker(0).settledFrames;
    assert.equal((decodeFailure(unknown?.payload as never) as Error).name, "NotPortableError");
    assert.equal((decodeFailure(shut?.payload as never) as Error).name, "ExecutorClosedError");
    assert.equal(decodeValue(local?.payload as never), "echo");
    assert.equal(fate(parent), "succeeded ");
  }));

test("run-here for a nested submission runs on the thread of the pool and is answered", () =>
  onStage({ queue: { capacity: 0, full: "run-here" } }, async ({ pool, worker, settle }) => {
    reachable({ thread: pool });
    const parent = pool.run(work, 1);
    await settle();
    const parentId = worker(0).ready().started().lastId;
    worker(0).submits(1, { parent: parentId, url: new URL("./work.js", import.meta.url).href, fn: "work" }, "here");
    for (let turn = 0; turn < 50 && worker(0).settledFrames.length < 1; turn++) await settle();
    assert.deepEqual(
      worker(0).settledFrames.map(({ payload }) => decodeValue(payload)),
      ["here"],
    );
    worker(0).succeeds("", parentId);
    assert.equal(fate(parent), "succeeded ");
  }));

test("a nested task with a key goes to its key's worker at once, and those before it go along", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    reachable({ thread: pool });
    const parent = pool.run(work, 1);
    await settle();
    const parentId = worker(0).ready().started().lastId;
    const keyed = [2, 3].map((n) => pool.with({ key: "k" }).run(work, n));
    const common = pool.run(work, 4);
    await settle();
    assert.deepEqual(worker(0).calls, [1]);
    worker(0).submits(1, { parent: parentId, key: "k" }, "inner");
    await settle();
    assert.deepEqual(worker(0).calls, [1, 2, 3, "inner"], "equal keys start in order, and the parent holds the only worker");
    for (const { id } of [...worker(0).runs]) {
      worker(0).started(id);
      worker(0).succeeds(id, id);
    }
    await settle();
    worker(0).started().succeeds(4);
    assert.deepEqual(
      [parent, ...keyed, common].map((task) => fate(task).slice(0, 9)),
      new Array(4).fill("succeeded"),
    );
    assert.deepEqual(worker(0).calls, [1, 2, 3, "inner", 4]);
  }));

test("two tasks that each wait for a nested one with the other's key do not block each other", () =>
  onStage({ size: 2 }, async ({ pool, worker, settle }) => {
    reachable({ thread: pool });
    // Two keys that mean different places.
    const places = new Map<unknown, number>();
    for (const key of ["a", "b"]) void pool.with({ key }).run(work, key);
    await settle();
    for (const place of [0, 1]) places.set(worker(place).calls[0], place);
    assert.deepEqual([...places.keys()].sort(), ["a", "b"]);
    const ids = [0, 1].map((place) => worker(place).ready().started().lastId);
    worker(0).submits(1, { parent: ids[0], key: worker(1).calls[0] as string }, "from 0");
    worker(1).submits(2, { parent: ids[1], key: worker(0).calls[0] as string }, "from 1");
    await settle();
    assert.deepEqual([worker(0).calls[1], worker(1).calls[1]], ["from 1", "from 0"]);
    for (const place of [0, 1]) {
      worker(place).started().succeeds();
      worker(place).succeeds("", ids[place]);
    }
  }));

test("a nested task whose submitter has ended waits like any other, where it stood", () =>
  onStage({ size: 1 }, async ({ pool, worker, settle, clock }) => {
    reachable({ thread: pool });
    const parent = pool.run(work, 1);
    await settle();
    const parentId = worker(0).ready().started().lastId;
    // In one turn: the submission, the end of its parent, and the end of the worker that would have had it.
    worker(0).submits(1, { parent: parentId }, "left");
    const later = pool.run(work, 2);
    worker(0).succeeds("ended", parentId);
    await settle();
    assert.deepEqual(worker(0).calls, [1, "left"]);
    worker(0).started().succeeds();
    await settle();
    worker(0).started().succeeds(2);
    assert.deepEqual([parent, later].map(fate), ["succeeded ended", "succeeded 2"]);
    await clock.advance(1_000);
  }));

test("shared memory that a thread's task submits to a level that cannot share it is refused, not fatal", () =>
  onStage({}, async ({ pool, worker, settle, statistics }) => {
    const far = makePool({ name: "far", sharesMemory: false }, fakeLinks().open);
    reachable({ thread: pool, far: new ExecutorFace(() => far) });
    const parent = pool.run(work, 1);
    await settle();
    const parentId = worker(0).ready().started().lastId;
    worker(0).submits(1, { executor: "far", parent: parentId }, "fine", new SharedArrayBuffer(8));
    const [answer] = worker(0).settledFrames;
    const error = decodeFailure(answer?.payload as never) as { name: string; path: string };
    assert.deepEqual([error.name, error.path], ["NotSerializableError", "arguments[1]"]);
    assert.equal(statistics().running, 1);
    worker(0).succeeds("", parentId);
    assert.equal(fate(parent), "succeeded ");
  }));
