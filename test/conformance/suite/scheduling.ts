import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { WorkerLostError } from "../../../src/runtime/index.ts";
import type { Subject } from "../case.ts";
import { assertError, failureOf, running, until, within } from "../ground.ts";
import { echo, hold, note, notes, who } from "../tasks.ts";
import { dieTimes, failTimes } from "../tasks-faults.ts";

export const scheduling: Subject = {
  name: "priorities, keys, retries",
  cases: [
    {
      name: "a larger priority starts sooner, equal ones in order of submission",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const key = ground.file("priority");
        const door = ground.gate();
        const blocker = executor.run(hold, door.signal);
        await running(blocker);
        const tasks = [0, 5, -1, 5, 0, 2.5].map((priority, n) => executor.with({ priority }).run(note, key, n));
        door.open();
        await Promise.all(tasks);
        assert.deepEqual(await executor.run(notes, key), [1, 3, 5, 0, 4, 2]);
      },
    },
    {
      name: "equal keys meet the same worker, in order",
      async run(ground) {
        const executor = ground.open({ size: 2 });
        await executor.warm();
        const key = ground.file("key");
        const places = new Set<string>();
        const view = executor.with({ key: "one" });
        const tasks = [1, 2, 3, 4, 5, 6].map((n) => view.run(note, key, n));
        const others = [1, 2, 3, 4].map((n) => executor.run(echo, n));
        await Promise.all([...tasks, ...others]);
        for (let n = 0; n < 4; n++) {
          const { pid, thread } = await view.run(who);
          places.add(`${pid}:${thread}`);
        }
        assert.equal(places.size, 1);
        assert.deepEqual(await view.run(notes, key), [1, 2, 3, 4, 5, 6]);
      },
    },
    {
      name: "tasks of one key start one after the other",
      async run(ground) {
        const executor = ground.open({ size: 3 });
        const door = ground.gate();
        const view = executor.with({ key: 7 });
        const first = view.run(hold, door.signal, "first");
        const second = view.run(echo, "second");
        await running(first);
        const other = executor.run(echo, "other");
        if (ground.has("parallel")) assert.equal(await within(other, "others pass"), "other");
        if (ground.has("workers")) assert.equal(second.state, "waiting");
        door.open();
        assert.deepEqual(await Promise.all([first, second, other]), ["first", "second", "other"]);
      },
    },
    {
      name: "a task that takes long holds up none that was submitted with it while another worker has time",
      needs: ["parallel"],
      async run(ground) {
        const executor = ground.open({ size: 2 });
        await executor.warm();
        // Short ones first, so that workers that are sent several at once are.
        await Promise.all(Array.from({ length: 400 }, (_, n) => executor.run(echo, n)));
        for (let round = 0; round < 10; round++) {
          const door = ground.gate();
          const short = Array.from({ length: 50 }, (_, n) => executor.run(echo, n));
          const long = executor.run(hold, door.signal, "long");
          const late = Array.from({ length: 50 }, (_, n) => executor.run(echo, n));
          await within(Promise.all([...short, ...late]), "the short ones end first");
          assert.ok(long.state === "waiting" || long.state === "running", long.state);
          door.open();
          assert.equal(await long, "long");
        }
      },
    },
    {
      name: "nothing is tried again unless asked",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const error = await failureOf(executor.run(failTimes, ground.file("once"), 1));
        assert.match((error as Error).message, /try 1/);
        const asked = await failureOf(executor.with({ retry: 3 }).run(failTimes, ground.file("default"), 1));
        assert.match((asked as Error).message, /try 1/, "by default only after the loss of a worker");
      },
    },
    {
      name: "retry.when decides, with the error and the attempt",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const seen: unknown[] = [];
        const when = (error: unknown, attempt: number) => {
          seen.push([(error as Error).message, attempt]);
          return true;
        };
        assert.equal(await within(executor.with({ retry: { retries: 5, when } }).run(failTimes, ground.file("when"), 2), "it ends"), 3);
        assert.deepEqual(seen, [
          ["try 1", 1],
          ["try 2", 2],
        ]);
        const refused = await failureOf(executor.with({ retry: { retries: 5, when: () => false } }).run(failTimes, ground.file("no"), 2));
        assert.match((refused as Error).message, /try 1/);
      },
    },
    {
      name: "after the last retry the last error is told",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const error = await failureOf(executor.with({ retry: { retries: 2, when: () => true } }).run(failTimes, ground.file("all"), 9));
        assert.match((error as Error).message, /try 3/);
      },
    },
    {
      name: "a retry waits for its back-off, and a cancel ends the wait",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const path = ground.file("backoff");
        const retry = { retries: 3, when: () => true, backoff: { initial: 600_000 } };
        const task = executor.with({ retry }).run(failTimes, path, 9);
        await until(() => existsSync(path), "the first attempt is made");
        if (ground.has("workers")) await within(executor.run(echo, 1), "the worker is free meanwhile");
        task.cancel();
        assert.equal(((await failureOf(task)) as Error).name, "AbortError");
        const quick = { retries: 3, when: () => true, backoff: { initial: 1, factor: 2, max: 3, jitter: 0.5 } };
        assert.equal(await executor.with({ retry: quick }).run(failTimes, ground.file("quick"), 3), 4);
      },
    },
    {
      name: "a lost worker is retried when asked, and tells its attempt when not",
      needs: ["exitContainment"],
      async run(ground) {
        const executor = ground.open({ size: 1 });
        assert.equal(await executor.with({ retry: 1 }).run(dieTimes, ground.file("lost"), 1), 2);
        const error = await failureOf(executor.run(dieTimes, ground.file("plain"), 1));
        assertError(error, WorkerLostError, "ERR_BRIGADE_WORKER_LOST");
        assert.equal(error.attempt, 1);
      },
    },
    {
      name: "a task that killed two workers is quarantined, however many retries are left",
      needs: ["exitContainment"],
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const path = ground.file("poison");
        const error = await failureOf(executor.with({ retry: 10 }).run(dieTimes, path, 50));
        assertError(error, WorkerLostError, "ERR_BRIGADE_WORKER_LOST", /not tried again/);
        assert.equal(error.attempt, 2);
        assert.equal(await executor.run(dieTimes, path, 0), 3, "it was tried twice");
      },
    },
  ],
};
