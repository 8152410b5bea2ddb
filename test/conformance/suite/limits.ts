import assert from "node:assert/strict";
import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import type { Subject } from "../case.ts";
import { selfPortrait } from "../tasks.ts";

const needs = ["workerPid"] as const;
/** What the tasks and their module are read from. */
const read = [fileURLToPath(new URL("../../../", import.meta.url)), "/proc/self/status"];

export const limits: Subject = {
  name: "limits and sandbox, as the child itself sees them",
  cases: [
    {
      name: "working directory, priority, heap",
      needs,
      async run(ground) {
        const cwd = realpathSync(tmpdir());
        const { folder, priority, heapMB } = await ground.open({ size: 1, cwd, nice: 7, memoryLimit: 150 }).run(selfPortrait);
        assert.deepEqual([folder, priority], [cwd, 7]);
        // The young generation and what V8 keeps for itself come on top.
        assert.ok(heapMB >= 150 && heapMB < 150 + 150, `${heapMB} MB`);
      },
    },
    {
      name: "without options: those of this program",
      needs,
      async run(ground) {
        const own = selfPortrait();
        const { folder, priority, cpus, variables } = await ground.shared.run(selfPortrait);
        assert.deepEqual([folder, priority, cpus], [own.folder, own.priority, own.cpus]);
        assert.deepEqual(
          own.variables.filter((name) => !variables.includes(name) && !name.startsWith("NODE_")),
          [],
        );
      },
    },
    {
      name: "processors, on Linux",
      needs,
      async run(ground) {
        if (process.platform !== "linux") return;
        const first = Number(/^\d+/.exec(selfPortrait().cpus ?? "")?.[0]);
        const { cpus } = await ground.open({ size: 1, cpus: [first] }).run(selfPortrait);
        assert.equal(cpus, String(first));
      },
    },
    {
      name: "the environment: an allow-list with permissions, and what is given where it is given",
      needs,
      async run(ground) {
        const secrets = { BRIGADE_TEST_TOKEN: "x", AWS_SECRET_ACCESS_KEY: "x", NODE_OPTIONS: "--no-warnings", LC_BRIGADE: "x", TZ: "UTC" };
        const before = { ...process.env };
        Object.assign(process.env, secrets);
        try {
          const listed = (await ground.open({ size: 1, permissions: { read } }).run(selfPortrait)).variables;
          assert.ok(listed.includes("PATH") && listed.includes("LC_BRIGADE") && listed.includes("TZ"), listed.join());
          for (const name of ["BRIGADE_TEST_TOKEN", "AWS_SECRET_ACCESS_KEY", "NODE_OPTIONS"]) assert.ok(!listed.includes(name), name);
          const given = await ground.open({ size: 1, permissions: { read }, env: { ONLY: "this" } }).run(selfPortrait);
          assert.deepEqual(given.variables, ["ONLY"]);
          assert.deepEqual((await ground.open({ size: 1, env: { ONLY: "this" } }).run(selfPortrait)).variables, ["ONLY"]);
        } finally {
          for (const name of Object.keys(secrets)) {
            if (before[name] === undefined) delete process.env[name];
            else process.env[name] = before[name];
          }
        }
      },
    },
  ],
};
