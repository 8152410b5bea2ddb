// Rings, maps and cells on one thread: the forms, the limits, and what they say when something is wrong.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ChannelClosedError, NotOwnerError, NotSerializableError, select, TimeoutError, threads, withTaskGroup } from "brigade";
import { type AtomicCell, atomicCell, SharedArena, type SharedMap, type SharedRing } from "brigade/shared";
import * as tasks from "./structures.ts";

const ringOf = <T>(slots: number, slotBytes?: number): SharedRing<T> => SharedArena.create(1 << 14).ring<T>(slots, { slotBytes });

describe("a ring", () => {
  test("values come out in order, as copies, in every form", async () => {
    const ring = ringOf<{ n: number }>(3);
    const value = { n: 1 };
    await ring.send(value);
    ring.sendSync({ n: 2 });
    assert.equal(ring.trySend({ n: 3 }), true);
    assert.deepEqual([ring.trySend({ n: 4 }), ring.length, ring.slots], [false, 3, 3]);
    const first = await ring.receive();
    assert.deepEqual(first, value);
    assert.notEqual(first, value);
    assert.deepEqual([ring.tryReceive(), ring.receiveSync()], [{ n: 2 }, { n: 3 }]);
    assert.equal(ring.tryReceive(), undefined);
    await assert.rejects(ring.receive({ timeout: 1 }), { name: "TimeoutError", message: /a value from a shared ring/ });
    assert.throws(() => ring.receiveSync(1), TimeoutError);
  });

  test("tasks wait in line on both sides", async () => {
    const ring = ringOf<number>(1);
    const sends = [1, 2, 3].map((value) => ring.send(value));
    assert.equal(ring.trySend(9), false);
    assert.throws(() => ring.sendSync(9, 1), { name: "TimeoutError", message: /room in a shared ring/ });
    assert.deepEqual(await Promise.all([ring.receive(), ring.receive(), ring.receive()]), [1, 2, 3]);
    await Promise.all(sends);
    const receives = [ring.receive(), ring.receive()];
    await ring.send(4);
    await ring.send(5);
    assert.deepEqual(await Promise.all(receives), [4, 5]);
  });

  test("a cancelled waiter leaves: a sender sends nothing, a receiver swallows nothing", async () => {
    const ring = ringOf<number>(1);
    await ring.send(1);
    const stop = new AbortController();
    const [sending, next] = [ring.send(2, { signal: stop.signal }), ring.send(3)];
    stop.abort();
    await assert.rejects(sending, { name: "AbortError" });
    assert.equal(await ring.receive(), 1);
    await next;
    assert.equal(await ring.receive(), 3);
    const other = new AbortController();
    const receiving = ring.receive({ signal: other.signal });
    other.abort();
    await assert.rejects(receiving, { name: "AbortError" });
    await ring.send(4);
    assert.equal(ring.tryReceive(), 4);
    const aborted = AbortSignal.abort();
    await assert.rejects(ring.send(5, { signal: aborted }), { name: "AbortError" });
    assert.equal(ring.length, 0);
    await assert.rejects(
      withTaskGroup(async (group) => {
        group.cancel();
        await ring.receive();
      }),
      { name: "AbortError" },
    );
  });

  test("large values take several slots and go around the end; one that never fits says why", async () => {
    const ring = ringOf<string>(4, 16);
    for (const length of [1, 30, 50, 12, 45, 60, 3]) {
      await ring.send("a".repeat(length));
      assert.equal((await ring.receive())?.length, length);
    }
    await assert.rejects(ring.send("b".repeat(100)), { name: "RangeError", message: /takes 10\d bytes.*64 \(4 slots of 16 bytes\)/ });
    assert.throws(() => ring.trySend("b".repeat(100)), RangeError);
    await ring.send("c".repeat(20));
    assert.equal(ring.trySend("d".repeat(40)), false);
    assert.equal(ring.trySend("d".repeat(20)), true);
  });

  test("what cannot travel is named by its path", async () => {
    const ring = ringOf<unknown>(32);
    await assert.rejects(ring.send({ user: { socket: Symbol("s") } }), (error) => {
      assert.ok(error instanceof NotSerializableError);
      assert.equal(error.path, "value.user.socket");
      return true;
    });
    assert.throws(() => ring.trySend(new SharedArrayBuffer(8)), NotSerializableError);
    assert.equal(ring.length, 0);
    class Unknown extends Error {}
    await ring.send(new Unknown("as an error"));
    assert.equal((ring.tryReceive() as Error).message, "as an error");
  });

  test("a permit keeps a slot, for one value that fits it", async () => {
    const ring = ringOf<string>(2, 16);
    const permit = await ring.reserve();
    assert.equal(ring.trySend("a"), true);
    assert.equal(ring.trySend("b"), false);
    assert.throws(() => permit.send("c".repeat(20)), { name: "RangeError", message: /keeps one slot of 16/ });
    permit.send("b");
    assert.throws(() => permit.send("d"), NotOwnerError);
    assert.deepEqual([ring.tryReceive(), ring.tryReceive()], ["a", "b"]);
    const [one, two] = [await ring.reserve(), await ring.reserve()];
    const waiting = ring.reserve();
    one[Symbol.dispose]();
    one[Symbol.dispose]();
    const three = await waiting;
    ring.close();
    assert.throws(() => two.send("x"), ChannelClosedError);
    three[Symbol.dispose]();
  });

  test("after a close what is in it drains, then receivers end and senders are refused", async () => {
    const ring = ringOf<number>(1);
    await ring.send(1);
    const blocked = ring.send(2);
    ring.close();
    ring.close(new Error("late"));
    await assert.rejects(blocked, (error) => error instanceof ChannelClosedError && error.value === 2);
    assert.throws(() => ring.trySend(3), ChannelClosedError);
    assert.throws(() => ring.sendSync(3), ChannelClosedError);
    await assert.rejects(ring.reserve(), ChannelClosedError);
    assert.deepEqual(
      [await ring.receive(), await ring.receive(), ring.tryReceive(), ring.receiveSync()],
      [1, undefined, undefined, undefined],
    );
    const values = [];
    for await (const value of ring) values.push(value);
    assert.deepEqual(values, []);
  });

  test("an error given to close reaches the receivers, cut down when it is too long", async () => {
    const ring = ringOf<number>(4);
    await ring.send(1);
    const error = Object.assign(new RangeError("no more"), { stack: `RangeError: no more\n${"    at somewhere\n".repeat(200)}` });
    ring.close(error);
    assert.equal(await ring.receive(), 1);
    await assert.rejects(ring.receive(), { name: "RangeError", message: "no more" });
    assert.throws(() => ring.tryReceive(), /no more/);
    assert.throws(() => ring.receiveSync(), /no more/);
    await assert.rejects(async () => {
      for await (const value of ring) assert.fail(String(value));
    }, /no more/);
    for (const endless of ["z".repeat(9_000), "é€".repeat(9_000)]) {
      const other = ringOf<number>(1);
      other.close(new Error(endless));
      await assert.rejects(
        other.receive(),
        (each) => each instanceof Error && each.message.length > 20 && endless.startsWith(each.message),
      );
    }
    const third = ringOf<number>(1);
    third.close("a word");
    await assert.rejects(third.receive(), (reason) => reason === "a word");
  });

  test("iteration goes on where it was left, and tells undefined from the end", async () => {
    const ring = ringOf<number | undefined>(4);
    for (const value of [1, undefined, 3]) await ring.send(value);
    for await (const value of ring) {
      assert.equal(value, 1);
      break;
    }
    ring.close();
    const rest = [];
    for await (const value of ring) rest.push(value);
    assert.deepEqual(rest, [undefined, 3]);
  });

  test("clauses of select", async () => {
    const [jobs, results] = [ringOf<string>(1), ringOf<number>(1)];
    setTimeout(() => jobs.trySend("late"), 1);
    const got = await select({ job: jobs.receiving(), room: jobs.receiving() });
    assert.equal(got.value, "late");
    const sent = await select({ send: results.sending(7) });
    assert.deepEqual([sent.key, results.length], ["send", 1]);
    const waiting = select({ send: results.sending(8), job: jobs.receiving() });
    assert.equal(await results.receive(), 7);
    assert.equal((await waiting).key, "send");
    assert.equal(await results.receive(), 8);
    // The clause that was not taken took nothing.
    jobs.trySend("kept");
    assert.equal(jobs.tryReceive(), "kept");
    await assert.rejects(async () => select({ bad: results.sending(Symbol("s") as never) }), NotSerializableError);
  });

  test("travels: the other side has the same ring", async () => {
    const ring = ringOf<number>(2);
    await ring.send(5);
    const { ring: other } = (await threads.run(tasks.same as never, { ring } as never)) as { ring: SharedRing<number> };
    assert.equal(other.tryReceive(), 5);
    assert.equal(ring.length, 0);
  });
});

