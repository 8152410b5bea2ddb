// Failures that nobody observes: they raise `unhandledRejection` as a promise's would; observed ones and cancelled tasks
// never do. Each case is a program of its own, since the event ends a program.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { program } from "./support.ts";

/** Runs a program and gives the messages of its unhandled rejections, in order. */
async function unhandled(body: string): Promise<string[]> {
  const { code, stdout, stderr } = await program(`
    const { coroutines, serial, openCoroutines, sleep, timeout, withTaskGroup, openTaskGroup, all, race, any, settled, map } = brigade;
    const unhandled = [];
    process.on("unhandledRejection", (error) => unhandled.push(error instanceof Error ? error.message : String(error)));
    process.on("exit", () => console.log(JSON.stringify(unhandled)));
    const fail = async () => { throw new Error("nobody looks"); };
    const forever = () => sleep(Infinity);
    const turns = async (n = 5) => { for (let i = 0; i < n; i++) await new Promise((resolve) => setImmediate(resolve)); };
    ${body}
    await turns();
  `);
  assert.deepEqual([code, stderr], [0, ""]);
  return JSON.parse(stdout) as string[];
}

describe("raise unhandledRejection", { concurrency: 2 }, () => {
  const cases: Record<string, string> = {
    "a task of coroutines": "coroutines.run(fail);",
    "a task that throws at once": 'coroutines.run(() => { throw new Error("nobody looks"); });',
    "a serial task": "serial.run(fail);",
    "a task of its own": "coroutines.spawn(fail);",
    "a task that expires": 'coroutines.with({ timeout: 1, name: "x" }).run(forever).state; await sleep(20);',
    "a task of a closed executor": "const own = openCoroutines(); await own.close(); own.run(fail);",
    "onDone that was disposed before the end": "coroutines.run(fail).onDone(() => {})[Symbol.dispose]();",
    "joinSync that was refused": "const task = coroutines.run(fail); try { task.joinSync(); } catch {}",
    "a task of which only the state and the progress are read":
      "const task = coroutines.run(fail); for await (const step of task.progress); task.state; task.metrics;",
    "a task that somebody else's cancel made fail":
      "const inner = coroutines.run(forever); coroutines.run(async () => { await inner; }); await turns(); inner.cancel();",
    "then without a handler for the failure": "coroutines.run(fail).then(() => {});",
    "finally alone": "coroutines.run(fail).finally(() => {});",
    "a map that nobody reads": "map([1], fail);",
    "a map of an executor that nobody reads": "coroutines.map(fail, [1]);",
    "a source that throws under a map that nobody reads": 'map((function* () { throw new Error("nobody looks"); })(), () => 1);',
    "a group that nobody awaits": "withTaskGroup((group) => { group.run(fail); });",
  };
  for (const [name, body] of Object.entries(cases)) {
    test(name, async () => {
      const messages = await unhandled(body);
      assert.equal(messages.length, 1, JSON.stringify(messages));
      assert.match(messages[0] ?? "", /nobody looks|ran longer|is closed|was cancelled/);
    });
  }

  test("each of several, once; whatever was thrown", async () => {
    assert.deepEqual(await unhandled('coroutines.run(fail); coroutines.run(() => Promise.reject("a text")); coroutines.run(() => 1);'), [
      "nobody looks",
      "a text",
    ]);
  });

  test("without a listener the program ends with the error, as it does for a promise", async () => {
    const { code, stderr } = await program('brigade.coroutines.run(() => { throw new Error("nobody looks"); });');
    assert.equal(code, 1);
    assert.match(stderr, /Error: nobody looks/);
  });

  test("looked at later, it is reported as handled after all, and it is the same failure", async () => {
    const { stdout } = await program(`
      const task = brigade.coroutines.run(() => Promise.reject(new Error("late")));
      process.on("unhandledRejection", () => console.log("unhandled"));
      process.on("rejectionHandled", () => console.log("handled"));
      await new Promise((resolve) => setTimeout(resolve, 10));
      console.log(await task.catch((error) => error.message));
      await new Promise((resolve) => setTimeout(resolve, 10));
    `);
    assert.deepEqual(stdout.trim().split("\n").toSorted(), ["handled", "late", "unhandled"]);
  });
});

