// Task-local values, and what else follows a task: captured where work is submitted, not where its turn comes.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { all } from "../../../src/core/combinators.ts";
import { currentLocals, enterLocals } from "../../../src/core/context.ts";
import { openTaskGroup, withTaskGroup } from "../../../src/core/group.ts";
import { map } from "../../../src/core/map.ts";
import { bindingsByName, bindingsFrom, TaskLocal } from "../../../src/core/task-local.ts";
import { shield, timeout } from "../../../src/core/waiting.ts";
import { coroutines, openCoroutines, serial } from "../../../src/runtime/executors.ts";
import { gate, quiet } from "./support.ts";

const locale = new TaskLocal("locale", "en");
const say = () => locale.get();

test("get gives the default, run sets it for the call and for what it awaits, and nests", async () => {
  assert.equal(locale.get(), "en");
  assert.equal(
    locale.run("de", () => locale.get()),
    "de",
  );
  await locale.run("de", async () => {
    await quiet(1);
    assert.equal(locale.get(), "de");
    assert.equal(
      await locale.run("fr", async () => {
        await quiet(1);
        return locale.get();
      }),
      "fr",
    );
    assert.equal(locale.get(), "de");
  });
  assert.equal(locale.get(), "en");
});

test("run gives back what the function returns and throws what it throws", () => {
  const error = new RangeError("no");
  assert.equal(
    locale.run("de", () => 7),
    7,
  );
  assert.throws(
    () =>
      locale.run("de", () => {
        throw error;
      }),
    error,
  );
  assert.equal(locale.get(), "en");
});

test("locals are told apart by identity, and undefined is a value", () => {
  const other = new TaskLocal("locale", "other default");
  locale.run("de", () => assert.equal(other.get(), "other default"));
  const maybe = new TaskLocal<string | undefined>("maybe", "default");
  maybe.run(undefined, () => assert.equal(maybe.get(), undefined));
  for (const wrong of ["", undefined, 7])
    assert.throws(() => new TaskLocal(wrong as never, 1), { name: "TypeError", message: /needs a name/ });
});

test("a task sees the values where it was submitted, not where it starts or where others were", async () => {
  const own = openCoroutines({ size: 1 });
  const hold = gate();
  const first = locale.run("de", () =>
    own.run(async () => {
      await hold.promise;
      return locale.get();
    }),
  );
  const queued = locale.run("fr", () => own.run(say));
  const bare = own.run(say);
  await quiet();
  locale.run("it", () => hold.open());
  assert.deepEqual(await Promise.all([first, queued, bare]), ["de", "fr", "en"]);
});

test("two submissions of one tick do not see each other's values", async () => {
  const values = [
    locale.run("de", () => coroutines.run(say)),
    coroutines.run(say),
    locale.run("fr", () => coroutines.run(say)),
    locale.run("de", () => map([1], say)),
    map([1], say),
    locale.run("it", () => serial.run(say)),
    serial.run(say),
  ];
  assert.deepEqual(await Promise.all(values), ["de", "en", "fr", ["de"], ["en"], "it", "en"]);
});

test("every way to begin something takes the values along", async () => {
  await locale.run("de", async () => {
    assert.equal(await coroutines.spawn(say), "de");
    assert.equal(await timeout(1_000, say), "de");
    assert.equal(await shield(say), "de");
    assert.equal(await withTaskGroup(say), "de");
    assert.deepEqual(await withTaskGroup(async (group) => [await group.run(say), await group.run(coroutines, say)]), ["de", "de"]);
    assert.deepEqual(await all([say, say]), ["de", "de"]);
    assert.deepEqual(await coroutines.map(say, [1, 2]), ["de", "de"]);
    assert.deepEqual(await coroutines.broadcast(say), ["de"]);
    assert.equal(await coroutines.run(() => coroutines.run(say)), "de");
  });
});

