// Places of a bounded coroutine executor: lent to children, handed on to whoever is left.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCoroutines, type Task } from "../../../src/runtime/index.ts";

/** Something to wait at. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Everything that can run without the gates has run. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test("a child takes the place of the parent that waits for it, to any depth", async () => {
  const executor = openCoroutines({ size: 1 });
  const descend = (depth: number): Promise<number> | number =>
    depth === 0 ? 0 : executor.run(() => descend(depth - 1)).then((below) => below + 1);
  assert.equal(await executor.run(() => descend(50)), 50);
  await executor.close();
});

test("one child at a time borrows a place; free places are used first", async () => {
  const executor = openCoroutines({ size: 2 });
  const doors = [gate(), gate(), gate(), gate()];
  const started: number[] = [];
  const parent = executor.run(() =>
    Promise.all(
      doors.map(({ opened }, n) =>
        executor.run(async () => {
          started.push(n);
          await opened;
        }),
      ),
    ),
  );
  await settled();
  assert.deepEqual(started, [0, 1], "one in the free place, one in the parent's");
  doors[1]?.open();
  await settled();
  assert.deepEqual(started, [0, 1, 2]);
  for (const { open } of doors) open();
  await parent;
  assert.deepEqual(started, [0, 1, 2, 3]);
  await executor.close();
});

test("a child that outlives its parent keeps the place, and hands it on", async () => {
  const executor = openCoroutines({ size: 1 });
  const doors = { child: gate(), grandchild: gate() };
  let grandchild: Task<void> | undefined;
  let other = false;
  const child = await executor.run(() => ({
    task: executor.run(async () => {
      grandchild = executor.run(() => doors.grandchild.opened);
      await doors.child.opened;
    }),
  }));
  const late = executor.run(() => {
    other = true;
  });
  await settled();
  assert.deepEqual([child.task.state, grandchild?.state, other], ["running", "running", false], "its parent's place is theirs");
  doors.child.open();
  await child.task;
  await settled();
  assert.deepEqual([grandchild?.state, other], ["running", false], "and the grandchild's alone");
  doors.grandchild.open();
  await late;
  assert.equal(other, true);
  const { running, waiting } = executor.statistics();
  assert.deepEqual([running, waiting], [0, 0]);
  // Were a place lost or made on the way, this would hang or run two at once.
  let now = 0;
  const bursts = [1, 2, 3, 4].map(() =>
    executor.run(async () => {
      assert.equal(++now, 1);
      await settled();
      now--;
    }),
  );
  await Promise.all(bursts);
  await executor.close();
});

test("a lender that ends first while its borrower runs on leaves one place taken", async () => {
  const executor = openCoroutines({ size: 2 });
  const door = gate();
  const borrower = await executor.run(() => ({ task: executor.run(() => door.opened) }));
  const seen: string[] = [];
  const holding = executor.run(async () => {
    seen.push("second place");
    await door.opened;
  });
  const third = executor.run(() => seen.push("third"));
  await settled();
  assert.deepEqual(seen, ["second place"]);
  door.open();
  await Promise.all([borrower.task, holding, third]);
  assert.deepEqual(seen, ["second place", "third"]);
  await executor.close();
});

test("what waits inside is withdrawn by its cancel, also after its parent ended", async () => {
  const executor = openCoroutines({ size: 1 });
  const door = gate();
  const left = await executor.run(() => ({
    first: executor.run(() => door.opened),
    second: executor.run(() => assert.fail("it was cancelled before it ran")),
    third: executor.run(() => "third"),
  }));
  await settled();
  assert.deepEqual([left.first.state, left.second.state, left.third.state], ["running", "waiting", "waiting"]);
  left.second.cancel();
  door.open();
  assert.equal(await left.third, "third");
  await assert.rejects(left.second, { name: "AbortError" });
  assert.equal(executor.statistics().waiting, 0);
  await executor.close();
});