describe("a map", () => {
  const mapOf = <K extends string | number | bigint, V>(capacity: number, entryBytes?: number): SharedMap<K, V> =>
    SharedArena.create(1 << 16).map<K, V>(capacity, { entryBytes });

  test("keys are what they are: numbers, strings and bigints, and 0 is -0", () => {
    const map = mapOf<string | number | bigint, string>(20);
    const keys = ["", "1", 1, 1n, -1n, 0, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2n ** 80n, "ü€", "a".repeat(100)];
    for (const key of keys) map.set(key, `value of ${String(key).slice(0, 9)}`);
    assert.equal(map.size, keys.length);
    for (const key of keys) assert.equal(map.get(key), `value of ${String(key).slice(0, 9)}`);
    assert.ok(map.has(-0));
    assert.deepEqual(new Set([...map].map(([key]) => key)), new Set(keys));
    for (const bad of [null, undefined, {}, true, Symbol("s")]) assert.throws(() => map.get(bad as never), TypeError);
  });

  test("values are copies, and undefined is one", () => {
    const map = mapOf<string, { list: number[] } | undefined>(4);
    const value = { list: [1] };
    map.set("a", value);
    value.list.push(2);
    assert.deepEqual(map.get("a"), { list: [1] });
    map.set("u", undefined);
    assert.deepEqual([map.get("u"), map.has("u"), map.has("v"), map.size], [undefined, true, false, 2]);
    assert.deepEqual([map.delete("u"), map.delete("u"), map.size], [true, false, 1]);
    map.clear();
    assert.deepEqual([...map], []);
  });

  test("full, too large, not serializable: it says so, and nothing has changed", () => {
    const map = mapOf<string, unknown>(2, 32);
    map.set("a", 1);
    map.set("b", 2);
    assert.throws(() => map.set("c", 3), { name: "RangeError", message: /is full: it holds 2 entries, and "c" is not/ });
    assert.throws(() => map.update("c", () => 3), /is full/);
    map.set("a", 4);
    assert.throws(() => map.set("b", "x".repeat(40)), {
      name: "RangeError",
      message: /entry "b" takes 3 bytes for its key and 4\d .*32 for both/,
    });
    assert.throws(() => map.update("b", () => "x".repeat(40)), RangeError);
    assert.throws(
      () => map.set("b", { deep: [() => {}] }),
      (error) => error instanceof NotSerializableError && error.path === "value.deep[0]",
    );
    assert.deepEqual([...map].sort(), [
      ["a", 4],
      ["b", 2],
    ]);
  });

  test("an update sees what is there, returns what it made, and leaves all as it was when it throws", () => {
    const map = mapOf<string, number>(2);
    assert.equal(
      map.update("a", (count) => (count ?? 10) + 1),
      11,
    );
    assert.throws(
      () =>
        map.update("a", () => {
          throw new Error("no");
        }),
      /no/,
    );
    assert.throws(() => map.update("a", () => map.get("a") ?? 0), { name: "DeadlockError", message: /given to `update`/ });
    assert.throws(() => map.update("a", () => map.size + Number(map.delete("b"))), { name: "DeadlockError" });
    assert.deepEqual([...map], [["a", 11]]);
  });

  test("an update that is overtaken again and again keeps the others out in the end", async () => {
    const map = mapOf<string, number>(2);
    const other = (await threads.run(tasks.same as never, map as never)) as SharedMap<string, number>;
    let calls = 0;
    const value = map.update("a", (count) => {
      calls++;
      // Another face of the same map, as another thread has.
      if (calls <= 8) other.set("a", calls);
      return (count ?? 0) + 100;
    });
    assert.deepEqual([calls, value, map.get("a")], [9, 108, 108]);
  });

  test("an iteration shows one moment", () => {
    const map = mapOf<number, number>(5);
    for (let key = 0; key < 3; key++) map.set(key, key);
    const seen = [];
    for (const [key] of map) {
      map.delete(2 - key);
      map.set(key + 10, key);
      seen.push(key);
    }
    assert.deepEqual(seen.sort(), [0, 1, 2]);
  });
});