describe("raise nothing", { concurrency: 2 }, () => {
  const cases: Record<string, string> = {
    await: "await coroutines.run(fail).then(() => {}, () => {}); try { await coroutines.run(fail); } catch {}",
    "await long before the end": "const task = coroutines.run(async () => { await turns(); await fail(); }); try { await task; } catch {}",
    "await in the tick in which it fails": "const task = coroutines.run(fail); await null; try { await task; } catch {}",
    catch: "coroutines.run(fail).catch(() => {});",
    onDone: "coroutines.run(fail).onDone(() => {});",
    "onDone after the end": "const task = coroutines.run(fail); task.onDone(() => {}); await turns(); task.onDone(() => {});",
    stop: "const task = coroutines.run(async () => { try { await forever(); } finally { await fail(); } }); await turns(); await task.stop();",
    "a group": "await withTaskGroup((group) => { group.run(fail); group.run(coroutines, fail); group.background(fail); }).catch(() => {});",
    "an open group": "const group = openTaskGroup(); group.run(fail); await turns(); await group.join().catch(() => {});",
    "the losers of combinators":
      "await all([fail, fail, forever]).catch(() => {}); await race([() => 1, fail]); await any([fail, () => 1]); await settled([fail]);",
    "a loser that fails on its way out": "await race([() => 1, async () => { try { await forever(); } finally { await fail(); } }]);",
    "a map that is read, at last": "const results = map([1], fail); await null; await results.then(() => {}, () => {});",
    "the items of a map": "await map([1, 2, 3], fail).then(() => {}, () => {});",
    "a cancelled task": "const task = coroutines.run(forever); await turns(); task.cancel();",
    "a task that is cancelled before it starts": "coroutines.run(fail).cancel();",
    "a task of a cancelled scope":
      "const task = coroutines.run(async () => { coroutines.run(forever); coroutines.run(() => coroutines.run(forever)); await forever(); }); await turns(); task.cancel();",
    "a task with an aborted signal": "coroutines.with({ signal: AbortSignal.abort() }).run(fail);",
    "tasks of an executor that is closed":
      "const own = openCoroutines({ size: 1 }); own.run(forever); own.run(fail); await turns(); await own.close();",
    "a map that is cancelled while nobody reads it":
      "const c = new AbortController(); map([1], forever, { signal: c.signal }); map([1], forever, { signal: AbortSignal.abort() }); await turns(); c.abort();",
    "a map in a group that is cancelled": "await withTaskGroup(async (group) => { map([1], forever); await turns(); group.cancel(); });",
    "code that is abandoned and fails later": `
      let open; const hold = new Promise((resolve) => { open = resolve; });
      const task = coroutines.with({ grace: 1 }).run(async () => { await hold; await fail(); });
      await turns(); await task.stop(); open();`,
    "a source that fails while it is closed":
      'const source = { [Symbol.iterator]: () => ({ next: () => ({ value: 1 }), return() { throw new Error("closing"); } }) }; await map(source, fail, { concurrency: 1 }).then(() => {}, () => {});',
    "an asynchronous source that fails after it was left": `
      let no; const it = { [Symbol.asyncIterator]: () => ({ n: 0, next() { return this.n++ ? new Promise((_, reject) => { no = reject; }) : Promise.resolve({ value: 1 }); }, return: () => Promise.reject(new Error("return")) }) };
      for await (const value of map(it, (n) => n)) break;
      no(new Error("late"));`,
  };
  for (const [name, body] of Object.entries(cases)) {
    test(name, async () => assert.deepEqual(await unhandled(body), []));
  }
});
