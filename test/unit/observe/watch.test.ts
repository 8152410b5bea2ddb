import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, test } from "node:test";
import { CancelledError, UnsupportedError } from "../../../src/contract/errors.ts";
import { exchangeBlockingRecorder } from "../../../src/core/blocking.ts";
import { withTaskGroup } from "../../../src/core/group.ts";
import { lockRecorder } from "../../../src/core/lock-recorder.ts";
import { parkRecorder } from "../../../src/core/park-recorder.ts";
import { taskRecorder } from "../../../src/core/task-recorder.ts";
import { timers } from "../../../src/core/timers.ts";
import { sleep } from "../../../src/core/waiting.ts";
import type { Finding } from "../../../src/observe/finding.ts";
import { watch } from "../../../src/observe/watch.ts";
import { openCoroutines } from "../../../src/runtime/executors.ts";
import { Mutex } from "../../../src/sync/mutex.ts";
import { rejection } from "../core/support.ts";
import { collected, findingsOf, only } from "./watching.ts";

const quiet = { blockedLoopMs: 0, lockHeldMs: 1, deadlock: false } as const;

/** Makes something that is found: locks that are held longer than the millisecond that is allowed here. */
async function mistake(locks = 1): Promise<void> {
  const guards = await Promise.all(Array.from({ length: locks }, (_, n) => new Mutex({ name: `lock ${n}` }).acquire()));
  await sleep(5);
  for (const guard of guards) guard.release();
}

describe("watch", () => {
  test("gives findings as they happen", async () => {
    const findings = watch(quiet);
    await mistake();
    for await (const finding of findings) {
      assert.equal(finding.code, "lock-held-too-long");
      assert.equal(finding.worker, "main");
      break;
    }
  });

  test("waits for a finding that is not there yet", async () => {
    const findings = watch(quiet);
    const reading = findings[Symbol.asyncIterator]().next();
    await mistake();
    const { value } = (await reading) as { readonly value: Finding };
    assert.equal(value.code, "lock-held-too-long");
    await findings[Symbol.asyncIterator]().return?.();
  });

  test("ends with its signal, after what was found before", async () => {
    const stop = new AbortController();
    const findings = watch({ ...quiet, signal: stop.signal });
    await mistake();
    stop.abort();
    await mistake();
    assert.equal((await collected(findings)).length, 1);
    assert.deepEqual(await collected(findings), []);
  });

  test("with a signal that is aborted already watches nothing and is empty", async () => {
    const findings = watch({ signal: AbortSignal.abort() });
    assert.equal(taskRecorder, undefined);
    assert.deepEqual(await collected(findings), []);
  });

  test("writes nothing down before the first watcher and after the last", async () => {
    const noRecorders = () => {
      const blocking = exchangeBlockingRecorder(undefined);
      exchangeBlockingRecorder(blocking);
      assert.deepEqual([lockRecorder, parkRecorder, taskRecorder, blocking], [undefined, undefined, undefined, undefined]);
    };
    const listeners = () => ["exit", "beforeExit"].map((name) => process.listenerCount(name));
    const before = listeners();
    noRecorders();
    const [first, second] = [new AbortController(), new AbortController()];
    watch({ signal: first.signal, blockedLoopMs: 60_000 });
    watch({ signal: second.signal, blockedLoopMs: 0 });
    first.abort();
    assert.ok(lockRecorder && parkRecorder && taskRecorder);
    second.abort();
    noRecorders();
    assert.deepEqual(listeners(), before);
    assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
    second.abort();
  });

  test("tells every watcher, and each only what it asked for", async () => {
    const stop = new AbortController();
    const all = [watch({ ...quiet, signal: stop.signal }), watch({ ...quiet, signal: stop.signal })];
    await mistake();
    stop.abort();
    for (const findings of all)
      assert.deepEqual(
        (await collected(findings)).map(({ code }) => code),
        ["lock-held-too-long"],
      );
  });

  test("publishes each finding once on the diagnostics channel, also for several watchers", async () => {
    const published: Finding[] = [];
    const listen = (message: unknown) => {
      published.push(message as Finding);
    };
    subscribe("brigade:finding", listen);
    const stop = new AbortController();
    watch({ ...quiet, signal: stop.signal });
    watch({ ...quiet, signal: stop.signal });
    await mistake();
    stop.abort();
    await mistake();
    unsubscribe("brigade:finding", listen);
    assert.deepEqual(
      published.map(({ code }) => code),
      ["lock-held-too-long"],
    );
  });

  test("keeps the newest 1,000 for a reader that is slow, and counts what it drops", async () => {
    const stop = new AbortController();
    const findings = watch({ ...quiet, signal: stop.signal });
    await mistake(1_003);
    stop.abort();
    const kept = only(await collected(findings), "lock-held-too-long");
    assert.equal(findings.dropped, 3);
    assert.equal(kept.length, 1_000);
    assert.equal(kept[0]?.lock, 'the mutex "lock 3"');
  });

  test("reading is an operation of the task: a cancel ends it", async () => {
    const findings = watch(quiet);
    const error = await rejection(
      withTaskGroup(async (group) => {
        const reader = group.run(() => collected(findings));
        await sleep(1);
        reader.cancel();
        await reader;
      }),
    );
    assert.ok(error instanceof AggregateError && error.errors[0] instanceof CancelledError, String(error));
    assert.equal(taskRecorder, undefined, "and with it the watch");
  });

  test("a failure that is noticed late but in the same turn is not lost", async () => {
    const findings = await findingsOf(async () => {
      const task = openCoroutines().run(() => {
        throw new Error("noticed");
      });
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
      await task.catch(() => {});
    });
    assert.deepEqual(findings, []);
  });

  test("changes nothing for the program that is watched", async () => {
    const order: string[] = [];
    const work = async () => {
      const lock = new Mutex();
      await Promise.all(["a", "b", "c"].map((name) => lock.with(async () => sleep(1).then(() => order.push(name)))));
      order.push(await openCoroutines().run(async () => "d"));
    };
    assert.deepEqual(await findingsOf(work), []);
    assert.deepEqual(order, ["a", "b", "c", "d"]);
  });

  test("refuses what it does not understand", () => {
    for (const options of [{ blockedLoopMs: -1 }, { blockedLoopMs: Number.NaN }, { lockHeldMs: "1" as unknown as number }]) {
      assert.throws(() => watch(options), RangeError);
    }
    assert.throws(() => watch({ signal: {} as AbortSignal }), TypeError);
    assert.throws(() => watch({ raceCheck: true }), UnsupportedError);
    const accepted = new AbortController();
    watch({ raceCheck: false, levelTooHeavy: true, blockedLoopMs: Number.POSITIVE_INFINITY, signal: accepted.signal });
    accepted.abort();
    assert.equal(taskRecorder, undefined);
  });
});
