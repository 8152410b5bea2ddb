import assert from "node:assert/strict";
import { after, test } from "node:test";
import { threadId } from "node:worker_threads";
import { auto, type Task, threads } from "../../../src/runtime/index.ts";
import {
  closure,
  endless,
  fails,
  failsTwice,
  held,
  heldInLine,
  heldLater,
  heldToo,
  naps,
  quick,
  reports,
  spins,
  tells,
  tellsName,
  weigh,
} from "./work.ts";

after(() => threads.close());

/** Brings a function onto the threads: one long call is enough. */
async function bring<A extends readonly unknown[]>(fn: Parameters<typeof auto.run<A, unknown>>[0], ...args: A): Promise<void> {
  await auto.run(fn, ...args).catch(() => {});
  assert.equal(auto.explain(fn as never).level, "thread", auto.explain(fn as never).reason);
}

async function firstReport(task: Task<unknown>): Promise<void> {
  for await (const _ of task.progress) return;
}

test("what is short runs here and starts no thread", async () => {
  const before = threads.statistics().workers;
  const results = await Promise.all(Array.from({ length: 200 }, (_, n) => auto.run(quick, n)));
  assert.deepEqual(
    results,
    Array.from({ length: 200 }, (_, n) => ({ n, thread: threadId })),
  );
  assert.equal(threads.statistics().workers, before);
  const { level, callsHere, callsOnThreads, heldMs } = auto.explain(quick);
  assert.deepEqual([level, callsHere, callsOnThreads], ["coroutine", 200, 0]);
  assert.ok(heldMs !== undefined && heldMs < 5);
});

test("of many calls of an unknown function that computes for long, submitted at once, one holds this thread", async () => {
  const where = await Promise.all(Array.from({ length: 12 }, () => auto.run(held, 20)));
  assert.equal(where.filter((id) => id === threadId).length, 1);
  assert.equal(where[0], threadId);
  const { level, reason, callsHere, callsOnThreads, heldMs, travelMs } = auto.explain(held);
  assert.deepEqual([level, callsHere, callsOnThreads], ["thread", 1, 11]);
  assert.ok((heldMs ?? 0) >= 19 && travelMs !== undefined);
  assert.match(reason, /^On threads: a call held this thread for \d+ ms/);
});

test("what only looks asynchronous is found out", async () => {
  await bring(heldLater, 20);
  assert.notEqual(await auto.run(heldLater, 1), threadId);
});

test("what waits overlaps here, however many there are", async () => {
  const startedAt = performance.now();
  const where = await Promise.all(Array.from({ length: 100 }, () => auto.run(naps, 60)));
  assert.ok(where.every((id) => id === threadId));
  // one after the other would be 6 s, on two threads 3 s
  assert.ok(performance.now() - startedAt < 2000);
  assert.equal(auto.explain(naps).level, "coroutine");
});

test("what cannot come home stays here, and says which part", async () => {
  for (let i = 0; i < 3; i++) assert.equal((await auto.run(closure, 15))(), 15);
  const { level, reason, callsOnThreads } = auto.explain(closure);
  assert.deepEqual([level, callsOnThreads], ["coroutine", 0]);
  assert.match(reason, /its result cannot travel/);
});

test("arguments that cannot travel bring a function back before it has run", async () => {
  await bring(weigh, "text");
  const [kind, where] = await auto.run(weigh, () => 1);
  assert.deepEqual([kind, where], ["function", threadId]);
  assert.match(auto.explain(weigh).reason, /its arguments cannot travel/);
});

test("errors, names and reports are the same wherever a call runs", async () => {
  for (let i = 0; i < 2; i++) await assert.rejects(auto.run(fails, 15), { name: "RangeError", message: "failed on purpose after 15" });
  await bring(tellsName, 15);
  assert.equal(await auto.run(tellsName, 1), "tellsName");
  assert.equal(await auto.with({ name: "other" }).run(tellsName, 1), "other");
  await bring(reports, 15);
  const task = auto.run(reports, 1);
  const seen: unknown[] = [];
  for await (const value of task.progress) seen.push(value);
  assert.deepEqual(seen, ["half way"]);
  assert.notEqual(await task, threadId);
});

test("cancels and times reach a call on a thread", async () => {
  await bring(endless, "short" as const);
  const cancelled = auto.run(endless, "endless" as const);
  await new Promise((resolve) => setTimeout(resolve, 50));
  cancelled.cancel();
  await assert.rejects(cancelled, { name: "AbortError" });
  await assert.rejects(auto.with({ timeout: 80, grace: 50 }).run(endless, "endless" as const), { name: "TimeoutError" });
  const controller = new AbortController();
  const signalled = auto.with({ signal: controller.signal }).run(endless, "endless" as const);
  setTimeout(() => controller.abort(), 50);
  await assert.rejects(signalled, { name: "AbortError" });
});

test("a map begins with one item, keeps its order, and goes over to threads on the way", async () => {
  const places = await auto.map(
    heldToo,
    Array.from({ length: 20 }, () => 15),
  );
  assert.equal(places.length, 20);
  assert.equal(places.filter((id) => id === threadId).length, 1);
  assert.deepEqual(
    (
      await auto.map(
        quick,
        Array.from({ length: 50 }, (_, n) => n),
      )
    ).map(({ n }) => n),
    Array.from({ length: 50 }, (_, n) => n),
  );
  await assert.rejects(async () => await auto.map(fails, [1, 2, 3]), { name: "RangeError" });
});

test("a worker of its own and a key are the threads' to give; a stream and a broadcast stay here", async () => {
  assert.notEqual(await auto.spawn(quick, 1).then(({ thread }) => thread), threadId);
  assert.notEqual(
    await auto
      .with({ key: "k" })
      .run(quick, 1)
      .then(({ thread }) => thread),
    threadId,
  );
  assert.equal((await auto.broadcast(quick, 1)).length, 1);
  assert.equal((await auto.broadcast(quick, 1))[0]?.thread, threadId);
  for await (const where of auto.stream(tells, 2)) assert.equal(where, threadId);
});

test("a limit of the running time does not count the wait for a free thread", async () => {
  await bring(heldInLine, 15);
  const limited = auto.with({ timeout: 400 });
  // more than the limit in all, less each
  const count = threads.size * 6;
  const where = await Promise.all(Array.from({ length: count }, () => limited.run(heldInLine, 100)));
  assert.ok(where.every((id) => id !== threadId));
});

test("another attempt starts on a thread, too, and is one task", async () => {
  await bring(failsTwice, "warm", 15);
  const before = auto.statistics();
  assert.notEqual(await auto.with({ retry: { retries: 5, when: () => true }, key: "one" }).run(failsTwice, "again", 1), threadId);
  assert.equal(auto.statistics().succeeded - before.succeeded, 1);
  assert.equal(auto.statistics().failed, before.failed);
});

test("code on a thread that ignores a cancel is ended there, and only then is the task over", async () => {
  await bring(spins, 15);
  const task = auto.with({ grace: 100 }).run(spins, 60_000);
  await firstReport(task);
  task.cancel();
  await assert.rejects(task, { name: "AbortError" });
  assert.equal(task.abandoned, false, "it was ended, not left behind");
});

test("a function that is not portable runs here, and is told so", async () => {
  const plain = ((n: number) => n + 1) as never;
  assert.equal(await auto.run(plain, 1), 2);
  assert.match(auto.explain(plain).reason, /it is not portable/);
  assert.throws(() => auto.explain("x" as never), TypeError);
});
