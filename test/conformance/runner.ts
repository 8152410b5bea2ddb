// Runs the suite on one level under node:test. A case runs, or is skipped because the capability table says so; nothing else
// can skip it, and the last test of a level counts.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Executor, processes, threads } from "../../src/runtime/index.ts";
import { skipReason, type TestLevel } from "./capabilities.ts";
import type { Case } from "./case.ts";
import { activeResources, beyond, living, openDescriptors } from "./census.ts";
import { Ground, openLevel, until } from "./ground.ts";
import { subjects } from "./suite/index.ts";
import { echo } from "./tasks.ts";

/** A case may take this long, whatever else the machine does. */
const caseMs = 12_000;

/** Declares all tests of a level. */
export function conformance(level: TestLevel): void {
  describe(`conformance: ${level}`, { concurrency: 1 }, () => {
    let shared: Executor;
    let keepAlive: NodeJS.Timeout;
    let resources: string[];
    let descriptors: string[];
    const counts = { ran: 0, excused: 0, all: 0 };

    before(async () => {
      // A case that hangs with nothing left to happen must fail by its time limit, and not end the program.
      keepAlive = setInterval(() => {}, 1_000);
      // A pool that has come and gone leaves what is made once per program (the reaper, Node's own helpers): not a leak.
      for (const executor of [openLevel(level, { size: 2 }), openLevel("process", { size: 1 })]) {
        await executor.run(echo, 1);
        await executor.close();
      }
      await until(() => living().length === 0, "the first pools are gone");
      resources = activeResources();
      descriptors = openDescriptors();
      shared = openLevel(level, { size: 2 });
      await shared.warm();
      await shared.broadcast(echo, 1);
      // Its spare too: what appears later belongs to some case.
      await shared.run(echo, 1);
      if (level === "thread" || level === "process") await until(() => living().length === 3, "the shared pool is complete");
    });

    for (const { name, cases } of subjects) {
      describe(name, () => {
        for (const each of cases) declare(each);
      });
    }

    function declare({ name, needs, usesDefaults, run }: Case): void {
      counts.all++;
      const reason = skipReason(level, needs);
      if (reason !== undefined) counts.excused++;
      test(name, { skip: reason ?? false, timeout: caseMs }, async () => {
        counts.ran++;
        const ground = new Ground(level, level, shared);
        try {
          await run(ground);
        } finally {
          await ground.dispose(usesDefaults);
        }
      });
    }

    after(async () => {
      clearInterval(keepAlive);
      await shared?.close();
    });

    test("every case ran or is excused by the capability table, and nothing is left", async (t) => {
      assert.equal(counts.ran + counts.excused, counts.all);
      await Promise.all([shared, threads, processes].map((executor) => executor.close()));
      await until(() => living().length === 0, "no thread and no child process is left");
      await until(() => beyond(resources, activeResources()).length === 0, "nothing new keeps the program alive").catch(() => {
        assert.fail(`left behind: ${beyond(resources, activeResources()).join()}`);
      });
      await until(() => beyond(descriptors, openDescriptors()).length === 0, "no descriptor is left").catch(() => {
        assert.fail(`open descriptors left behind: ${beyond(descriptors, openDescriptors()).join()}`);
      });
      t.diagnostic(`${level}: ${counts.ran} cases ran, ${counts.excused} excused`);
    });
  });
}
