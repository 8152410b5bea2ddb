// Answers that cannot be taken as they come: results that refuse to be decoded, reports, output, weird failures.
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeFailure, encodeValue } from "../../../src/executors/pool/passage.ts";
import { serializable } from "../../../src/wire/classes.ts";
import { errorOf, fate, onStage } from "./fake-links.ts";
import { work } from "./work.ts";

class Bomb {}
serializable(Bomb, {
  encode: () => ({}),
  decode: () => {
    throw new RangeError("it went off");
  },
});

test("a result that cannot be decoded fails its task alone, and the worker goes on", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const tasks = [pool.run(work, 1), pool.run(work, 2)];
    for (const task of tasks) task.onDone(() => {});
    await settle();
    worker(0).ready().started().succeeds(new Bomb());
    await settle();
    worker(0).started().succeeds("fine");
    assert.deepEqual(tasks.map(fate), ["failed NotSerializableError", "succeeded fine"]);
  }));

test("a report that cannot be decoded is missed; the task and the program go on", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const task = pool.run(work, 1);
    const reports: unknown[] = [];
    const reading = (async () => {
      for await (const report of task.progress) reports.push(report);
    })();
    await settle();
    const id = worker(0).ready().started().lastId;
    for (const value of [1, new Bomb(), 3]) {
      worker(0).says({ type: "progress", id, payload: encodeValue(value, "progress", true).payload });
      await settle();
    }
    worker(0).succeeds("done");
    await settle();
    await reading;
    assert.deepEqual(reports, [1, 3]);
    assert.equal(fate(task), "succeeded done");
  }));

test("whatever was thrown comes back, and the task settles", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const throwing = {
      get message() {
        throw new Error("getter");
      },
    };
    const thrown = [undefined, null, 0, Object.create(null), () => {}, Symbol("s"), throwing, new Proxy({}, { get: () => assert.fail() })];
    for (const value of thrown) {
      const task = pool.run(work, 1);
      task.onDone(() => {});
      await settle();
      if (value === undefined) worker(0).ready();
      worker(0)
        .started()
        .says({
          type: "settled",
          id: worker(0).lastId,
          state: "failed",
          runMs: 0,
          payload: encodeFailure(value, true),
        });
      assert.equal((task as { state?: string }).state, "failed");
      errorOf(task);
      await settle();
    }
  }));

test("frames about tasks and submissions that are not there are ignored", () =>
  onStage({}, async ({ pool, worker, settle, statistics }) => {
    const task = pool.run(work, 1);
    await settle();
    worker(0).ready();
    const payload = encodeValue(1, "result", true).payload;
    worker(0).says({ type: "progress", id: 10 ** 6, payload });
    worker(0).says({ type: "cancel", id: 10 ** 6, payload: encodeFailure(new Error("x"), true) });
    worker(0).says({ type: "abort", handle: 10 ** 6, payload: encodeFailure(new Error("x"), true) });
    worker(0).says({ type: "output", stream: "stdout", text: "ignored" });
    worker(0).says({ type: "ready" });
    assert.equal(statistics().running, 1);
    worker(0).started().succeeds("fine");
    assert.equal(fate(task), "succeeded fine");
  }));

test("statistics add up through every end", () =>
  onStage({ size: 2 }, async ({ pool, worker, settle, statistics }) => {
    const tasks = Array.from({ length: 6 }, (_, n) => pool.run(work, n));
    for (const task of tasks) task.onDone(() => {});
    const sum = (): number => {
      const { succeeded, failed, cancelled, waiting, running } = statistics();
      return succeeded + failed + cancelled + waiting + running;
    };
    await settle();
    assert.equal(sum(), 6);
    worker(0).ready().started().succeeds();
    worker(1).ready().started().fails(new Error("no"));
    await settle();
    assert.equal(sum(), 6);
    tasks[5]?.cancel();
    worker(0).started();
    tasks[2]?.cancel();
    assert.equal(sum(), 6);
    worker(0).dies();
    await settle();
    assert.equal(sum(), 6);
    const { succeeded, failed, cancelled, waiting, running, lost } = statistics();
    assert.deepEqual(
      { succeeded, failed, cancelled, waiting, running, lost },
      { succeeded: 1, failed: 1, cancelled: 2, waiting: 0, running: 2, lost: 1 },
    );
  }));
