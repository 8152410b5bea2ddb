// Full pools whose tasks wait for each other's nested work, across pools: nobody waits for ever, and nobody is begun who need not be.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExecutorFace } from "../../../src/executors/pool/face.ts";
import { setExecutorDirectory } from "../../../src/executors/pool/passage.ts";
import type { PoolOptions } from "../../../src/executors/pool/pool-options.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { onAheadStage, warmed } from "./ahead-links.ts";
import { type FakeWorker, fakeLinks, fate, makePool } from "./fake-links.ts";
import { work } from "./work.ts";

interface Side {
  readonly pool: ExecutorFace<"thread">;
  readonly workers: readonly FakeWorker[];
}

/** Pools by name, reachable by name from every worker. Afterwards they are closed and all workers die. */
async function across(
  options: Readonly<Record<string, Partial<PoolOptions>>>,
  play: (sides: Readonly<Record<string, Side>>, settle: () => Promise<void>) => Promise<void>,
): Promise<void> {
  await withVirtualClock(async (clock) => {
    const sides: Record<string, Side> = {};
    for (const [name, each] of Object.entries(options)) {
      const { workers, open } = fakeLinks();
      const core = makePool({ name, ...each }, open);
      sides[name] = { pool: new ExecutorFace(() => core), workers };
    }
    setExecutorDirectory({ nameOf: () => "unnamed", find: (name) => sides[name]?.pool as never });
    try {
      await play(sides, () => clock.advance(0));
    } finally {
      const closing = Object.values(sides).map(({ pool }) => pool.close());
      await clock.advance(0);
      for (const { workers } of Object.values(sides)) for (const each of workers) if (!each.gone) each.dies();
      await Promise.all(closing);
    }
  });
}

const side = (sides: Readonly<Record<string, Side>>, name: string): Side => sides[name] as Side;
const first = ({ workers }: Side): FakeWorker => workers[0] as FakeWorker;

for (const key of [undefined, "k"]) {
  test(`two pools of one, each held by a task that waits for the other${key === undefined ? "" : ", with keys"}`, () =>
    across({ a: {}, b: {} }, async (sides, settle) => {
      const [a, b] = [side(sides, "a"), side(sides, "b")];
      const tasks = [a.pool.with({ key }).run(work, "of a"), b.pool.with({ key }).run(work, "of b")];
      await settle();
      const [ofA, ofB] = [first(a).ready().started().lastId, first(b).ready().started().lastId];
      first(a).submits(1, { executor: "b", parent: ofA, key }, "for a");
      await settle();
      assert.deepEqual(first(b).calls, ["of b"], "what runs there may end: it waits its turn");
      first(b).submits(2, { executor: "a", parent: ofB, key }, "for b");
      await settle();
      assert.deepEqual(first(a).calls, ["of a", "for b"], "or all four would wait for ever");
      assert.deepEqual(first(b).calls, ["of b"], "one is enough");
      first(a).started().succeeds("1");
      await settle();
      first(b).succeeds("2", ofB);
      await settle();
      assert.deepEqual(first(b).calls, ["of b", "for a"]);
      first(b).started().succeeds("3");
      await settle();
      first(a).succeeds("4", ofA);
      assert.deepEqual(tasks.map(fate), ["succeeded 4", "succeeded 2"]);
    }));
}

test("three in a circle", () =>
  across({ a: {}, b: {}, c: {} }, async (sides, settle) => {
    const names = ["a", "b", "c"] as const;
    const tasks = names.map((name) => side(sides, name).pool.run(work, name));
    await settle();
    const ids = names.map((name) => first(side(sides, name)).ready().started().lastId);
    for (const [n, name] of names.entries()) {
      first(side(sides, name)).submits(1, { executor: names[(n + 1) % 3] as string, parent: ids[n] }, `from ${name}`);
      await settle();
    }
    const begun = names.filter((name) => first(side(sides, name)).runs.length === 2);
    assert.deepEqual(begun, ["a"], "the last submission closed the circle");
    for (const [n, name] of [...names.entries()].reverse()) {
      // What c waits for ends first, then c itself, then what b waits for …
      first(side(sides, names[(n + 1) % 3] as string))
        .started()
        .succeeds();
      await settle();
      first(side(sides, name)).succeeds(name, ids[n]);
      await settle();
    }
    assert.deepEqual(tasks.map(fate), ["succeeded a", "succeeded b", "succeeded c"]);
  }));

