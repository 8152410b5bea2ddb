// Keys: the same worker, in order. What is sent ahead, taken back, moved by a death or counted by the queue upsets none of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ExecutorFace } from "../../../src/executors/pool/face.ts";
import { setExecutorDirectory } from "../../../src/executors/pool/passage.ts";
import { type AheadWorker, onAheadStage, warmed } from "./ahead-links.ts";
import { fate, onStage } from "./fake-links.ts";
import { work } from "./work.ts";

test("short tasks with a key are sent ahead to their worker, in order", () =>
  onAheadStage({ size: 2 }, async (stage) => {
    const { pool, worker, settle } = stage;
    await warmed(stage, 2);
    const tasks = [1, 2, 3].map((n) => pool.with({ key: "k" }).run(work, n));
    await settle();
    const [one, other] = [worker(0), worker(1)];
    const [own, idle] = one.calls.includes(1) ? [one, other] : [other, one];
    assert.deepEqual(own.calls.slice(1), [1, 2, 3]);
    assert.deepEqual(idle.calls.length, 1, "no other takes them, though it is idle");
    for (const n of [1, 2, 3]) own.does(n);
    assert.deepEqual(tasks.map(fate), ["succeeded 1", "succeeded 2", "succeeded 3"]);
  }));

test("what anybody may do moves from behind a long task; what has its key stays", () =>
  onAheadStage({ size: 2 }, async (stage) => {
    const { pool, worker, settle } = stage;
    await warmed(stage, 2);
    const keyed = pool.with({ key: "k" });
    void keyed.run(work, "long");
    await settle();
    const [own, idle] = worker(0).calls.includes("long") ? [worker(0), worker(1)] : [worker(1), worker(0)];
    assert.ok(own.claims("long"));
    own.drained();
    // The other one is given so much that some of it goes to the first.
    const common = Array.from({ length: 60 }, (_, n) => pool.run(work, n));
    void keyed.run(work, "k1");
    void keyed.run(work, "k2");
    await settle();
    for (let round = 0; round < 200 && common.some(({ state }) => state === "waiting"); round++) {
      for (const [n, task] of common.entries()) if (task.state === "waiting" && idle.calls.includes(n) && idle.claims(n)) idle.answers(n);
      idle.drained();
      await settle();
    }
    assert.deepEqual(
      common.map((task) => task.state),
      common.map(() => "succeeded"),
    );
    assert.deepEqual([idle.calls.includes("k1"), idle.calls.includes("k2")], [false, false]);
    own.answers("long");
    own.drained();
    await settle();
    for (const n of ["k1", "k2"]) own.does(n);
  }));

test("a more urgent one with the key goes before those that were sent ahead; other workers keep what they have", () =>
  onAheadStage({ size: 2 }, async (stage) => {
    const { pool, worker, settle } = stage;
    await warmed(stage, 2);
    const keyed = pool.with({ key: "k" });
    for (const n of ["k1", "k2"]) void keyed.run(work, n);
    for (const n of [1, 2, 3]) void pool.run(work, n);
    await settle();
    const [own, other] = worker(0).calls.includes("k1") ? [worker(0), worker(1)] : [worker(1), worker(0)];
    assert.ok(own.claims("k1"));
    const before = other.calls.length;
    void keyed.with({ priority: 1 }).run(work, "urgent");
    await settle();
    assert.equal(other.calls.length, before);
    own.answers("k1");
    own.drained();
    await settle();
    own.does("urgent");
    own.does("k2");
    for (const each of [own, other]) for (const n of [1, 2, 3]) if (each.calls.includes(n) && each.claims(n)) each.answers(n);
    for (const each of [own, other]) each.drained();
  }));

test("a nested one with the key begins at once, after those of its key that were sent ahead", () =>
  onAheadStage({}, async (stage) => {
    const { pool, worker, settle } = stage;
    await warmed(stage, 1);
    setExecutorDirectory({ nameOf: () => "unnamed", find: () => pool as ExecutorFace<"thread"> });
    const parent = pool.run(work, "parent");
    await settle();
    const own = worker(0);
    assert.ok(own.claims("parent"));
    own.drained();
    const keyed = pool.with({ key: "k" });
    for (const n of ["k1", "k2"]) void keyed.run(work, n);
    await settle();
    assert.notEqual(own.runOf("k2").claim, undefined, "sent ahead, behind the parent");
    own.submits(1, { parent: own.runOf("parent").id, key: "k" }, "inner");
    await settle();
    assert.deepEqual(own.calls.slice(-3), ["k1", "k2", "inner"], "the parent waits for the last of them, on the only worker");
    for (const n of ["k1", "k2", "inner"]) assert.equal(own.runOf(n).claim, undefined, `${n} begins at once`);
    for (const n of ["k1", "k2", "inner", "parent"]) own.answers(n);
    own.drained();
    assert.equal(fate(parent), "succeeded parent");
  }));

