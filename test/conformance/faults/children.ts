// What happens to child processes and to nothing else: they are stopped, starved, refused, and killed with work in their hands.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Executor, Task } from "../../../src/runtime/index.ts";
import { living } from "../census.ts";
import type { Fault, Scene } from "../fault.ts";
import { entered, failureOf, firstReport, running, until, within } from "../ground.ts";
import { double, hold, spin, who } from "../tasks.ts";
import { closeDescriptor, computeFor, floodBytes, leaveMark, lengthOf, reportPid, signalSelfSync, truncate } from "../tasks-faults.ts";
import { assertLost } from "./deaths.ts";

const needs = ["workerPid"] as const;
/** Two seconds are promised; a machine that is busy elsewhere may take longer to look. */
const stoppedLimitMs = 8_000;

/** A twentieth of a second is the aim. */
const deadLimitMs = 5_000;

/** Runs so many small tasks that the pool knows them to be short, and sends more of them ahead. */
async function warmUp(executor: Executor): Promise<void> {
  await Promise.all([...new Array(300).keys()].map((n) => executor.run(double, n)));
}

/** A worker that comes to grief with others sent ahead behind it: they run, each once, and only the culprit fails. */
async function griefWithOthersAhead(scene: Scene, signal: NodeJS.Signals): Promise<Executor> {
  const executor = scene.open({ size: 1 });
  await warmUp(executor);
  const path = scene.ground.file("marks");
  const before = scene.follow(executor.run(leaveMark, path, -1));
  const culprit = scene.follow(executor.run(signalSelfSync, signal));
  const behind = [...new Array(40).keys()].map((mark) => scene.follow(executor.run(leaveMark, path, mark)));
  const error = await scene.detected(failureOf(culprit), stoppedLimitMs);
  assertLost(error);
  assert.equal(await before, -1);
  assert.deepEqual(
    await within(Promise.all(behind), "those behind it run"),
    behind.map((_, mark) => mark),
  );
  const marks = readFileSync(path, "utf8").trim().split("\n").map(Number);
  assert.deepEqual(
    marks,
    [...marks.keys()].map((place) => place - 1),
    "each once, and in order",
  );
  assert.equal(executor.statistics().lost, 1);
  return executor;
}

const grief = (["SIGKILL", "SIGSEGV", "SIGSTOP"] as const).map(
  (signal): Fault => ({
    name: `${signal} with others sent ahead behind it`,
    needs,
    inject: (scene) => griefWithOthersAhead(scene, signal),
  }),
);

