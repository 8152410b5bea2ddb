// Runs the suite and the faults on one level under node:test. A case runs, or is skipped because the capability table says so;
// nothing else can skip it, and the last tests of a level count.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Executor, processes, threads } from "../../src/runtime/index.ts";
import { type Capability, type Place, skipReason, type TestLevel } from "./capabilities.ts";
import { activeResources, beyond, living, openDescriptors } from "./census.ts";
import { inject } from "./fault.ts";
import { faults } from "./faults.ts";
import { Ground, openLevel, openShared, until } from "./ground.ts";
import type { Account } from "./ledger.ts";
import { subjects } from "./suite/index.ts";
import { renderAccounts } from "./table.ts";
import { echo } from "./tasks.ts";

/** A case may take this long, whatever else the machine does. */
const caseMs = 45_000;

/** Declares all tests of a level; in another place, those that are run there. */
export function conformance(level: TestLevel, place: Place = level): void {
  describe(`conformance: ${place}`, { concurrency: 1 }, () => {
    let shared: Executor;
    let keepAlive: NodeJS.Timeout;
    let resources: string[];
    let descriptors: string[];
    const counts = { ran: 0, excused: 0, all: 0 };
    const accounts = new Map<string, Account>();

    before(async () => {
      // A case that hangs with nothing left to happen must fail by its time limit, and not end the program.
      keepAlive = setInterval(() => {}, 1_000);
      // A pool that has come and gone leaves what is made once per program (the reaper, Node's own helpers): not a leak.
      for (const executor of [openLevel(level, { size: 2 }, place), openLevel("process", { size: 1 })]) {
        await executor.run(echo, 1);
        await executor.close();
      }
      await until(() => living().length === 0, "the first pools are gone");
      resources = activeResources();
      descriptors = openDescriptors();
      shared = await openShared(level, place);
    });

    for (const { name, cases } of subjects) {
      describe(name, () => {
        for (const { name: title, needs, usesDefaults, run } of cases) {
          declare(title, needs, async () => {
            const ground = new Ground(level, place, shared);
            try {
              await run(ground);
            } finally {
              // what is found to compute for long goes to the program's own threads
              await ground.dispose(usesDefaults || place === "auto");
            }
          });
        }
      });
    }

    describe("faults", () => {
      for (const fault of faults) {
        declare(fault.name, fault.needs, async () => {
          const { account, error } = await inject(level, fault, shared);
          accounts.set(fault.name, account);
          if (error) throw error;
        });
      }
    });

    function declare(title: string, needs: readonly Capability[] | undefined, run: () => Promise<void>): void {
      counts.all++;
      const reason = skipReason(place, needs);
      if (reason !== undefined) counts.excused++;
      test(title, { skip: reason ?? false, timeout: caseMs }, () => {
        counts.ran++;
        return run();
      });
    }

    after(async () => {
      clearInterval(keepAlive);
      await shared?.close();
    });

    test("every case ran or is excused by the capability table", (t) => {
      assert.equal(counts.ran + counts.excused, counts.all);
      t.diagnostic(`${place}: ${counts.ran} cases ran, ${counts.excused} are excused by the capability table`);
    });

    test("no task was lost to any fault", (t) => {
      for (const line of renderAccounts([[level, accounts]]).split("\n")) t.diagnostic(line);
      for (const [name, { lost }] of accounts) assert.equal(lost, 0, name);
    });

    test("no thread, process, descriptor or handle is left", async () => {
      await Promise.all([shared, threads, processes].map((executor) => executor.close()));
      await until(() => living().length === 0, "no thread and no child process is left");
      await until(() => beyond(resources, activeResources()).length === 0, "nothing new keeps the program alive").catch(() => {
        assert.fail(`left behind: ${beyond(resources, activeResources()).join()}`);
      });
      await until(() => beyond(descriptors, openDescriptors()).length === 0, "no descriptor is left").catch(() => {
        assert.fail(`open descriptors left behind: ${beyond(descriptors, openDescriptors()).join()}`);
      });
    });
  });
}
