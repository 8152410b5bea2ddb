import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  coroutines,
  type Executor,
  NotPortableError,
  NotSerializableError,
  processes,
  serial,
  sleep,
  threads,
} from "../../../src/runtime/index.ts";
import type { Subject } from "../case.ts";
import { assertError, failureOf, running, until, within } from "../ground.ts";
import { double, echo, hold, language, note, notes, opened, show } from "../tasks.ts";
import { unclonables } from "../tasks-faults.ts";
import {
  abortsItem,
  behindGate,
  changing,
  collect,
  count,
  countSlowly,
  doubled,
  each,
  endless,
  history,
  languages,
  notingStart,
  numberIn,
  promises,
  readsSlowly,
  sumOf,
  takesFrom,
  yieldsUnclonable,
} from "../tasks-streams.ts";
import { values } from "./values.ts";

const upTo = (n: number): number[] => [...new Array(n).keys()];

export const streams: Subject = {
  name: "streams: items",
  cases: [
    {
      name: "every item in order, of generators that wait and of those that do not",
      async run({ shared }) {
        assert.deepEqual(await within(collect(shared.stream(count, 5_000)), "it ends"), upTo(5_000));
        assert.deepEqual(await within(collect(shared.stream(countSlowly, 20)), "it ends"), upTo(20));
        assert.deepEqual(await collect(shared.stream(count, 0)), []);
        assert.deepEqual(await collect(shared.stream(each, undefined, null, "", [])), [undefined, null, "", []]);
      },
    },
    {
      name: "promises that a generator yields are awaited",
      async run({ shared }) {
        const { items, error } = await within(history(shared.stream(promises)), "it ends");
        assert.deepEqual(items, [1, 2]);
        assert.equal((error as Error).message, "item 3");
      },
    },
    {
      name: "nothing begins before the first next()",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const key = ground.file("lazy");
        const stream = executor.stream(notingStart, key);
        await executor.run(echo, 1);
        assert.deepEqual(await executor.run(notes, key), []);
        const iterator = stream[Symbol.asyncIterator]();
        assert.deepEqual(await executor.run(notes, key), []);
        assert.deepEqual(await iterator.next(), { done: false, value: 1 });
        assert.deepEqual(await iterator.next(), { done: true, value: undefined });
        assert.deepEqual(await executor.run(notes, key), ["begun"]);
      },
    },
    {
      name: "it can be read once",
      async run({ shared }) {
        const stream = shared.stream(count, 3);
        assert.deepEqual(await collect(stream), [0, 1, 2]);
        assert.throws(() => stream[Symbol.asyncIterator](), /once/);
      },
    },
    {
      name: "reads at once are answered in order, and after the end it is over",
      async run(ground) {
        const door = ground.gate();
        const iterator = ground.shared.stream(behindGate, door.signal, 3)[Symbol.asyncIterator]();
        const reads = [1, 2, 3, 4, 5].map(() => iterator.next());
        door.open();
        const steps = await within(Promise.all(reads), "all are answered");
        assert.deepEqual(
          steps.map(({ value }) => value),
          [0, 1, 2, undefined, undefined],
        );
        assert.deepEqual(await iterator.next(), { done: true, value: undefined });
      },
    },
    {
      name: "the generator stays a window ahead of a slow reader, in items and in bytes",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const path = ground.file("made");
        const size = 64 * 1024;
        let read = 0;
        for await (const item of executor.stream(endless, path, size)) {
          assert.equal(item.length, size);
          read++;
          // Time enough for hundreds: what is not made in it is held back.
          await sleep(20);
          assert.ok(numberIn(path) <= read + 18, `${numberIn(path)} made, ${read} read`);
          if (read === 40) break;
        }
      },
    },
    {
      name: "values of every kind are items",
      async run({ shared }) {
        for (const [name, make] of Object.entries(values)) {
          const value = make();
          const [item] = await within(collect(shared.stream(each, value)), name);
          assert.equal(show(item), show(value), name);
        }
      },
    },
    {
      name: "an item is what it was when it was yielded",
      needs: ["copies"],
      async run({ shared }) {
        assert.deepEqual(
          (await collect(shared.stream(changing, 3))).map(({ value }) => value),
          [0, 1, 2],
        );
      },
    },
    {
      name: "an item that cannot travel is named; those before it have come, and the generator is over",
      needs: ["copies"],
      async run(ground) {
        for (const name of Object.keys(unclonables)) {
          const path = ground.file(name);
          const { items, error } = await within(history(ground.shared.stream(yieldsUnclonable, name, path)), name);
          assert.deepEqual(items, [1], name);
          assertError(error, NotSerializableError, "ERR_BRIGADE_NOT_SERIALIZABLE");
          assert.match(error.path, /^item/, name);
          assert.equal(readFileSync(path, "utf8"), "tidy", name);
        }
      },
    },
    {
      name: "executors and signals are items",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const [same] = await within(collect(executor.stream(each, executor)), "it ends");
        assert.equal(await (same as Executor).run(double, 4), 8);
        const [signal] = await within(collect(executor.stream(abortsItem)), "it ends");
        await within(opened(signal as AbortSignal), "it is aborted here too");
        assert.equal((signal as AbortSignal).reason, "through");
      },
    },
    {
      name: "only generator functions are streamed",
      async run({ shared }) {
        const error = await failureOf(collect(shared.stream(double as never, 1 as never)));
        assert.ok(error instanceof TypeError);
        assert.match(error.message, /generator function/);
      },
    },
    {
      name: "run refuses what a generator function returns, and says what to do",
      needs: ["copies"],
      async run({ shared }) {
        const error = await failureOf(shared.run(count, 3));
        assertError(error, NotSerializableError, "ERR_BRIGADE_NOT_SERIALIZABLE", /stream/);
      },
    },
    {
      name: "a closure is portable nowhere but here",
      needs: ["copies"],
      async run({ shared }) {
        const closure = function* () {
          yield 1;
        };
        assertError(await failureOf(collect(shared.stream(closure as never))), NotPortableError, "ERR_BRIGADE_NOT_PORTABLE");
      },
    },
    {
      name: "task-locals are those of where the stream was opened",
      async run({ shared }) {
        const stream = language.run("de", () => shared.stream(languages, 3));
        assert.deepEqual(await language.run("fr", () => collect(stream)), ["de", "de", "de"]);
      },
    },
    {
      name: "many at once",
      async run(ground) {
        const executor = ground.open({ size: 2 });
        const all = await within(Promise.all([1, 2, 3, 4, 5, 6].map(() => collect(executor.stream(count, 700)))), "they end");
        for (const items of all) assert.deepEqual(items, upTo(700));
      },
    },
    {
      name: "between two items the reader may use another worker",
      async run(ground) {
        const executor = ground.open({ size: 2 });
        const seen: number[] = [];
        for await (const item of executor.stream(count, 50)) seen.push(await within(executor.run(double, item), "it runs"));
        assert.deepEqual(
          seen,
          upTo(50).map((n) => n * 2),
        );
      },
    },
    {
      name: "statistics count it as a task",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const door = ground.gate();
        const iterator = executor.stream(behindGate, door.signal, 1)[Symbol.asyncIterator]();
        assert.equal(executor.statistics().running + executor.statistics().waiting, 0);
        const first = iterator.next();
        await until(() => executor.statistics().running === 1, "it runs");
        door.open();
        await first;
        await iterator.next();
        await failureOf(collect(executor.stream(double as never, 1 as never)));
        for await (const _item of executor.stream(count, 100_000)) break;
        const { succeeded, failed, cancelled, running, waiting } = executor.statistics();
        assert.deepEqual(
          { succeeded, failed, cancelled, running, waiting },
          { succeeded: 1, failed: 1, cancelled: 1, running: 0, waiting: 0 },
        );
      },
    },
    {
      name: "a task reads a stream on an executor that it was given, on the full one it runs on too",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const other = ground.open({ size: 1 });
        assert.equal(await within(executor.run(sumOf, executor, 2_000), "on its own"), 1_999_000);
        assert.equal(await within(executor.run(sumOf, other, 2_000), "on another"), 1_999_000);
        assert.deepEqual(
          await within(collect(executor.stream(doubled, executor, 100)), "a stream of a stream"),
          upTo(100).map((n) => n * 2),
        );
        const path = ground.file("left");
        assert.deepEqual(await within(executor.run(takesFrom, other, 3, path), "and leaves it"), [0, 1, 2]);
        assert.equal(other.statistics().running, 0);
      },
    },
    {
      name: "credit reaches through the program that passes items on",
      async run(ground) {
        const [executor, other] = [ground.open({ size: 1 }), ground.open({ size: 1 })];
        const leads = await within(executor.run(readsSlowly, other, ground.file("made"), 64 * 1024), "it ends");
        assert.equal(leads.length, 10);
        for (const lead of leads) assert.ok(lead <= 18, `${lead} ahead`);
      },
    },
    {
      name: "on the program's default executors, of the other levels too",
      usesDefaults: true,
      async run({ shared }) {
        for (const executor of [coroutines, serial, threads, processes]) {
          assert.equal(await within(shared.run(sumOf, executor as Executor, 300), executor.name), 44_850);
        }
      },
    },
    {
      name: "a key, a priority and a place in the queue as any task",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const door = ground.gate();
        const first = executor.run(hold, door.signal);
        await running(first);
        const key = ground.file("order");
        const slow = executor.run(note, key, "task");
        const urgent = collect(executor.with({ priority: 1 }).stream(notingStart, key));
        await until(() => executor.statistics().waiting === 2, "both wait");
        door.open();
        await within(Promise.all([first, slow, urgent]), "all end");
        assert.deepEqual(await executor.run(notes, key), ["begun", "task"]);
        assert.deepEqual(await collect(executor.with({ key: "a" }).stream(count, 3)), [0, 1, 2]);
      },
    },
  ],
};
