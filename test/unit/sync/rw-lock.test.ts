// Readers-writer lock: who shares, who waits, downgrade; and the cases of other people's suites (own code, their ids). Re-entry is in
// deadlock.test.ts.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { NotOwnerError } from "../../../src/contract/errors.ts";
import type { Guard } from "../../../src/contract/sync.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { RWLock } from "../../../src/sync/rw-lock.ts";
import { begun, gate, quiet, rejection, watch } from "./support.ts";

test("readers share, a writer is alone", async () => {
  const lock = new RWLock();
  const readers = await Promise.all(Array.from({ length: 10 }, () => lock.acquireRead()));
  assert.equal(lock.tryAcquireWrite(), undefined);
  for (const reader of readers) reader.release();
  const writer = await lock.acquireWrite();
  assert.deepEqual([lock.tryAcquireRead(), lock.tryAcquireWrite()], [undefined, undefined]);
  writer.release();
  lock.tryAcquireRead()?.release();
});

test("a waiting writer goes before readers that come later, and these go together", async () => {
  const lock = new RWLock();
  const log: string[] = [];
  const first = await lock.acquireRead();
  const writer = lock.withWrite(async () => {
    log.push("writer");
    await quiet(1);
    log.push("writer out");
  });
  const late = ["a", "b"].map((name) =>
    lock.withRead(async () => {
      log.push(name);
      await quiet(1);
      log.push(`${name} out`);
    }),
  );
  await quiet();
  assert.deepEqual(log, []);
  first.release();
  await Promise.all([writer, ...late]);
  assert.deepEqual(log, ["writer", "writer out", "a", "b", "a out", "b out"]);
});

test("neither side starves: readers that came before a second writer are served between the two", async () => {
  const lock = new RWLock();
  const log: string[] = [];
  const note = (name: string) => async () => {
    log.push(name);
    await undefined;
  };
  const held = await lock.acquireWrite();
  const all = [
    lock.withRead(note("r1")),
    lock.withWrite(note("w1")),
    lock.withRead(note("r2")),
    lock.withRead(note("r3")),
    lock.withWrite(note("w2")),
  ];
  held.release();
  await Promise.all(all);
  assert.deepEqual(log, ["r1", "w1", "r2", "r3", "w2"]);
});

test("a cancelled writer lets the readers behind it in at once", async () => {
  const lock = new RWLock();
  const reader = await lock.acquireRead();
  const [writer] = await begun(() => lock.acquireWrite());
  const late = [lock.acquireRead(), lock.acquireRead()];
  const seen = late.map(watch);
  await quiet();
  assert.deepEqual(
    seen.map(({ state }) => state),
    ["pending", "pending"],
  );
  writer.cancel();
  await rejection(writer);
  for (const guard of await Promise.all(late)) guard.release();
  reader.release();
  assert.equal(lock.tryAcquireWrite()?.held, true);
});

test("downgrade: no writer in between, waiting readers come along, the old guard is done", async () => {
  const lock = new RWLock();
  const log: string[] = [];
  const writing = await lock.acquireWrite();
  const reader = lock.withRead(async () => {
    log.push("reader");
    await undefined;
  });
  const writer = lock.withWrite(() => log.push("writer"));
  const reading = writing.downgrade();
  assert.deepEqual([writing.held, reading.held, lock.tryAcquireWrite()], [false, true, undefined]);
  writing.release();
  writing[Symbol.dispose]();
  await reader;
  assert.deepEqual(log, ["reader"]);
  reading.release();
  await writer;
  assert.deepEqual(log, ["reader", "writer"]);
});

test("downgrade does not go past a writer that waits before the readers", async () => {
  const lock = new RWLock();
  const log: string[] = [];
  const writing = await lock.acquireWrite();
  const writer = lock.withWrite(() => log.push("writer"));
  const reader = lock.withRead(() => log.push("reader"));
  const reading = writing.downgrade();
  await quiet();
  assert.deepEqual(log, []);
  reading.release();
  await Promise.all([writer, reader]);
  assert.deepEqual(log, ["writer", "reader"]);
});