test("while one worker of the other pool can come free nobody is squeezed in", () =>
  across({ a: {}, b: { size: 2 } }, async (sides, settle) => {
    const [a, b] = [side(sides, "a"), side(sides, "b")];
    void a.pool.run(work, "of a");
    void b.pool.run(work, "of b");
    const free = b.pool.run(work, "waits for nobody");
    await settle();
    const ofA = first(a).ready().started().lastId;
    const [one, two] = b.workers as [FakeWorker, FakeWorker];
    const ofB = one.ready().started().lastId;
    two.ready().started();
    one.submits(1, { executor: "a", parent: ofB }, "for b");
    first(a).submits(2, { executor: "b", parent: ofA }, "for a");
    await settle();
    assert.deepEqual([first(a).runs.length, one.runs.length, two.runs.length], [1, 1, 1]);
    two.succeeds();
    await settle();
    assert.deepEqual([two.calls.at(-1), fate(free)], ["for a", "succeeded undefined"]);
    two.started().succeeds();
    await settle();
    first(a).succeeds("", ofA);
    await settle();
    first(a).started().succeeds();
    await settle();
    one.succeeds("", ofB);
  }));

test("one that was squeezed in and whose worker dies at once waits again, once", () =>
  across({ a: {}, b: {} }, async (sides, settle) => {
    const [a, b] = [side(sides, "a"), side(sides, "b")];
    const tasks = [a.pool.run(work, "of a"), b.pool.run(work, "of b")];
    for (const task of tasks) task.onDone(() => {});
    await settle();
    const [ofA, ofB] = [first(a).ready().started().lastId, first(b).ready().started().lastId];
    for (let n = 0; n < 3; n++) void a.pool.run(work, `other ${n}`).onDone(() => {});
    first(a).submits(1, { executor: "b", parent: ofA }, "for a");
    first(b).submits(2, { executor: "a", parent: ofB }, "for b");
    await settle();
    assert.equal(first(a).calls.at(-1), "for b");
    first(a).dies();
    await settle();
    const heir = a.workers.at(-1) as FakeWorker;
    heir.ready();
    for (let n = 0; n < 4; n++) {
      heir.started().succeeds();
      await settle();
    }
    assert.deepEqual(heir.calls, ["other 0", "other 1", "other 2", "for b"]);
    first(b).succeeds("", ofB);
    assert.equal(fate(tasks[1]), "succeeded ");
  }));

test("what a held worker's task waits for is not sent ahead to another one that is held", () =>
  onAheadStage({}, async (stage) => {
    const { pool, worker, settle } = stage;
    await warmed(stage, 1);
    const there = fakeLinks();
    const core = makePool({ name: "b" }, there.open);
    const other = new ExecutorFace(() => core);
    setExecutorDirectory({ nameOf: () => "unnamed", find: (name) => (name === "b" ? other : pool) as never });
    void pool.run(work, "of a");
    const ofB = other.run(work, "of b");
    ofB.onDone(() => {});
    await settle();
    assert.ok(worker(0).claims("of a"));
    worker(0).drained();
    const far = there.workers[0] as FakeWorker;
    far.ready().started();
    far.submits(1, { executor: "a", parent: far.lastId }, "for b");
    await settle();
    assert.equal(worker(0).calls.includes("for b"), false, "there is room, but it would stand behind a task that may wait for it");
    const parent = worker(0).runOf("of a").id;
    worker(0).submits(2, { executor: "b", parent }, "for a");
    await settle();
    const begun = [...far.calls, ...worker(0).calls].filter((call) => String(call).startsWith("for"));
    assert.equal(begun.length, 1, "one of the two begins at once");
    const closing = other.close();
    await settle();
    if (!far.gone) far.dies();
    await closing;
  }));