test("the worker dies: what it was sent ahead of a key goes on in its place, in order", () =>
  onAheadStage({ size: 2 }, async (stage) => {
    const { pool, worker, workers, settle } = stage;
    await warmed(stage, 2);
    const tasks = [1, 2, 3, 4].map((n) => pool.with({ key: "k" }).run(work, n));
    for (const task of tasks) task.onDone(() => {});
    await settle();
    const own = worker(0).calls.includes(1) ? worker(0) : worker(1);
    assert.ok(own.claims(1));
    own.drained();
    own.dies();
    await settle();
    const heirs = workers.filter((each) => each !== own && each.calls.includes(2));
    assert.equal(heirs.length, 1, "one worker at a time has a key");
    const [heir] = heirs as [AheadWorker];
    assert.equal(heir.calls.includes(3), false, "it is not known yet how long it takes");
    heir.ready();
    for (const n of [2, 3, 4]) {
      heir.does(n);
      await settle();
    }
    assert.deepEqual(tasks.map(fate), ["failed WorkerLostError", "succeeded 2", "succeeded 3", "succeeded 4"]);
  }));

test("nobody with the key begins while a worker that was told to die may still be at one, unless it never goes", () =>
  onStage({ size: 2 }, async ({ pool, workers, settle, clock }) => {
    const keyed = pool.with({ key: "k", grace: 100 });
    for (const stays of [false, true]) {
      const stubborn = keyed.run(work, "stubborn");
      stubborn.onDone(() => {});
      await settle();
      const own = workers.find((each) => !each.gone && each.calls.at(-1) === "stubborn" && each.kills === 0);
      assert.ok(own);
      own.ready().started();
      const next = keyed.run(work, "next");
      const other = pool.run(work, "other");
      stubborn.cancel();
      await clock.advance(100);
      assert.equal(own.kills, 1);
      const given = () => workers.filter((each) => !each.gone && each.calls.at(-1) === "next");
      assert.equal(given().length, 0);
      const busy = workers.find((each) => !each.gone && each.calls.at(-1) === "other");
      assert.ok(busy, "others go on");
      if (stays) await clock.advance(500);
      else own.dies();
      await settle();
      assert.match(fate(stubborn), stays ? /cancelled AbortError \(abandoned\)/ : /cancelled AbortError/);
      const [heir] = given();
      assert.ok(heir, stays ? "not for ever" : "at once when it is gone");
      if (!busy.runs.some(({ id }) => done.has(id))) busy.ready();
      busy.started().succeeds();
      if (heir !== busy) heir.ready();
      heir.started().succeeds();
      await settle();
      assert.deepEqual([fate(next), fate(other)], ["succeeded undefined", "succeeded undefined"]);
      for (const each of [heir, busy]) each.dies();
      await settle();
    }
  }));

const done = new Set<number>();

test("a full queue counts tasks with a key: those that wait for their worker, sent ahead or not", () =>
  onAheadStage({ size: 2, queue: { capacity: 2, full: "reject" } }, async (stage) => {
    const { pool, worker, settle, statistics } = stage;
    await warmed(stage, 2);
    const keyed = pool.with({ key: "k" });
    const tasks = [1, 2, 3].map((n) => keyed.run(work, n));
    await settle();
    const own = worker(0).calls.includes(1) ? worker(0) : worker(1);
    assert.deepEqual(own.calls.slice(1), [1, 2, 3]);
    assert.equal(statistics().waiting, 2);
    const over = keyed.run(work, 4);
    assert.equal(fate(over), "failed QueueFullError", "another worker is idle, but not for this key");
    over.onDone(() => {});
    const common = pool.run(work, "common");
    await settle();
    assert.equal(fate(common), "waiting", "that one can be taken at once");
    let isReady = false;
    void pool.ready().then(() => {
      isReady = true;
    });
    await settle();
    assert.equal(isReady, false);
    own.does(1);
    await settle();
    assert.equal(isReady, true);
    for (const n of [2, 3]) own.does(n);
    for (const each of [worker(0), worker(1)]) if (each.calls.includes("common")) each.does("common");
    assert.deepEqual(tasks.map(fate), ["succeeded 1", "succeeded 2", "succeeded 3"]);
  }));