test("a released guard cannot be downgraded, nor one that was downgraded already", async () => {
  const lock = new RWLock({ name: "rw" });
  const writing = await lock.acquireWrite();
  const reading = writing.downgrade();
  assert.throws(() => writing.downgrade(), { name: "NotOwnerError", message: /guard of the RWLock "rw" is released already/ });
  reading.release();
  const other = await lock.acquireWrite();
  other.release();
  assert.throws(() => other.downgrade(), NotOwnerError);
  lock.tryAcquireWrite()?.release();
});

test("a read guard knows no downgrade", async () => {
  const lock = new RWLock();
  const reading = await lock.acquireRead();
  assert.equal("downgrade" in reading, false);
  reading.release();
});

// ---- tokio, tokio/tests/sync_rwlock.rs ----

test("tokio sync_rwlock read_shared, write_shared_pending, read_exclusive_pending, write_exclusive_pending", async () => {
  const lock = new RWLock();
  const first = await lock.acquireRead();
  const second = await lock.acquireRead();
  const pending = watch(lock.acquireWrite().then((guard) => guard.release()));
  await quiet();
  assert.equal(pending.state, "pending");
  first.release();
  second.release();
  await quiet();
  assert.equal(pending.state, "done");
  const writer = await lock.acquireWrite();
  const [read, write] = [
    watch(lock.acquireRead().then((guard) => guard.release())),
    watch(lock.acquireWrite().then((guard) => guard.release())),
  ];
  await quiet();
  assert.deepEqual([read.state, write.state], ["pending", "pending"]);
  writer.release();
  await quiet();
  assert.deepEqual([read.state, write.state], ["done", "done"]);
});

test("tokio sync_rwlock write_shared_drop: the writer is served when the last reader goes", async () => {
  const lock = new RWLock();
  const readers = [await lock.acquireRead(), await lock.acquireRead()];
  const writer = lock.acquireWrite();
  const seen = watch(writer);
  readers[0]?.release();
  await quiet();
  assert.equal(seen.state, "pending");
  readers[1]?.release();
  (await writer).release();
});

test("tokio sync_rwlock write_read_shared_pending, write_read_shared_drop_pending", async () => {
  const lock = new RWLock();
  const first = await lock.acquireRead();
  const second = await lock.acquireRead();
  const [writer] = await begun(() => lock.acquireWrite());
  const [third] = await begun(() => lock.acquireRead());
  assert.deepEqual([writer.state, third.state], ["running", "running"]);
  writer.cancel();
  await rejection(writer);
  (await third).release();
  first.release();
  second.release();
  assert.equal(lock.tryAcquireWrite()?.held, true);
});

test("tokio sync_rwlock try_write, try_read_try_write", () => {
  const lock = new RWLock();
  const readers = [lock.tryAcquireRead(), lock.tryAcquireRead()];
  assert.equal(lock.tryAcquireWrite(), undefined);
  for (const reader of readers) reader?.release();
  const writer = lock.tryAcquireWrite();
  assert.deepEqual([writer?.held, lock.tryAcquireRead()], [true, undefined]);
  writer?.release();
});

test("tokio sync_rwlock multithreaded, kotlinx.coroutines#94, #1459: many of both, and the sum is right", async () => {
  const lock = new RWLock();
  let [value, reading, writing] = [0, 0, 0];
  const write = async () => {
    await lock.withWrite(async () => {
      assert.deepEqual([reading, ++writing], [0, 1]);
      const before = value;
      await undefined;
      value = before + 1;
      writing--;
    });
  };
  const read = async () => {
    await lock.withRead(async () => {
      reading++;
      assert.equal(writing, 0);
      await undefined;
      reading--;
    });
  };
  await Promise.all(Array.from({ length: 300 }, (_, index) => coroutines.run(index % 3 === 0 ? write : read)));
  assert.equal(value, 100);
});

// ---- golang/go, src/sync/rwmutex_test.go ----

test("go rwmutex TestParallelReaders: all of them are inside at once", async () => {
  for (const count of [1, 3, 4, 100]) {
    const lock = new RWLock();
    const all = gate();
    let inside = 0;
    await Promise.all(
      Array.from({ length: count }, () =>
        lock.withRead(async () => {
          if (++inside === count) all.open();
          await all.promise;
        }),
      ),
    );
  }
});

