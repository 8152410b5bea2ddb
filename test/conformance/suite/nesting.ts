import assert from "node:assert/strict";
import {
  CancelledError,
  coroutines,
  type Executor,
  moduleFunctions,
  openCoroutines,
  processes,
  serial,
  threads,
} from "../../../src/runtime/index.ts";
import type { Subject } from "../case.ts";
import { assertError, entered, failureOf, running, until, within } from "../ground.ts";
import {
  abortsChild,
  client,
  double,
  echo,
  fanOut,
  hold,
  language,
  locals,
  localsOfChild,
  localsOfItem,
  localsRebound,
  nest,
  parentOf,
  reasonOf,
  submit,
} from "../tasks.ts";
import { ExportedError, failNested } from "../tasks-faults.ts";

export const nesting: Subject = {
  name: "nested submission, task-locals, executors and signals as arguments",
  cases: [
    {
      name: "a full pool of size 1 runs what its own task submits, ten deep",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        assert.equal(await within(executor.run(nest, executor, 10), "it does not deadlock"), 10);
        const many = [1, 2, 3, 4, 5].map(() => executor.run(nest, executor, 3));
        assert.deepEqual(await within(Promise.all(many), "several do not either"), [3, 3, 3, 3, 3]);
      },
    },
    {
      name: "a full pool of size 2 whose tasks all submit",
      async run(ground) {
        const executor = ground.open({ size: 2 });
        const tasks = [1, 2, 3, 4].map(() => executor.run(fanOut, executor, 10));
        for (const values of await within(Promise.all(tasks), "it does not deadlock")) {
          assert.deepEqual(values, [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
        }
      },
    },
    {
      name: "across pools",
      async run(ground) {
        const one = ground.open({ size: 1, name: "one" });
        const two = ground.open({ size: 1, name: "two" });
        assert.equal(await within(one.run(submit, two, echo, "there"), "it ends"), "there");
        const back = await within(one.run(submit, two, submit as never, one), "there and back").catch((error: unknown) => error);
        assert.ok(back instanceof Error, "a call without arguments fails as such, and does not hang");
      },
    },
    {
      name: "crosswise: two full pools whose tasks wait for each other's work",
      // Bounded coroutines lend a place to what their own tasks submit, and know of no other executor.
      needs: ["workers"],
      async run(ground) {
        const one = ground.open({ size: 1, name: "one" });
        const two = ground.open({ size: 1, name: "two" });
        const tasks = [1, 2, 3, 4, 5].flatMap((n) => [one.run(submit, two, echo, n), two.run(submit, one, echo, -n)]);
        const expected = [1, 2, 3, 4, 5].flatMap((n) => [n, -n]);
        assert.deepEqual(await within(Promise.all(tasks), "nobody waits for ever"), expected);
      },
    },
    {
      name: "given to a module that does not know brigade, whose worker has not loaded the executors: several tasks at once, and one that is cancelled",
      async run(ground) {
        const executor = ground.open({ size: 1, name: "first" });
        const other = ground.open({ size: 1, name: "second" });
        const { delegate } = moduleFunctions<typeof import("../modules/plain.ts")>(ground.module("plain"));
        const tasks = ["a", "b", "c"].map((value) => executor.run(delegate, [other, coroutines], echo as never, value));
        assert.deepEqual(await within(Promise.all(tasks), "they end"), [
          ["a", "a"],
          ["b", "b"],
          ["c", "c"],
        ]);
        const fresh = ground.open({ size: 1, name: "third" });
        const cancelled = fresh.run(delegate, [other], echo as never, "never");
        cancelled.cancel();
        await assert.rejects(within(cancelled, "it ends"), CancelledError);
        assert.deepEqual(await within(fresh.run(delegate, [other], echo as never, "d"), "the worker is unharmed"), ["d"]);
      },
    },
    {
      name: "to the program's default pools, of the other levels too",
      usesDefaults: true,
      async run({ shared }) {
        for (const executor of [coroutines, serial, threads, processes]) {
          assert.equal(await within(shared.run(submit, executor as Executor, double as never, 4), executor.name), 8);
        }
      },
    },
    {
      name: "an error of the inner task comes back through the outer one",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const error = await failureOf(executor.run(failNested, executor, "exported"));
        assert.ok(error instanceof ExportedError);
        assert.deepEqual(error.details, { a: 1 });
      },
    },
    {
      name: "a cancel of the outer task ends the inner one",
      async run(ground) {
        const outer = ground.open({ size: 1 });
        const inner = ground.open({ size: 1 });
        const door = ground.gate();
        const task = outer.run(parentOf, inner, door.signal);
        await entered(task);
        await until(() => inner.statistics().running === 1, "the inner one runs");
        task.cancel("both");
        assertError(await failureOf(task), CancelledError, "ERR_BRIGADE_CANCELLED", /both/);
        await within(inner.drain(), "the inner one ends");
        assert.equal(inner.statistics().cancelled, 1);
        assert.equal(await inner.run(echo, 1), 1);
      },
    },
    {
      name: "a view travels as its executor",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        assert.equal(await within(executor.run(submit, executor.with({ name: "view" }), echo, "v"), "it ends"), "v");
      },
    },
    {
      name: "an executor comes back as itself",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const back = (await executor.run(echo, { executor })) as { executor: typeof executor };
        assert.equal(await back.executor.run(double, 4), 8);
        assert.equal(back.executor.name, executor.name);
      },
    },
    {
      name: "task-locals follow the task and its children",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        assert.deepEqual(await executor.run(locals), ["none", undefined]);
        const there = await language.run("de", () => client.run({ id: 7 }, () => executor.run(locals)));
        assert.deepEqual(there, ["de", { id: 7 }]);
        const inner = await language.run("fr", () => language.run("it", () => executor.run(localsOfChild, executor)));
        assert.deepEqual(inner, ["it", undefined]);
        const rebound = await language.run("de", () => executor.run(localsRebound, executor));
        assert.deepEqual(rebound, ["rebound", undefined]);
        assert.deepEqual(await executor.run(locals), ["none", undefined], "nothing is left behind");
        const mapped = await language.run("es", () => executor.map(localsOfItem, [1, 2]));
        assert.deepEqual(mapped, ["es 1", "es 2"]);
      },
    },
    {
      name: "task-locals that a task binds anew follow what it submits, wherever that runs",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const here = openCoroutines({ name: "here" });
        const full = ground.open({ size: 1, queue: { capacity: 0, full: "run-here" } });
        const door = ground.gate();
        const blocker = full.run(hold, door.signal);
        await running(blocker);
        for (const target of [here, full] as readonly Executor[]) {
          const bound = language.run("de", () => client.run({ id: 7 }, () => executor.run(localsRebound, target)));
          assert.deepEqual(await within(bound, target.name), ["rebound", { id: 7 }]);
          assert.deepEqual(await executor.run(localsRebound, target), ["rebound", undefined], "where nothing was bound before");
        }
        door.open();
        await blocker;
        await here.close();
      },
    },
    {
      name: "a signal among the arguments is aborted there too, with its reason",
      async run({ shared }) {
        const controller = new AbortController();
        const task = shared.run(reasonOf, { signal: controller.signal });
        await entered(task);
        controller.abort(new RangeError("stop it"));
        assert.deepEqual(await within(task, "it hears"), ["RangeError", "stop it"]);
        assert.deepEqual(await within(shared.run(reasonOf, { signal: controller.signal }), "aborted before"), ["RangeError", "stop it"]);
      },
    },
    {
      name: "a signal aborted while its task waits is aborted there",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const door = ground.gate();
        const first = executor.run(hold, door.signal);
        await entered(first);
        const controller = new AbortController();
        const second = executor.run(reasonOf, { signal: controller.signal });
        controller.abort("meanwhile");
        door.open();
        assert.equal(await within(second, "it hears"), "meanwhile");
      },
    },
    {
      name: "a signal aborted before the module of its task is loaded is aborted there",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const controller = new AbortController();
        const task = executor.run(reasonOf, { signal: controller.signal });
        await new Promise((resolve) => setImmediate(resolve));
        controller.abort("early");
        assert.equal(await within(task, "it hears"), "early");
      },
    },
    {
      name: "one signal given to many tasks reaches all",
      async run(ground) {
        const executor = ground.open({ size: 2 });
        const controller = new AbortController();
        const tasks = [1, 2, 3, 4, 5].map(() => executor.run(reasonOf, { signal: controller.signal }));
        await entered(tasks[0] as (typeof tasks)[0]);
        controller.abort("all");
        assert.deepEqual(await within(Promise.all(tasks), "all hear"), ["all", "all", "all", "all", "all"]);
      },
    },
    {
      name: "a signal handed on by a task reaches the inner task",
      async run(ground) {
        const executor = ground.open({ size: 2 });
        const controller = new AbortController();
        const task = executor.run(submit, executor, reasonOf as never, { signal: controller.signal });
        await until(() => executor.statistics().running === 2, "both run");
        controller.abort("through");
        assert.equal(await within(task, "it hears"), "through");
      },
    },
    {
      name: "a signal that a task made itself reaches the inner task",
      async run(ground) {
        const executor = ground.open({ size: 2 });
        assert.equal(await within(executor.run(abortsChild, executor), "it hears"), "by its parent");
      },
    },
  ],
};