export const childFaults: readonly Fault[] = [
  ...grief,
  {
    name: "killed with a spare in reserve, which takes over",
    needs,
    async inject({ open, follow, ground, detected }) {
      const before = new Set(living());
      const executor = open({ size: 2 });
      const [one, other] = [ground.gate(), ground.gate()];
      const tasks = [follow(executor.run(hold, one.signal, "one")), follow(executor.run(hold, other.signal, "other"))];
      await entered(...tasks);
      one.open();
      assert.equal(await within(tasks[0] as Task<unknown>, "it ends"), "one");
      const pids = () => living().flatMap((each) => (before.has(each) || !("pid" in each) ? [] : [each.pid as number]));
      await until(() => pids().length === 3, "two at work and one in reserve");
      const known = executor.statistics().perWorker.map(({ id }) => id);
      const [spare] = pids().filter((pid) => !known.includes(pid));
      const victim = follow(executor.run(reportPid, ground.gate().signal));
      process.kill((await within(firstReport(victim), "its pid")) as number, "SIGKILL");
      assertLost(await detected(failureOf(victim), deadLimitMs), { signal: "SIGKILL" });
      // The other one is busy, so whoever takes this has taken the place.
      assert.equal((await within(follow(executor.run(who)), "somebody takes the next task")).pid, spare);
      other.open();
      await within(tasks[1] as Task<unknown>, "the other ends");
      return executor;
    },
  },
  {
    name: "stopped from outside while it waits",
    needs,
    async inject({ open, follow, neighbour, ground, detected }) {
      const executor = open({ size: 2 });
      const untouched = await neighbour(executor);
      const task = follow(executor.run(reportPid, ground.gate().signal));
      process.kill((await within(firstReport(task), "its pid")) as number, "SIGSTOP");
      assertLost(await detected(failureOf(task), stoppedLimitMs), {}, /stopped by a signal/);
      await untouched();
      return executor;
    },
  },
  {
    name: "stopped from outside while it computes",
    needs,
    async inject({ open, follow, detected }) {
      const executor = open({ size: 1 });
      const { pid } = await follow(executor.run(who));
      const task = follow(executor.run(spin));
      await running(task);
      process.kill(pid, "SIGSTOP");
      assertLost(await detected(failureOf(task), stoppedLimitMs), {}, /stopped by a signal/);
      return executor;
    },
  },
  {
    name: "computes for seconds without a sign: nobody minds",
    needs,
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      assert.equal(await within(follow(executor.run(computeFor, 3_000)), "it ends"), "done");
      assert.equal(executor.statistics().lost, 0);
      return executor;
    },
  },
  {
    name: "slowed down by being stopped in turns: nobody minds",
    needs,
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      const { pid } = await follow(executor.run(who));
      const task = follow(executor.run(computeFor, 3_000));
      let stop = false;
      const throttle = setInterval(() => {
        stop = !stop;
        process.kill(pid, stop ? "SIGSTOP" : "SIGCONT");
      }, 40);
      try {
        assert.equal(await within(task, "it ends"), "done");
      } finally {
        clearInterval(throttle);
        process.kill(pid, "SIGCONT");
      }
      assert.equal(executor.statistics().lost, 0);
      return executor;
    },
  },
  {
    name: "closes the descriptor of its claims",
    needs,
    async inject({ open, follow }) {
      const executor = open({ size: 1, stdio: "ignore" });
      await warmUp(executor);
      await within(follow(executor.run(closeDescriptor, 4)), "it ends itself");
      const behind = [1, 2, 3].map((n) => follow(executor.run(double, n)));
      assert.deepEqual(await within(Promise.all(behind), "others take the work"), [2, 4, 6]);
      return executor;
    },
  },
  {
    name: "does not read, and the pipe is full",
    needs,
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      const computing = follow(executor.run(computeFor, 600));
      await running(computing);
      // Nested work goes to a worker that holds others; here the ones behind it wait on this side, and one is larger than any pipe.
      const behind = [...new Array(5).keys()].map((n) => follow(executor.run(lengthOf, new Uint8Array(3_000_000).fill(n))));
      assert.equal(await within(computing, "it ends"), "done");
      assert.deepEqual(
        await within(Promise.all(behind), "they run"),
        behind.map((_, n) => [3_000_000, n, n]),
      );
      return executor;
    },
  },
  {
    name: "a gigabyte of output on both streams",
    needs,
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      const before = process.memoryUsage().rss;
      let most = before;
      const look = setInterval(() => {
        most = Math.max(most, process.memoryUsage().rss);
      }, 5);
      try {
        assert.equal(await within(follow(executor.run(floodBytes, 1024)), "it settles", 40_000), 1024);
      } finally {
        clearInterval(look);
      }
      const grownMB = Math.round((most - before) / 2 ** 20);
      assert.ok(grownMB < 256, `this program has grown by ${grownMB} MB`);
      return executor;
    },
  },
  {
    name: "ends in the middle of a frame",
    needs,
    async inject({ open, follow, neighbour }) {
      const executor = open({ size: 2 });
      const untouched = await neighbour(executor);
      assertLost(await failureOf(follow(executor.run(truncate))), { exitCode: 0 }, /ended in the middle of a frame/);
      await untouched();
      return executor;
    },
  },
  {
    name: "256 megabytes",
    needs,
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      const bytes = new Uint8Array(256 * 2 ** 20).fill(5);
      assert.deepEqual(await within(follow(executor.run(lengthOf, bytes)), "there", 60_000), [bytes.byteLength, 5, 5]);
      return executor;
    },
  },
];