test("a capacity of nothing takes one for each worker that is free, whoever's key that is", () =>
  onStage({ size: 2, queue: { capacity: 0, full: "reject" } }, async ({ pool, workers, settle }) => {
    const keyed = pool.with({ key: "k" });
    const tasks = [keyed.run(work, 1), keyed.run(work, 2), pool.run(work, 3), pool.run(work, 4)];
    for (const task of tasks) task.onDone(() => {});
    assert.deepEqual(tasks.map(fate), ["waiting", "failed QueueFullError", "waiting", "failed QueueFullError"]);
    await settle();
    for (const worker of workers) if (worker.runs.length > 0) worker.ready().started().succeeds();
    assert.deepEqual(
      tasks.map(({ state }) => state),
      ["succeeded", "failed", "succeeded", "failed"],
    );
  }));

test("run-here holds a task with a key back, and does one without here", () =>
  onStage({ queue: { capacity: 0, full: "run-here" } }, async ({ pool, worker, settle }) => {
    const keyed = pool.with({ key: "k" });
    const first = keyed.run(work, 1);
    await settle();
    worker(0).ready().started();
    const second = keyed.run(work, 2);
    const here = pool.run(work, "here");
    for (let round = 0; round < 50 && here.state !== "succeeded"; round++) await settle();
    assert.deepEqual([second, here].map(fate), ["waiting", "succeeded here"]);
    worker(0).succeeds(1);
    await settle();
    worker(0).started().succeeds(2);
    assert.deepEqual([first, second].map(fate), ["succeeded 1", "succeeded 2"]);
  }));

type Step =
  | { readonly do: "submit"; readonly key: "a" | "b" | "c" | undefined; readonly priority: number }
  | { readonly do: "work" | "claim" | "die"; readonly worker: number }
  | { readonly do: "cancel"; readonly which: number };

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("submit"),
        key: fc.constantFrom("a", "b", "c", undefined),
        priority: fc.constantFrom(0, 0, 0, 1),
      }),
    },
    { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("work", "work", "claim"), worker: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("die"), worker: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("cancel"), which: fc.nat(40) }) },
  ) as fc.Arbitrary<Step>,
  { maxLength: 60 },
);

test("property: equal keys of equal priority begin in order and one after the other, through deaths, cancels and what is urgent", () =>
  fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), steps, (size, program) =>
      onAheadStage({ size }, async ({ pool, worker, workers, settle }) => {
        const tasks: { readonly line: string; readonly task: ReturnType<typeof pool.run> }[] = [];
        const begun: number[] = [];
        /** What each worker has begun and not answered. */
        const at = new Map<AheadWorker, number>();
        const ended = new Set<number>();
        const begin = (own: AheadWorker): void => {
          if (at.has(own)) return;
          const next = own.calls.find((call, place) => typeof call === "number" && !ended.has(call) && own.claimsAt(place)) as
            | number
            | undefined;
          if (next === undefined) return;
          begun.push(next);
          for (const other of at.values())
            assert.ok(tasks[other]?.line !== tasks[next]?.line || tasks[next]?.line.startsWith("none"), "one at a time");
          at.set(own, next);
        };
        const answer = (own: AheadWorker): void => {
          const current = at.get(own);
          if (current === undefined) return;
          at.delete(own);
          ended.add(current);
          own.answers(current);
          own.drained();
        };
        const alive = () => workers.filter(({ gone }) => !gone);
        for (const step of program) {
          if (step.do === "submit") {
            const { key, priority } = step;
            const task = pool.with({ key, priority }).run(work, tasks.length);
            task.onDone(() => {});
            tasks.push({ line: `${key ?? "none"} ${priority}`, task });
          } else if (step.do === "cancel") tasks[step.which]?.task.cancel();
          else {
            const own = alive()[step.worker % Math.max(1, alive().length)];
            if (own === undefined) continue;
            if (!ready.has(own)) ready.add(own.ready());
            if (step.do === "die") {
              own.drained();
              const current = at.get(own);
              if (current !== undefined) ended.add(current);
              at.delete(own);
              own.dies();
            } else {
              begin(own);
              if (step.do === "work") answer(own);
            }
          }
          await settle();
        }
        for (let round = 0; round < 300 && tasks.some(({ task }) => task.state === "waiting"); round++) {
          for (const own of alive()) {
            if (!ready.has(own)) ready.add(own.ready());
            begin(own);
            answer(own);
          }
          await settle();
        }
        for (const own of alive()) answer(own);
        assert.deepEqual(tasks.filter(({ task }) => task.state === "waiting" || task.state === "running").length, 0, "every task ends");
        for (const line of new Set(tasks.map((each) => each.line))) {
          if (line.startsWith("none")) continue;
          const order = begun.filter((n) => tasks[n]?.line === line);
          assert.deepEqual(
            order,
            order.toSorted((a, b) => a - b),
            `${line} began out of order`,
          );
        }
        assert.ok(worker);
      }),
    ),
    { numRuns: 150 },
  ));

const ready = new WeakSet<AheadWorker>();
