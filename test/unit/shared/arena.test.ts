// Arenas, counters, records and thread-locals, on one thread and among several.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NotSerializableError, openThreads, processes } from "brigade";
import { SharedArena, ThreadLocal } from "brigade/shared";
import fc from "fast-check";
import * as tasks from "./tasks.ts";

test("parts of one arena travel together and are the same memory everywhere", async () => {
  const arena = SharedArena.create(4_096, { name: "till" });
  const parts: tasks.Parts = {
    arena,
    mutex: arena.mutex(),
    counter: arena.counter(10),
    values: arena.array(Float64Array, 4),
    record: arena.struct({ hits: "u32", best: "f64" }),
  };
  await using threads = openThreads({ size: 3 });
  const free = arena.bytesFree;
  const made = await Promise.all([1, 2, 3].map((at) => threads.run(tasks.useParts, parts, at)));
  assert.deepEqual(made.map(({ value }) => value).sort(), [1, 2, 3]);
  assert.equal(arena.bytesFree, free - 3 * 8);
  assert.equal(parts.counter.value, 10 + 3 * 500);
  assert.deepEqual([...parts.values], [0, 1, 2, 3]);
  assert.deepEqual({ hits: parts.record.hits, best: parts.record.best }, { hits: 1_500, best: 3 });
  await assert.rejects(processes.run(tasks.useParts, parts, 0), NotSerializableError);
});

test("parts do not overlap, and an arena that is full says so and stays as it was", () => {
  const arena = SharedArena.create(128);
  const bytes = arena.array(Uint8Array, 3).fill(255);
  const longs = arena.array(BigInt64Array, 2);
  const counter = arena.counter(7);
  assert.deepEqual([...longs, counter.value], [0n, 0n, 7]);
  longs.fill(-1n);
  assert.deepEqual([...bytes, counter.value], [255, 255, 255, 7]);
  const free = arena.bytesFree;
  assert.throws(() => arena.array(Uint8Array, free + 1), { name: "RangeError", message: /arena is full/ });
  assert.equal(arena.bytesFree, free);
  assert.equal(arena.array(Uint8Array, free).length, free);
  assert.throws(() => arena.mutex(), RangeError);
});

test("every lock works in an arena, and none disturbs its neighbour", async () => {
  const arena = SharedArena.create(1 << 16);
  const [mutex, rwLock, semaphore, event] = [arena.mutex(), arena.rwLock(), arena.semaphore(2), arena.event()];
  const [condition, barrier, once] = [arena.condition(), arena.barrier(2), arena.once()];
  const guards = [mutex.acquireSync(), rwLock.acquireReadSync(), semaphore.acquireSync()];
  event.set();
  once.runSync(() => {});
  await Promise.all([barrier.wait(), barrier.wait()]);
  condition.mutex.withSync(() => condition.notifyAll());
  assert.deepEqual([mutex.locked, semaphore.available, event.isSet, once.done, condition.mutex.locked], [true, 1, true, true, false]);
  for (const guard of guards) guard.release();
  assert.deepEqual([mutex.locked, semaphore.available], [false, 2]);
});

describe("misuse", () => {
  test("sizes, scopes, types and numbers are checked", () => {
    assert.throws(() => SharedArena.create(0), RangeError);
    assert.throws(() => SharedArena.create(2 ** 31), RangeError);
    assert.throws(() => SharedArena.create(64, { scope: "planets" as "threads" }), RangeError);
    const arena = SharedArena.create(256);
    assert.throws(() => arena.struct({ x: "f16" as "f32" }), TypeError);
    assert.throws(() => arena.array(Int8Array, -1), RangeError);
    const counter = arena.counter(Number.MAX_SAFE_INTEGER);
    assert.throws(() => counter.add(), RangeError);
    assert.throws(() => counter.set(0.5), RangeError);
    assert.equal(counter.value, Number.MAX_SAFE_INTEGER);
    assert.equal(counter.compareAndSet(1, 2), false);
    assert.equal(counter.compareAndSet(Number.MAX_SAFE_INTEGER, -3), true);
    assert.equal(counter.add(-1), -4);
    const record = arena.struct({ x: "i32" }) as { x: number; y?: number };
    assert.throws(() => {
      record.y = 1;
    }, TypeError);
  });
});

test("a field holds what a typed array of its type would", () => {
  const arena = SharedArena.create(1_024);
  const record = arena.struct({
    i8: "i8", u8: "u8", i16: "i16", u16: "u16", i32: "i32", u32: "u32", f32: "f32", f64: "f64", i64: "i64", u64: "u64", bool: "bool",
  }); // biome-ignore format: a table
  const arrays = { i8: Int8Array, u8: Uint8Array, i16: Int16Array, u16: Uint16Array, i32: Int32Array, u32: Uint32Array, f32: Float32Array, f64: Float64Array }; // biome-ignore format: a table
  fc.assert(
    fc.property(fc.double(), fc.integer(), fc.bigInt(), fc.boolean(), (double, integer, big, bool) => {
      for (const [name, type] of Object.entries(arrays) as [keyof typeof arrays, (typeof arrays)["f64"]][]) {
        for (const value of [double, integer]) {
          record[name] = value;
          assert.ok(Object.is(record[name], type.of(value)[0]), `${name} ${value}`);
        }
      }
      record.i64 = big;
      record.u64 = big;
      record.bool = bool;
      assert.deepEqual([record.i64, record.u64, record.bool], [BigInt.asIntN(64, big), BigInt.asUintN(64, big), bool]);
    }),
  );
});

test("a thread-local is made at first use, once, and can be replaced", () => {
  let made = 0;
  const local = new ThreadLocal(() => ++made);
  assert.equal(made, 0);
  assert.deepEqual([local.value, local.value, made], [1, 1, 1]);
  local.value = 9;
  assert.deepEqual([local.value, made], [9, 1]);
  assert.throws(() => new ThreadLocal(1 as never), TypeError);
});
