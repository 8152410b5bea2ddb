// A persistent Select keeps its place in the line of a lock: nobody behind it may starve between its rounds, and it may not starve itself.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Channel } from "../../../src/channels/channel.ts";
import { Select } from "../../../src/channels/persistent-select.ts";
import { RWLock } from "../../../src/sync/rw-lock.ts";
import { Semaphore } from "../../../src/sync/semaphore.ts";
import { quiet } from "../core/support.ts";

test("between rounds a reader behind a standing writer's case is let past, while only readers hold", async () => {
  const lock = new RWLock();
  const reading = await lock.acquireRead();
  const ticks = new Channel<number>(1);
  const loop = new Select({ write: lock.acquiringWrite(), tick: ticks.receiving() });
  const round = loop.next();
  const behind: string[] = [];
  const second = lock.acquireRead().then((guard) => {
    behind.push("read");
    return guard;
  });
  await quiet();
  assert.deepEqual(behind, [], "a waiting writer goes before new readers");
  ticks.trySend(1);
  assert.equal((await round).key, "tick");
  await quiet();
  assert.deepEqual(behind, ["read"], "between rounds its case is passed over");
  (await second).release();
  reading.release();
  const got = await loop.next();
  assert.equal(got.key, "write");
  if (got.key === "write") got.value.release();
  loop[Symbol.dispose]();
});

test("a case that kept its place at the head is served when its round begins, although others stand behind it", async () => {
  const semaphore = new Semaphore(2);
  const held = await semaphore.acquire({ permits: 2 });
  const ticks = new Channel<number>(1);
  const loop = new Select({ one: semaphore.acquiring({ permits: 2 }), tick: ticks.receiving() });
  const first = loop.next();
  const large = semaphore.acquire({ permits: 2 });
  ticks.trySend(1);
  assert.equal((await first).key, "tick");
  const again = loop.next();
  held.release();
  const got = await again;
  assert.equal(got.key, "one", "it came before the other, and kept its place");
  if (got.key === "one") got.value.release();
  (await large).release();
  loop[Symbol.dispose]();
  assert.equal(semaphore.available, 2);
});

test("what is free goes to whoever stands behind, and the next round goes on waiting", async () => {
  const semaphore = new Semaphore(1);
  const held = await semaphore.acquire();
  const ticks = new Channel<number>(1);
  const loop = new Select({ one: semaphore.acquiring(), tick: ticks.receiving() });
  const first = loop.next();
  const other = semaphore.acquire();
  ticks.trySend(1);
  await first;
  held.release();
  const guard = await other;
  const round = loop.next();
  guard.release();
  const got = await round;
  assert.equal(got.key, "one");
  if (got.key === "one") got.value.release();
  loop[Symbol.dispose]();
});
