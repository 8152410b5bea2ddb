// Who gets a worker first: order of arrival, priorities, keys; and that a death or a cancel upsets none of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { goesBefore, Injector, type Queued } from "../../../src/executors/pool/injector.ts";
import { fate, onStage } from "./fake-links.ts";
import { work } from "./work.ts";

test("equal keys start in order, though the worker of the first dies before it could start", () =>
  onStage({}, async ({ pool, worker, settle, clock }) => {
    const keyed = pool.with({ key: "a" });
    const tasks = [keyed.run(work, 1), keyed.run(work, 2), keyed.run(work, 3)];
    await settle();
    worker(0).dies();
    await clock.advance(50);
    for (const n of [1, 2, 3]) {
      assert.deepEqual(worker(1).calls.at(-1), n);
      if (n === 1) worker(1).ready();
      worker(1).started().succeeds(n);
      await settle();
    }
    assert.deepEqual(tasks.map(fate), ["succeeded 1", "succeeded 2", "succeeded 3"]);
  }));

test("without keys too, a task that moves keeps its place before those that came later", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    for (const n of [1, 2, 3]) void pool.run(work, n);
    await settle();
    worker(0).ready().dies();
    await settle();
    for (const n of [1, 2, 3]) {
      assert.equal(worker(1).calls.at(-1), n);
      if (n === 1) worker(1).ready();
      worker(1).started().succeeds();
      await settle();
    }
  }));

test("a key goes on in order on the replacement when its worker dies under a started task", () =>
  onStage({ size: 2 }, async ({ pool, worker, settle }) => {
    const keyed = pool.with({ key: 7 });
    const tasks = [1, 2, 3].map((n) => keyed.run(work, n));
    for (const task of tasks) task.onDone(() => {});
    await settle();
    worker(0).ready().started().dies();
    await settle();
    assert.deepEqual(worker(1).calls, [2], "one worker at a time serves a key");
    worker(1).ready().started().succeeds(2);
    await settle();
    worker(1).started().succeeds(3);
    assert.deepEqual(tasks.map(fate), ["failed WorkerLostError", "succeeded 2", "succeeded 3"]);
  }));

test("a cancelled one in the middle of a key leaves the order of the others", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const keyed = pool.with({ key: "a" });
    const [, second] = [1, 2, 3].map((n) => keyed.run(work, n));
    await settle();
    second?.cancel();
    worker(0).ready().started().succeeds();
    await settle();
    assert.deepEqual(worker(0).calls, [1, 3]);
    worker(0).started().succeeds();
  }));

test("keyed and common tasks share a worker in order of arrival: neither starves", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const keyed = pool.with({ key: "a" });
    void pool.run(work, 0);
    void keyed.run(work, 1);
    void pool.run(work, 2);
    void keyed.run(work, 3);
    await settle();
    worker(0).ready();
    for (const n of [0, 1, 2, 3]) {
      assert.equal(worker(0).calls.at(-1), n);
      worker(0).started().succeeds();
      await settle();
    }
  }));

test("priority decides among those that wait, keyed or not; what was given out stays", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    void pool.run(work, "first");
    await settle();
    void pool.run(work, "later");
    void pool.with({ priority: -1 }).run(work, "last");
    void pool.with({ priority: 5, key: 1 }).run(work, "keyed");
    void pool.with({ priority: 9 }).run(work, "urgent");
    await settle();
    worker(0).ready();
    for (let n = 0; n < 5; n++) {
      worker(0).started().succeeds();
      await settle();
    }
    assert.deepEqual(worker(0).calls, ["first", "urgent", "keyed", "later", "last"]);
  }));

interface Entry extends Queued {
  readonly label: string;
}
const entry = (label: string, priority = 0): Entry => ({ label, priority, arrival: 0, queued: false, task: { metrics: { queuedMs: 0 } } });

test("injector: what is put back takes the place it had, among its priority only", () => {
  const line = new Injector<Entry>();
  const [a, b, c, urgent] = [entry("a"), entry("b"), entry("c"), entry("urgent", 1)];
  for (const each of [a, b, c, urgent]) line.push(each);
  const taken = [line.shift(), line.shift(), line.shift()];
  assert.deepEqual(
    taken.map((each) => each?.label),
    ["urgent", "a", "b"],
  );
  const late = entry("late");
  line.push(late);
  line.putBack(b);
  line.putBack(a);
  line.putBack(urgent);
  assert.equal(line.length, 5);
  assert.deepEqual(
    line.drain().map(({ label }) => label),
    ["urgent", "a", "b", "c", "late"],
  );
  assert.equal(line.length, 0);
});

test("injector: a withdrawn entry is passed over wherever it stands, and counts no more", () => {
  const line = new Injector<Entry>();
  const all = Array.from({ length: 3_000 }, (_, n) => entry(String(n), n % 3));
  for (const each of all) line.push(each);
  const gone = all.filter((_, n) => n % 7 === 0);
  for (const each of gone) assert.equal(line.withdraw(each), true);
  assert.equal(line.withdraw(gone[0] as Entry), false);
  assert.equal(line.length, all.length - gone.length);
  const out: Entry[] = [];
  for (let each = line.shift(); each; each = line.shift()) {
    // One in five goes back once, and comes out next.
    if (out.length % 5 === 0 && out.at(-1) !== each) {
      line.putBack(each);
      assert.equal(line.shift(), each);
    }
    out.push(each);
  }
  const expected = all.filter((_, n) => n % 7 !== 0).sort((one, other) => (goesBefore(one, other) ? -1 : 1));
  assert.deepEqual(
    out.map(({ label }) => label),
    expected.map(({ label }) => label),
  );
});
