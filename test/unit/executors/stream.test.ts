// Streams on this thread: what is held by nobody is collected, and what stands still on the serial level keeps nobody waiting.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ExecutorFace } from "../../../src/executors/pool/face.ts";
import { SerialCore } from "../../../src/executors/serial/executor.ts";
import { openCoroutines } from "../../../src/runtime/executors.ts";

async function collectGarbageUntil(condition: () => boolean): Promise<void> {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  for (let round = 0; round < 50 && !condition(); round++) {
    // What the condition has looked at is held until its job is over.
    await new Promise((resolve) => setTimeout(resolve, 5));
    gc();
  }
  assert.ok(condition(), "not within 50 collections");
}

async function* endless(ends: string[], name: string) {
  try {
    for (let item = 0; ; item++) yield item;
  } finally {
    ends.push(name);
  }
}

test("a stream whose reader has gone without a word is cancelled when it is collected", async () => {
  const executor = openCoroutines();
  const ends: string[] = [];
  await (async () => {
    const iterator = executor.stream(endless, ends, "forgotten")[Symbol.asyncIterator]();
    assert.equal((await iterator.next()).value, 0);
  })();
  const kept = executor.stream(endless, ends, "kept")[Symbol.asyncIterator]();
  await kept.next();
  await collectGarbageUntil(() => ends.length > 0);
  assert.deepEqual(ends, ["forgotten"]);
  assert.equal((await kept.next()).value, 1);
  await kept.return?.();
  assert.equal(executor.statistics().cancelled, 2);
});

test("one that is never read holds neither its arguments nor a place", async () => {
  const executor = openCoroutines({ size: 1 });
  const held: { ref?: WeakRef<object> } = {};
  const make = () => {
    const argument = { large: true };
    held.ref = new WeakRef(argument);
    executor.stream(async function* (value: object) {
      yield value;
    }, argument);
  };
  make();
  assert.equal(await executor.run(() => "free"), "free");
  await collectGarbageUntil(() => held.ref?.deref() === undefined);
});

test("serial: only one runs at a time, streams between two items included", async () => {
  const core = new SerialCore("serial", { name: "serial", size: 1 });
  const executor = new ExecutorFace(() => core);
  const log: string[] = [];
  const inside = async (name: string) => {
    log.push(`${name} in`);
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`${name} out`);
  };
  const generator = async function* (name: string) {
    try {
      for (let item = 1; item <= 3; item++) {
        await inside(`${name}${item}`);
        yield item;
      }
    } finally {
      await inside(`${name} end`);
    }
  };
  const read = async (name: string, items: number) => {
    for await (const item of executor.stream(generator, name)) {
      await executor.run(() => inside(`${name}${item} read`));
      if (item === items) break;
    }
  };
  await Promise.all([read("a", 4), read("b", 2), executor.run(() => inside("task"))]);
  assert.equal(log.length, 2 * (3 + 2 + 3 + 2 + 2 + 1));
  for (let at = 0; at < log.length; at += 2) assert.equal(log[at]?.replace(/ in$/, " out"), log[at + 1], log.join(", "));
  const { running, waiting, succeeded, cancelled } = executor.statistics();
  assert.deepEqual({ running, waiting, succeeded, cancelled }, { running: 0, waiting: 0, succeeded: 7, cancelled: 1 });
  await executor.close();
});

test("serial: a stream inside a task, whose reader is that task, and one that reads another", async () => {
  const core = new SerialCore("serial", { name: "serial", size: 1 });
  const executor = new ExecutorFace(() => core);
  const numbers = async function* (to: number): AsyncGenerator<number, void, undefined> {
    for (let item = 0; item < to; item++) yield item;
  };
  const doubled = async function* (to: number): AsyncGenerator<number, void, undefined> {
    for await (const item of executor.stream(numbers, to)) yield await executor.run(() => item * 2);
  };
  const sum = await executor.run(async () => {
    let total = 0;
    for await (const item of executor.stream(doubled, 4)) total += await executor.run(() => item);
    return total;
  });
  assert.equal(sum, 12);
  await executor.close();
});
