import assert from "node:assert/strict";
import { NotSerializableError, WorkerLostError } from "../../../src/runtime/index.ts";
import { isInPlace } from "../capabilities.ts";
import type { Subject } from "../case.ts";
import { assertError, entered, failureOf, firstReport, running, until, within } from "../ground.ts";
import { busyFor, double, echo, hold, reportEach, reportThenHold, sleepLong, workerOf } from "../tasks.ts";
import { exit, fail, reportUnclonable } from "../tasks-faults.ts";

export const figures: Subject = {
  name: "statistics, metrics, progress",
  cases: [
    {
      name: "statistics count what succeeded, failed and was cancelled",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        await executor.run(echo, 1);
        await failureOf(executor.run(fail, "Error"));
        const cancelled = executor.run(sleepLong);
        cancelled.cancel();
        await failureOf(cancelled);
        await executor.map(double, [1, 2, 3], { chunk: 1 });
        const { succeeded, failed, cancelled: count, lost } = executor.statistics();
        assert.deepEqual({ succeeded, failed, count, lost }, { succeeded: 4, failed: 1, count: 1, lost: 0 });
      },
    },
    {
      name: "statistics tell what each worker has done and used",
      needs: ["workers"],
      async run(ground) {
        const executor = ground.open({ size: 2, name: "told" });
        assert.deepEqual(executor.statistics().perWorker, []);
        await executor.warm();
        const [idle] = executor.statistics().perWorker;
        assert.deepEqual([idle?.state, idle?.settled, idle?.heapBytes], ["idle", 0, undefined], "it has told nothing yet");
        const task = executor.with({ key: "one" }).run(workerOf);
        const name = await task;
        assert.equal(name, task.metrics.worker);
        const { perWorker } = executor.statistics();
        assert.equal(perWorker.length, 2);
        const own = perWorker.find((each) => each.name === name);
        assert.match(own?.name ?? "", /^told-\d+$/);
        assert.ok(Number.isInteger(own?.id));
        assert.deepEqual([own?.state, own?.settled], ["idle", 1]);
        assert.ok((own?.heapBytes ?? 0) > 100_000, `${own?.heapBytes} bytes of heap`);
        assert.ok((own?.utilization ?? -1) >= 0 && (own?.utilization ?? 2) <= 1, `${own?.utilization} of its time`);
        const canTell = executor.level === "process" || "threadCpuUsage" in process;
        assert.equal(typeof own?.cpuMs, canTell ? "number" : "undefined");
      },
    },
    {
      name: "statistics show what waits, runs and idles now",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const door = ground.gate();
        const tasks = [executor.run(hold, door.signal), executor.run(echo, 1), executor.run(echo, 2)];
        await running(tasks[0] as (typeof tasks)[0]);
        const busy = executor.statistics();
        assert.deepEqual([busy.workers, busy.idle, busy.running, busy.waiting], [1, 0, 1, 2]);
        door.open();
        await Promise.all(tasks);
        await until(() => executor.statistics().idle === 1, "it is idle");
        const { running: now, waiting } = executor.statistics();
        assert.deepEqual([now, waiting], [0, 0]);
      },
    },
    {
      name: "statistics count the lost",
      needs: ["exitContainment"],
      async run(ground) {
        const executor = ground.open({ size: 1 });
        assertError(await failureOf(executor.run(exit, 1)), WorkerLostError, "ERR_BRIGADE_WORKER_LOST");
        assertError(await failureOf(executor.run(exit, 0)), WorkerLostError, "ERR_BRIGADE_WORKER_LOST");
        assert.equal(executor.statistics().lost, 2);
      },
    },
    {
      name: "metrics tell the time in the queue and at work",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        await ground.inTime(async (clock) => {
          const door = ground.gate();
          const first = executor.run(hold, door.signal);
          await running(first);
          const second = executor.run(echo, 1);
          await clock.pass(100);
          assert.ok(first.metrics.runMs >= 50, `${first.metrics.runMs} ms so far`);
          assert.ok(second.metrics.queuedMs >= 50, `${second.metrics.queuedMs} ms so far`);
          door.open();
          await Promise.all([first, second]);
          assert.ok(first.metrics.runMs >= 50 && first.metrics.runMs < 10_000, `${first.metrics.runMs} ms of work`);
          assert.ok(second.metrics.queuedMs >= 50 && second.metrics.queuedMs < 10_000, `${second.metrics.queuedMs} ms of waiting`);
          assert.deepEqual(second.metrics, second.metrics, "final");
        });
      },
    },
    {
      name: "metrics tell the bytes that crossed, and the worker",
      async run(ground) {
        const { shared } = ground;
        const task = shared.run(echo, "x".repeat(10_000));
        await task;
        const { bytesIn, bytesOut, worker } = task.metrics;
        if (ground.local || isInPlace(ground.place)) assert.deepEqual([bytesIn, bytesOut], [0, 0]);
        else {
          assert.ok(bytesIn >= 10_000 && bytesIn < 30_000, `${bytesIn} in`);
          assert.ok(bytesOut >= 10_000 && bytesOut < 30_000, `${bytesOut} out`);
          assert.equal(typeof worker, "string");
        }
      },
    },
    {
      name: "metrics tell the processor time",
      needs: ["cpuTime"],
      async run({ shared }) {
        // On a busy machine it has the processor for a small part of that only.
        const task = shared.run(busyFor, 400);
        await task;
        const { cpuMs } = task.metrics;
        assert.ok(cpuMs !== undefined && cpuMs > 10 && cpuMs < 10_000, `${cpuMs} ms`);
      },
    },
    {
      name: "reports arrive, the newest at last, and end with the task",
      async run({ shared }) {
        const task = shared.run(reportEach, [1, { two: 2 }, "three"]);
        const seen: unknown[] = [];
        for await (const report of task.progress) seen.push(report);
        assert.equal(await task, 3);
        assert.deepEqual(seen.at(-1), "three");
        assert.ok(seen.length >= 1 && seen.length <= 3);
        for await (const report of task.progress) assert.fail(`a report after the end: ${String(report)}`);
      },
    },
    {
      name: "only the newest report waits for a slow reader, and every reader has its own",
      async run({ shared, gate }) {
        const door = gate();
        const task = shared.run(reportThenHold, door.signal, 1, 2, 3);
        const one = task.progress[Symbol.asyncIterator]();
        const two = task.progress[Symbol.asyncIterator]();
        const first = one.next();
        const other = two.next();
        // `hold` reports at last; whoever reads late sees that.
        for (const [reader, heard] of [
          [one, first],
          [two, other],
        ] as const) {
          let newest = (await within(heard, "the first")).value as unknown;
          while (newest !== "held") newest = (await within(reader.next(), "the newest")).value;
        }
        door.open();
        await task;
        assert.equal((await within(one.next(), "the end")).done, true);
      },
    },
    {
      name: "leaving the reports leaves the task alone",
      async run({ shared, gate }) {
        const door = gate();
        const task = shared.run(hold, door.signal, "value");
        assert.equal(await within(firstReport(task), "a report"), "held");
        assert.equal(task.state, "running");
        door.open();
        assert.equal(await task, "value");
      },
    },
    {
      name: "a report that cannot travel is refused where it is made",
      needs: ["copies"],
      async run({ shared }) {
        const error = await failureOf(shared.run(reportUnclonable, "a function"));
        assertError(error, NotSerializableError, "ERR_BRIGADE_NOT_SERIALIZABLE");
        assert.match(error.path, /^progress\.deep\[0\]/);
      },
    },
    {
      name: "a name, a size and a level",
      async run(ground) {
        const executor = ground.open({ size: 2, name: "named" });
        assert.equal(executor.name, "named");
        assert.equal(executor.level, ground.level);
        assert.equal(executor.size, ground.level === "serial" ? 1 : 2);
        assert.match(Object.prototype.toString.call(executor), /Executor\(named\)/);
        const task = executor.run(hold, ground.gate().signal);
        await entered(task);
        if (ground.has("workers")) assert.match(String(task.metrics.worker), /^named-/);
        task.cancel();
      },
    },
  ],
};