test("groups: a child sees the values where it was started, whatever the group was opened with", async () => {
  const group = locale.run("de", () => openTaskGroup());
  const tasks = [
    group.run(say),
    group.run(coroutines, say),
    locale.run("fr", () => group.run(say)),
    locale.run("fr", () => group.run(coroutines, say)),
    locale.run("fr", () => group.background(say)),
  ];
  assert.deepEqual(await Promise.all(tasks), ["en", "en", "fr", "fr", "fr"]);
  await group.join();
  await withTaskGroup(async (inner) => {
    const child = locale.run("it", () =>
      inner.run(async () => {
        await quiet(1);
        return inner.run(say);
      }),
    );
    assert.equal(await child, "it", "and so do its own children");
  });
});

test("all and map with a limit: those that start later see the caller's values, whoever made room for them", async () => {
  const names = ["a", "b", "c"];
  const results = await Promise.all(
    names.map((name) =>
      locale.run(name, async () => {
        const one = async () => {
          await quiet(1);
          return locale.get();
        };
        const results = map([1, 2, 3], one, { concurrency: 1 });
        return [...(await all([one, one, one], { concurrency: 1 })), ...(await locale.run("the reader's", () => results))];
      }),
    ),
  );
  assert.deepEqual(
    results,
    names.map((name) => Array.from({ length: 6 }, () => name)),
  );
});

test("the source of a map sees the values of the map, not of its reader", async () => {
  const seen: string[] = [];
  const results = locale.run("de", () =>
    map(
      (function* () {
        for (let n = 0; n < 3; n++) {
          seen.push(locale.get());
          yield n;
        }
      })(),
      (n) => n,
      { concurrency: 1 },
    ),
  );
  await locale.run("fr", async () => {
    for await (const _ of results);
  });
  assert.deepEqual(seen, ["de", "de", "de"]);
});

test("the platform's AsyncLocalStorage follows a task in the same way", async () => {
  const tenant = new AsyncLocalStorage<string>();
  const who = async () => {
    await quiet(1);
    return tenant.getStore();
  };
  const own = openCoroutines({ size: 1 });
  const oneByOne = Promise.all(["a", "b", "c"].map((name) => tenant.run(name, () => own.run(who))));
  const inOrder = Promise.all(["a", "b", "c"].map((name) => tenant.run(name, () => serial.run(who))));
  const atOnce = Promise.all([
    tenant.run("a", () => coroutines.run(who)),
    coroutines.run(who),
    tenant.run("c", () => coroutines.spawn(who)),
  ]);
  const inGroup = withTaskGroup((group) => Promise.all([tenant.run("a", () => group.run(who)), group.run(who)]));
  const mapped = Promise.all(["a", "b"].map(async (name) => tenant.run(name, () => map([1, 2], who, { concurrency: 1 }).then())));
  const limited = Promise.all(["a", "b"].map((name) => tenant.run(name, () => all([who, who], { concurrency: 1 }))));
  assert.deepEqual(await oneByOne, ["a", "b", "c"]);
  assert.deepEqual(await inOrder, ["a", "b", "c"]);
  assert.deepEqual(await atOnce, ["a", undefined, "c"]);
  assert.deepEqual(await inGroup, ["a", undefined]);
  assert.deepEqual(await mapped, [
    ["a", "a"],
    ["b", "b"],
  ]);
  assert.deepEqual(await limited, [
    ["a", "a"],
    ["b", "b"],
  ]);
});

test("what crosses to another level: the newest value of each name, found there by name", () => {
  const other = new TaskLocal("other", 0);
  const entries = locale.run("de", () => other.run(1, () => locale.run("fr", () => bindingsByName(currentLocals()))));
  assert.deepEqual(
    new Map(entries),
    new Map<string, unknown>([
      ["locale", "fr"],
      ["other", 1],
    ]),
  );
  const there = bindingsFrom(entries);
  assert.equal(there === undefined, false);
  // Another instance of the same name, as the module of a worker would define it.
  const far = new TaskLocal("locale", "en");
  enterLocals(there as NonNullable<typeof there>, () => {
    assert.deepEqual([far.get(), other.get()], ["fr", 1]);
    assert.equal(
      far.run("it", () => far.get()),
      "it",
    );
  });
  assert.equal(bindingsFrom([]), undefined);
  assert.deepEqual(bindingsByName(undefined), []);
});