test("go rwmutex TestRWMutex (HammerRWMutex): readers and writers at random keep the counter's rules", async () => {
  const lock = new RWLock();
  // A reader adds 1, a writer 10,000.
  let activity = 0;
  const reader = async () => {
    for (let n = 0; n < 20; n++) {
      await lock.withRead(async () => {
        activity += 1;
        assert.ok(activity >= 1 && activity < 10_000, `read at ${activity}`);
        await undefined;
        activity -= 1;
      });
    }
  };
  const writer = async () => {
    for (let n = 0; n < 20; n++) {
      await lock.withWrite(async () => {
        activity += 10_000;
        assert.equal(activity, 10_000);
        await undefined;
        activity -= 10_000;
      });
    }
  };
  await Promise.all([writer, reader, reader, reader, writer, reader, reader, reader].map((work) => coroutines.run(work)));
  assert.equal(activity, 0);
});

test("go rwmutex TestRWMutexTryLock", async () => {
  const lock = new RWLock();
  const writer = lock.tryAcquireWrite();
  assert.deepEqual([lock.tryAcquireWrite(), lock.tryAcquireRead()], [undefined, undefined]);
  writer?.release();
  const readers = [lock.tryAcquireRead(), lock.tryAcquireRead()];
  assert.equal(lock.tryAcquireWrite(), undefined);
  for (const reader of readers) reader?.release();
});

// ---- against a model ----

test("an RWLock does what its one line says, step by step", { timeout: 60_000 }, async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constantFrom("read" as const, "write" as const), which: fc.nat() }),
    fc.record({ kind: fc.constantFrom("release" as const, "cancel" as const, "downgrade" as const), which: fc.nat() }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const lock = new RWLock();
      type Entry = { readonly write: boolean; readonly stop: AbortController; guard: Guard | undefined; state: string; reads: boolean };
      const entries: Entry[] = [];
      /** The specification: what is held, and one line. */
      let held: Entry[] = [];
      let line: Entry[] = [];
      const serve = () => {
        for (let head = line[0]; head !== undefined; head = line[0]) {
          const free = head.write ? held.length === 0 : held.every(({ reads }) => reads);
          if (!free) return;
          line.shift();
          held.push(head);
        }
      };
      for (const { kind, which } of steps) {
        const chosen = held[which % Math.max(1, held.length)];
        if (kind === "read" || kind === "write") {
          const entry: Entry = {
            write: kind === "write",
            stop: new AbortController(),
            guard: undefined,
            state: "waits",
            reads: kind === "read",
          };
          const { signal } = entry.stop;
          entries.push(entry);
          line.push(entry);
          const acquired: Promise<Guard> = entry.write ? lock.acquireWrite({ signal }) : lock.acquireRead({ signal });
          acquired.then(
            (guard) => {
              entry.guard = guard;
              entry.state = "held";
            },
            () => {
              entry.state = "cancelled";
            },
          );
        } else if (kind === "release" && chosen !== undefined) {
          chosen.guard?.release();
          chosen.state = "released";
          held = held.filter((each) => each !== chosen);
        } else if (kind === "cancel" && line.length > 0) {
          const gone = line[which % line.length];
          gone?.stop.abort();
          line = line.filter((each) => each !== gone);
        } else if (kind === "downgrade" && chosen !== undefined && !chosen.reads) {
          chosen.guard = (chosen.guard as Awaited<ReturnType<RWLock["acquireWrite"]>>).downgrade();
          chosen.reads = true;
        }
        serve();
        await quiet(1);
        assert.deepEqual(
          entries.map(({ state }) => state === "held"),
          entries.map((entry) => held.includes(entry)),
        );
        assert.equal(
          held.every(({ guard }) => guard?.held),
          true,
        );
      }
      for (const { stop } of entries) stop.abort();
      await quiet(1);
      for (const { guard } of entries) guard?.release();
      assert.equal(lock.tryAcquireWrite()?.held, true);
    }),
    { numRuns: 120 },
  );
});
