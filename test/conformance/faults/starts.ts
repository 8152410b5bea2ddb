// Child processes that cannot be started, or do not get through their start. The real shortages are in unit/links/starved.test.ts.
import assert from "node:assert/strict";
import { join } from "node:path";
import { PoolBrokenError } from "../../../src/runtime/index.ts";
import type { Fault, Scene } from "../fault.ts";
import { assertError, failureOf, until, within } from "../ground.ts";
import { double, echo } from "../tasks.ts";
import { assertLost } from "./deaths.ts";

const needs = ["workerPid"] as const;
/** Between the four starts that a pool tries. */
const pausesMs = 50 + 100 + 200;
/** Wide: four starts take their time on a busy machine. */
const brokenLimitMs = 20_000;

/** Opens a pool whose children cannot be started. */
async function refused(scene: Scene, options: object, cause: RegExp): Promise<void> {
  const executor = scene.open({ size: 1, ...options });
  const tasks = [1, 2, 3].map((n) => scene.follow(executor.run(echo, n)));
  for (const error of await scene.detected(Promise.all(tasks.map(failureOf)), brokenLimitMs)) {
    assertError(error, PoolBrokenError, "ERR_BRIGADE_POOL_BROKEN");
    assert.match(String(error.cause), cause);
  }
}

/** Does something while every start of a process fails with this error. */
async function whileSpawnFails(code: string, times: number, action: () => Promise<void>): Promise<void> {
  const childProcess = process.getBuiltinModule("node:child_process");
  const { spawn } = childProcess;
  let left = times;
  childProcess.spawn = ((...args: Parameters<typeof spawn>) => {
    if (left-- > 0) throw Object.assign(new Error(`spawn ${code}`), { code, syscall: "spawn" });
    return spawn(...args);
  }) as typeof spawn;
  try {
    await action();
  } finally {
    childProcess.spawn = spawn;
  }
}

export const startFaults: readonly Fault[] = [
  {
    name: "cannot be started: no such directory",
    needs,
    async inject(scene) {
      await refused(scene, { cwd: join(scene.ground.file("nowhere"), "deeper") }, /RangeError: cwd: .* is no directory/);
      return undefined;
    },
  },
  {
    name: "cannot be started: the runtime is gone",
    needs,
    async inject(scene) {
      const { execPath } = process;
      process.execPath = scene.ground.file("no-node");
      try {
        await refused(scene, {}, /the runtime .* is gone/);
      } finally {
        process.execPath = execPath;
      }
      return undefined;
    },
  },
  {
    name: "cannot be started: the system is short of processes, for ever",
    needs,
    async inject(scene) {
      await whileSpawnFails("EAGAIN", Number.POSITIVE_INFINITY, () => refused(scene, {}, /no more processes; .*\(EAGAIN\)/));
      return undefined;
    },
  },
  {
    name: "cannot be started: the system is short of processes, for a moment",
    needs,
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      await whileSpawnFails("EAGAIN", 2, async () => {
        assert.equal(await within(follow(executor.run(double, 4)), "it runs in the end"), 8);
      });
      await until(() => executor.statistics().lost === 2, "the failed starts are counted");
      return executor;
    },
  },
  {
    name: "dies in its bootstrap, again and again",
    needs,
    async inject(scene) {
      const { open, follow } = scene;
      const env = { ...(process.env as Record<string, string>), NODE_OPTIONS: `--require ${scene.ground.file("nowhere.cjs")}` };
      const executor = open({ size: 1, env });
      const tasks = [1, 2, 3].map((n) => follow(executor.run(echo, n)));
      for (const error of await scene.detected(Promise.all(tasks.map(failureOf)), brokenLimitMs)) {
        assertError(error, PoolBrokenError, "ERR_BRIGADE_POOL_BROKEN", /died before it was ready/);
        assertLost(error.cause, {}, /exit code 1/);
        assert.match(error.cause.stderrTail, /nowhere\.cjs/);
      }
      assert.equal(executor.statistics().lost, 4, "three restarts");
      const tookMs = scene.detectedMs ?? 0;
      assert.ok(tookMs > pausesMs, `after pauses, and not after ${tookMs} ms`);
      return undefined;
    },
  },
];
