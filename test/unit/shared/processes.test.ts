// Arenas between processes, with real children: nothing lost, nothing copied, holders that are killed, and nothing left behind.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Executor, LockPoisonedError, openProcesses, openThreads, WorkerLostError } from "brigade";
import { SharedArena } from "brigade/shared";
import { UnsupportedError } from "../../../src/contract/errors.ts";
import { openSegment } from "../../../src/memory/segment/segment.ts";
import * as tasks from "./process-tasks.ts";

const here = process.platform === "linux" && ["x64", "arm64", "riscv64", "loong64"].includes(process.arch);
const arenaOf = (bytes: number) => SharedArena.create(bytes, { scope: "processes" });
const distribution = new URL("../../../../dist/", import.meta.url);

test("where it cannot be had an error says what is missing", { skip: !here }, () => {
  // A program without the peer package: brigade alone in a folder of its own.
  const folder = mkdtempSync(join(tmpdir(), "brigade-"));
  try {
    cpSync(distribution, join(folder, "dist"), { recursive: true });
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    writeFileSync(
      join(folder, "main.js"),
      'import { SharedArena } from "./dist/shared.js"; try { SharedArena.create(64, { scope: "processes" }); } catch (error) { console.log(error.name, error.code, error.message); }',
    );
    const { stdout, status } = spawnSync(process.execPath, ["main.js"], { cwd: folder, encoding: "utf8" });
    assert.equal(status, 0);
    assert.match(stdout, /^UnsupportedError ERR_BRIGADE_UNSUPPORTED .*npm install koffi/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("bad options are refused", () => {
  assert.throws(() => SharedArena.create(64, { scope: "planets" as "threads" }), /RangeError|"threads" or "processes"/);
});

describe("an arena between processes", { skip: !here }, () => {
  let pool: Executor & AsyncDisposable;
  before(() => {
    pool = openProcesses({ size: 2 });
  });
  after(() => pool[Symbol.asyncDispose]());

  test("says what it is, and gives out what was asked for", () => {
    const arena = arenaOf(4_096);
    assert.equal(arena.scope, "processes");
    assert.equal(arena.byteLength, 4_096);
    assert.equal(arena.bytesFree, 4_088);
    arena.array(Uint8Array, 4_088);
    assert.throws(() => arena.counter(), RangeError);
  });

  test("a counter is exact, whoever counts", async () => {
    const counter = arenaOf(64).counter();
    const threads = openThreads({ size: 1 });
    await Promise.all([
      pool.run(tasks.add, counter, 50_000),
      pool.run(tasks.add, counter, 50_000),
      threads.run(tasks.add, counter, 50_000),
    ]);
    await threads.close();
    assert.equal(counter.value, 150_000);
  });

  test("an array of 32 MB is there and back without a copy", async () => {
    const array = arenaOf(33 << 20).array(Float64Array, 4 << 20);
    const task = pool.run(tasks.fill, array, 7);
    assert.equal(await task, 4 << 20);
    assert.deepEqual([array[0], array.at(-1)], [7, 7]);
    assert.ok(task.metrics.bytesIn < 1_000, `${task.metrics.bytesIn} bytes went by the pipe`);
  });

  test("plain increments under a mutex, blocking and parked, in two children, a thread and here", async () => {
    const arena = arenaOf(4_096);
    const [mutex, array] = [arena.mutex(), arena.array(Float64Array, 1)];
    const threads = openThreads({ size: 1 });
    await Promise.all([
      pool.run(tasks.countUnderMutex, mutex, array, 2_000),
      pool.run(tasks.countUnderMutex, mutex, array, 2_000),
      threads.run(tasks.countUnderMutex, mutex, array, 2_000),
      tasks.countUnderMutex(mutex, array, 500),
    ]);
    await threads.close();
    assert.equal(array[0], 6_500);
  });

  test("a ring carries questions and answers, a map counts, a barrier and an event let go", async () => {
    const arena = arenaOf(1 << 16);
    const [questions, answers] = [arena.ring<number>(4), arena.ring<number>(4)];
    const echo = pool.run(tasks.echoRing, questions, answers);
    let sum = 0;
    for (let question = 0; question < 100; question++) {
      await questions.send(question);
      sum += (await answers.receive()) ?? 0;
    }
    questions.close();
    await echo;
    assert.equal(sum, 9_900);

    const map = arena.map<string, number>(8);
    await Promise.all([pool.run(tasks.countInMap, map, "a", 500), pool.run(tasks.countInMap, map, "a", 500)]);
    assert.equal(map.get("a"), 1_000);

    const barrier = arena.barrier(3);
    const [one, two, mine] = await Promise.all([
      pool.run(tasks.meet, barrier, 5),
      pool.run(tasks.meet, barrier, 5),
      (async () => {
        const indexes: number[] = [];
        for (let round = 0; round < 5; round++) indexes.push(await barrier.wait());
        return indexes;
      })(),
    ]);
    for (let round = 0; round < 5; round++) assert.deepEqual([one[round], two[round], mine[round]].sort(), [0, 1, 2]);

    const event = arena.event();
    const waiting = [pool.run(tasks.waitFor, event), pool.run(tasks.waitFor, event)];
    event.set();
    assert.equal(new Set(await Promise.all(waiting)).size, 2);
  });

  test("a part that a child has taken is the same part here", async () => {
    const arena = arenaOf(256);
    const counter = await pool.run(tasks.takePart, arena);
    assert.equal(counter.value, 42);
    assert.equal(arena.bytesFree, 256 - 16);
  });

  test("a mutex whose holder was killed is poisoned, by name, and clean after the repair", async () => {
    const arena = arenaOf(4_096);
    const mutex = arena.mutex({ name: "till" });
    const lost = await pool.run(tasks.dieWithMutex, mutex).catch((error: unknown) => error);
    assert.ok(lost instanceof WorkerLostError);
    const poisoned = await mutex.acquire().catch((error: unknown) => error);
    assert.ok(poisoned instanceof LockPoisonedError, String(poisoned));
    assert.match(poisoned.message, /the main thread of process \d+ ended while it held the shared mutex "till"/);
    const guard = await poisoned.recover();
    guard.release();
    mutex.acquireSync(1_000).release();
  });

  test("permits of a killed child are back after the repair", async () => {
    const semaphore = arenaOf(1 << 14).semaphore(2);
    await pool.run(tasks.dieWithPermits, semaphore).catch(() => {});
    const poisoned = await semaphore.acquire({ permits: 2 }).catch((error: unknown) => error);
    assert.ok(poisoned instanceof LockPoisonedError, String(poisoned));
    (await poisoned.recover()).release();
    assert.equal(semaphore.available, 2);
  });

  test("children killed in the middle of a write: after each repair the sum is right", async () => {
    const arena = arenaOf(4_096);
    const [mutex, accounts, moves] = [arena.mutex(), arena.array(Float64Array, 2), arena.counter()];
    let repairs = 0;
    for (let round = 0; round < 12; round++) {
      const before = moves.value;
      const killed = openProcesses({ size: 1 });
      const task = killed.with({ grace: 0 }).run(tasks.transfer, mutex, accounts, moves);
      const settled = task.catch(() => {});
      while (moves.value < before + 50) await new Promise((resolve) => setTimeout(resolve, 1));
      // The child looks for a cancel at times; a grace of nothing kills it wherever it is.
      task.cancel();
      await killed.close();
      await settled;
      try {
        mutex.acquireSync(5_000).release();
      } catch (error) {
        assert.ok(error instanceof LockPoisonedError, String(error));
        const guard = error.recoverSync();
        repairs++;
        // What was taken from the one and not yet given to the other.
        accounts[1] = -(accounts[0] as number);
        guard.release();
      }
      assert.equal((accounts[0] as number) + (accounts[1] as number), 0, `after round ${round}, ${repairs} repairs`);
    }
  });

  test("a reference to memory that is gone says so", async () => {
    const gone = { pid: 2 ** 22 + 1, descriptor: 3, bytes: 64, low: 1, high: 2, party: 1 };
    assert.throws(
      () => openSegment(gone),
      (error) => error instanceof UnsupportedError && /is gone/.test(error.message),
    );
    const closed = { ...gone, pid: process.pid, descriptor: 0 };
    assert.throws(() => openSegment(closed));
  });

  test("nothing is left behind, here and in the children, when nobody holds an arena any more", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const settle = async () => {
      for (let turn = 0; turn < 8; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
        collect();
      }
    };
    await settle();
    const before = tasks.segmentsHere();
    for (let count = 0; count < 20; count++) {
      const counter = arenaOf(1 << 16).counter();
      await pool.run(tasks.add, counter, 1);
      assert.equal(counter.value, 1);
    }
    assert.ok(tasks.segmentsHere() > before);
    // References let go of what has arrived when the next one is given out.
    for (let round = 0; round < 3; round++) {
      await settle();
      await pool.run(tasks.add, arenaOf(64).counter(), 1);
    }
    await settle();
    assert.ok(tasks.segmentsHere() <= before + 2, `${tasks.segmentsHere()} segments are open, ${before} were before`);
  });
});
