import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { CancelledError, ExecutorClosedError, QueueFullError, serial, sleep, TimeoutError, timeout } from "../../../src/runtime/index.ts";
import type { Subject } from "../case.ts";
import { assertLost } from "../faults/deaths.ts";
import { assertError, entered, failureOf, running, until, within } from "../ground.ts";
import { double, echo, hold } from "../tasks.ts";
import {
  checksAfter,
  collect,
  count,
  countSlowly,
  exitsAfter,
  failsAfter,
  failsTidying,
  failsTimes,
  history,
  present,
  readsUntilCancelled,
  remainingOf,
  spinsAfter,
  tellsPid,
  tidying,
  tidyingAsleep,
} from "../tasks-streams.ts";

const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : "");

export const streamEnds: Subject = {
  name: "streams: ends",
  cases: [
    {
      name: "leaving the loop runs the generator's finally, and waits for it",
      async run(ground) {
        const path = ground.file("left");
        for await (const item of ground.shared.stream(tidying, path)) if (item === 3) break;
        assert.match(textOf(path), /tidy$/);
        const thrown = ground.file("thrown");
        const loop = async () => {
          for await (const item of ground.shared.stream(tidying, thrown)) if (item === 3) throw new RangeError("enough");
        };
        assert.equal(((await failureOf(loop())) as Error).message, "enough");
        assert.equal(textOf(thrown), "tidy");
      },
    },
    {
      name: "return() and throw() do, and answer the reads that wait",
      async run(ground) {
        const path = ground.file("returned");
        const iterator = ground.shared.stream(tidyingAsleep, path)[Symbol.asyncIterator]();
        await iterator.next();
        const waiting = iterator.next();
        assert.deepEqual(await within(iterator.return?.() as Promise<unknown>, "it returns"), { done: true, value: undefined });
        assert.match(textOf(path), /tidy$/);
        assert.deepEqual(await waiting, { done: true, value: undefined });
        assert.deepEqual(await iterator.next(), { done: true, value: undefined });
        const again = ground.file("thrown");
        const other = ground.shared.stream(tidying, again)[Symbol.asyncIterator]();
        await other.next();
        assert.equal(((await failureOf(other.throw?.(new RangeError("mine")) as Promise<unknown>)) as Error).message, "mine");
        assert.equal(textOf(again), "tidy");
      },
    },
    {
      name: "one that is left before it was read never begins",
      async run(ground) {
        const path = ground.file("unread");
        const iterator = ground.shared.stream(tidying, path)[Symbol.asyncIterator]();
        await iterator.return?.();
        assert.deepEqual(await iterator.next(), { done: true, value: undefined });
        assert.equal(ground.shared.statistics().running, 0);
        assert.equal(textOf(path), "");
      },
    },
    {
      name: "a failure comes after the items before it, once",
      async run({ shared }) {
        for (const items of [0, 1, 20, 3_000]) {
          const iterator = shared.stream(failsAfter, items)[Symbol.asyncIterator]();
          for (let item = 0; item < items; item++) assert.equal((await iterator.next()).value, item);
          assert.equal(((await failureOf(iterator.next())) as Error).message, `after ${items}`);
          assert.deepEqual(await iterator.next(), { done: true, value: undefined });
        }
      },
    },
    {
      name: "what the generator throws while it tidies up comes out of the end of the loop",
      async run({ shared }) {
        const loop = async () => {
          for await (const item of shared.stream(failsTidying)) if (item === 2) break;
        };
        assert.equal(((await failureOf(loop())) as Error).message, "while tidying");
      },
    },
    {
      name: "a signal ends it, while it sleeps and while it stands at a yield",
      async run(ground) {
        for (const [name, generator] of Object.entries({ tidying, tidyingAsleep })) {
          const path = ground.file(name);
          const controller = new AbortController();
          const loop = async () => {
            for await (const _item of ground.shared.with({ signal: controller.signal }).stream(generator, path)) controller.abort("enough");
          };
          assertError(await failureOf(loop()), CancelledError, "ERR_BRIGADE_CANCELLED", /enough/);
          assert.match(textOf(path), /tidy$/, name);
        }
        const aborted = ground.shared.with({ signal: AbortSignal.abort("before") });
        assertError(await failureOf(collect(aborted.stream(tidying, "never"))), CancelledError, "ERR_BRIGADE_CANCELLED");
      },
    },
    {
      name: "its timeout and its deadline end it",
      async run(ground) {
        await ground.inTime(async (clock) => {
          // What counts here is not how long a module takes to load.
          await ground.shared.broadcast(present);
          for (const settings of [{ timeout: 100 }, { deadline: 5_000 }]) {
            const path = ground.file(Object.keys(settings)[0] as string);
            const loop = failureOf(collect(ground.shared.with(settings).stream(tidyingAsleep, path)));
            await clock.pass(5_100);
            assertError(await loop, TimeoutError, "ERR_BRIGADE_TIMEOUT");
            assert.match(textOf(path), /tidy$/);
          }
        });
        const [remaining] = await collect(ground.shared.with({ deadline: 60_000 }).stream(remainingOf));
        assert.ok((remaining as number) > 0 && (remaining as number) <= 61_000, `${remaining} ms`);
      },
    },
    {
      name: "a reader that is cancelled ends it",
      async run(ground) {
        const path = ground.file("reader");
        const stream = ground.shared.stream(tidyingAsleep, path);
        await ground.shared.broadcast(present);
        assertError(await failureOf(timeout(300, () => collect(stream))), TimeoutError, "ERR_BRIGADE_TIMEOUT");
        assert.match(textOf(path), /tidy$/);
        assert.equal(ground.shared.statistics().running, 0);
      },
    },
    {
      name: "a task that is cancelled while it reads ends it, on whichever executor",
      async run(ground) {
        const [outer, inner] = [ground.open({ size: 1 }), ground.open({ size: 1 })];
        const path = ground.file("nested");
        const task = outer.run(readsUntilCancelled, inner, path);
        await entered(task);
        await until(() => textOf(path) !== "", "it reads");
        task.cancel("both");
        assertError(await failureOf(task), CancelledError, "ERR_BRIGADE_CANCELLED", /both/);
        await within(inner.drain(), "the generator ends");
        assert.match(textOf(path), /tidy$/);
      },
    },
    {
      name: "close cancels it; a closed executor refuses it",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const path = ground.file("closed");
        const iterator = executor.stream(tidyingAsleep, path)[Symbol.asyncIterator]();
        await iterator.next();
        const waiting = failureOf(iterator.next());
        await within(executor.close(), "it closes");
        assertError(await waiting, CancelledError, "ERR_BRIGADE_CANCELLED", /closed/);
        assert.match(textOf(path), /tidy$/);
        assertError(await failureOf(collect(executor.stream(count, 1))), ExecutorClosedError, "ERR_BRIGADE_EXECUTOR_CLOSED");
      },
    },
    {
      name: "close with a grace lets it end",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const iterator = executor.stream(countSlowly, 30)[Symbol.asyncIterator]();
        assert.deepEqual(await iterator.next(), { done: false, value: 0 });
        const closing = executor.close({ grace: 20_000 });
        for (let item = 1; item < 30; item++) assert.equal((await within(iterator.next(), "it goes on")).value, item);
        assert.equal((await iterator.next()).done, true);
        await within(closing, "it closes");
      },
    },
    {
      name: "a full queue refuses it, or has the caller run it",
      async run(ground) {
        for (const full of ["reject", "run-here"] as const) {
          const executor = ground.open({ size: 1, queue: { capacity: 0, full } });
          const door = ground.gate();
          const first = executor.run(hold, door.signal);
          await running(first);
          const { items, error } = await within(history(executor.stream(count, 100)), "it ends");
          if (full === "reject") assertError(error, QueueFullError, "ERR_BRIGADE_QUEUE_FULL");
          else assert.equal(items.length, 100);
          const path = ground.file("here");
          if (full === "run-here") {
            for await (const item of executor.stream(tidying, path)) if (item === 40) break;
            assert.match(textOf(path), /tidy$/);
          }
          door.open();
          await first;
        }
      },
    },
    {
      name: "it is tried again until its first item, and never after it",
      async run(ground) {
        const executor = ground.shared.with({ retry: { retries: 3, when: () => true } });
        const before = await within(history(executor.stream(failsTimes, ground.file("before"), 2, true)), "it ends");
        assert.deepEqual(before, { items: [3], error: undefined });
        const after = await within(history(executor.stream(failsTimes, ground.file("after"), 2, false)), "it ends");
        assert.deepEqual(after.items, [1]);
        assert.equal((after.error as Error).message, "try 1");
      },
    },
    {
      name: "the death of its worker comes after the items before it",
      needs: ["exitContainment"],
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const { items, error } = await within(history(executor.stream(exitsAfter, 5)), "it ends");
        assert.deepEqual(items, [0, 1, 2, 3, 4]);
        assertLost(error, { exitCode: 3 }, /died under the task exitsAfter/);
        assert.equal(await executor.run(double, 2), 4);
      },
    },
    {
      name: "a worker that is killed ends its streams, and those of other workers go on",
      needs: ["workerPid"],
      async run(ground) {
        const executor = ground.open({ size: 2 });
        const door = ground.gate();
        const streams = [1, 2].map(() => executor.stream(tellsPid, door.signal)[Symbol.asyncIterator]());
        const pids = await Promise.all(streams.map(async (stream) => (await stream.next()).value as number));
        const [lost, other] = streams.map((stream) => stream.next());
        process.kill(pids[0] as number, "SIGKILL");
        assertLost(await failureOf(lost as Promise<unknown>), { signal: "SIGKILL" });
        door.open();
        assert.deepEqual(await within(other as Promise<unknown>, "the other goes on"), { done: true, value: undefined });
      },
    },
    {
      name: "a generator that asks is stopped in a tight loop, one that does not is ended by force after its grace",
      needs: ["preemption"],
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const path = ground.file("spinning");
        for await (const item of executor.stream(checksAfter, 3)) if (item === 2) break;
        assert.equal(executor.statistics().lost, 0);
        for await (const _item of executor.with({ grace: 100 }).stream(spinsAfter, 1, path)) {
          await until(() => textOf(path) === "spins", "it spins");
          break;
        }
        await until(() => executor.statistics().lost === 1, "its worker is lost");
        assert.equal(await executor.run(echo, "next"), "next");
      },
    },
    {
      name: "work that the reader of a serial stream submits runs between two items",
      async run() {
        const seen: unknown[] = [];
        for await (const item of serial.stream(tidyingOfThree)) {
          seen.push(item, await within(serial.run(echo, "between"), "it runs"));
        }
        assert.deepEqual(seen, [1, "between", 2, "between", 3, "between"]);
      },
    },
  ],
};

async function* tidyingOfThree() {
  yield 1;
  await sleep(1);
  yield 2;
  yield 3;
}
