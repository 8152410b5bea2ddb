// Sections in the ambient context: what `with` shows to the code inside, and what it leaves alone.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { currentScope, currentStore, framesAround } from "../../../src/core/context.ts";
import { currentTask } from "../../../src/core/current-task.ts";
import { TaskLocal } from "../../../src/core/task-local.ts";
import { sleep, timeout } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { Mutex, permitsOf } from "../../../src/sync/mutex.ts";
import { Section } from "../../../src/sync/section.ts";
import { begun, forever, gate, quiet, rejection } from "./support.ts";

const depth = () => [...framesAround(currentStore())].filter((frame) => frame instanceof Section).length;

test("the section is there for all of fn, and only for it", async () => {
  const mutex = new Mutex();
  assert.equal(depth(), 0);
  const seen = await mutex.with(async () => {
    const before = depth();
    await quiet();
    return [before, depth()];
  });
  assert.deepEqual([seen, depth()], [[1, 1], 0]);
});

test("sections nest", async () => {
  const locks = Array.from({ length: 5 }, () => new Mutex());
  const nest = (index: number): Promise<number> => locks[index]?.with(() => nest(index + 1)) ?? Promise.resolve(depth());
  assert.equal(await nest(0), 5);
});

test("the scope of a section is the one around it: cancel, deadline and task reach through", async () => {
  const mutex = new Mutex();
  const scope = currentScope();
  await mutex.with(() => assert.equal(currentScope(), scope));
  const [task] = await begun(() => mutex.with(forever));
  task.cancel("why");
  assert.equal(((await rejection(task)) as Error & { cause: unknown }).cause, "why");
  await coroutines.with({ name: "named" }).run(() => mutex.with(() => assert.equal(currentTask().name, "named")));
  assert.equal(((await rejection(timeout(1, () => mutex.with(() => sleep(60_000))))) as Error).name, "TimeoutError");
});

test("task-locals and the stores of other libraries go through", async () => {
  const mutex = new Mutex();
  const local = new TaskLocal<string>("where", "nowhere");
  const storage = new AsyncLocalStorage<string>();
  const guard = await mutex.acquire();
  const section = storage.run("store", () =>
    local.run("local", () =>
      mutex.with(async () => {
        await undefined;
        const inner = local.run("inner", () => local.get());
        return [storage.getStore(), local.get(), inner];
      }),
    ),
  );
  guard.release();
  assert.deepEqual(await section, ["store", "local", "inner"]);
});

test("a section that has ended holds nothing, whoever still runs in it", async () => {
  const mutex = new Mutex();
  const hold = gate();
  let left: Promise<string> | undefined;
  await mutex.with(() => {
    left = hold.promise.then(() => mutex.with(() => "free"));
  });
  hold.open();
  assert.equal(await left, "free");
});

test("neither lock nor section keeps what is over", async () => {
  const [outer, inner] = [new Mutex(), new Mutex()];
  let section: Section | undefined;
  const hold = gate();
  const holder = inner.with(() => hold.promise);
  const waiting = outer.with(async () => {
    section = currentStore() as Section;
    await inner.with(() => {});
    await rejection(inner.with(() => inner.with(() => {})));
  });
  await quiet();
  assert.deepEqual([section?.waits?.size, [...permitsOf(outer).sections()], [...permitsOf(inner).sections()].length], [1, [section], 1]);
  hold.open();
  await Promise.all([holder, waiting]);
  assert.deepEqual([section?.waits?.size, [...permitsOf(outer).sections()], [...permitsOf(inner).sections()]], [0, [], []]);
});

test("the then of what fn returns is code of the section", async () => {
  const mutex = new Mutex();
  const seen: number[] = [];
  const thenable = {
    // biome-ignore lint/suspicious/noThenProperty: a foreign thenable is what this is about
    then(resolve: (value: string) => void) {
      seen.push(depth());
      resolve("value");
    },
  };
  assert.equal(await mutex.with(() => thenable), "value");
  assert.deepEqual(seen, [1]);
});

test("a promise with a then of its own is asked inside the section, too", async () => {
  const mutex = new Mutex();
  let asked = -1;
  class Odd<T> extends Promise<T> {
    // biome-ignore lint/suspicious/noThenProperty: a promise with a then of its own is what this is about
    override then<A, B>(
      onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
      onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
    ): Promise<A | B> {
      if (asked < 0) asked = depth();
      return super.then(onFulfilled, onRejected);
    }
  }
  assert.equal(await mutex.with(() => Odd.resolve("odd")), "odd");
  assert.deepEqual([asked, mutex.locked], [1, false]);
});