describe("a cell", () => {
  test("load, store, exchange, update", () => {
    const cell: AtomicCell<{ theme: string }> = atomicCell({ theme: "dark" });
    assert.deepEqual(cell.load(), { theme: "dark" });
    assert.notEqual(cell.load(), cell.load());
    cell.store({ theme: "light" });
    assert.deepEqual(cell.exchange({ theme: "blue" }), { theme: "light" });
    assert.deepEqual(
      cell.update(({ theme }) => ({ theme: `${theme}!` })),
      { theme: "blue!" },
    );
    assert.deepEqual(cell.load(), { theme: "blue!" });
  });

  test("an update that was overtaken starts again", () => {
    const cell = atomicCell(1);
    let calls = 0;
    const made = cell.update((current) => {
      if (calls++ === 0) cell.store(10);
      return current + 1;
    });
    assert.deepEqual([calls, made, cell.load()], [2, 11, 11]);
  });

  test("in an arena, and no larger than it was made for", () => {
    const arena = SharedArena.create(4_096);
    const free = arena.bytesFree;
    const cell = atomicCell("a", { arena, maxBytes: 16 });
    assert.ok(arena.bytesFree < free);
    assert.throws(() => cell.store("b".repeat(20)), { name: "RangeError", message: /takes 2\d bytes, and this cell holds 16/ });
    assert.throws(() => cell.store((() => {}) as never), NotSerializableError);
    assert.equal(cell.load(), "a");
    assert.throws(() => atomicCell("c".repeat(400)), RangeError);
    assert.throws(() => atomicCell(1, { maxBytes: 0 }), RangeError);
  });
});

test("sizes are checked, and parts that do not fit leave the arena as it was", () => {
  const arena = SharedArena.create(2_048);
  for (const bad of [0, -1, 1.5, Number.NaN]) {
    assert.throws(() => arena.ring(bad), RangeError);
    assert.throws(() => arena.map(bad), RangeError);
  }
  assert.throws(() => arena.ring(1, { slotBytes: 0 }), RangeError);
  assert.throws(() => arena.map(1, { entryBytes: 0.5 }), RangeError);
  const free = arena.bytesFree;
  assert.throws(() => arena.map(1_000), /arena is full/);
  assert.equal(arena.bytesFree, free);
});
