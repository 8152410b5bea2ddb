// A change of level never changes a result: under BRIGADE_LEVEL the thread and process executors pass the same suite in place,
// and every call of one table ends in the same words as on the real levels.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openShared } from "./ground.ts";
import { outcomesOn } from "./outcomes.ts";
import { startProgramWith } from "./programs.ts";

interface Report {
  readonly ran: number;
  readonly excused: number;
  readonly failures: Readonly<Record<string, string>>;
  readonly outcomes: Readonly<Record<string, string>>;
}

for (const level of ["thread", "process"] as const) {
  describe(`${level} executors in place`, { concurrency: 1 }, () => {
    let real: Record<string, string>;
    let keepAlive: NodeJS.Timeout;

    before(async () => {
      keepAlive = setInterval(() => {}, 1_000);
      const executor = await openShared(level);
      real = await outcomesOn(executor);
      await executor.close();
    });
    after(() => clearInterval(keepAlive));

    for (const replacement of ["coroutines", "serial"] as const) {
      test(`BRIGADE_LEVEL=${replacement}`, { timeout: 120_000 }, async (t) => {
        const program = startProgramWith({ BRIGADE_LEVEL: replacement }, "in-place", level, `in-place-${replacement}`);
        const { stdout, stderr, code } = await program.ended;
        assert.equal(code, 0, stderr);
        const { ran, excused, failures, outcomes } = JSON.parse(stdout) as Report;
        assert.deepEqual(failures, {}, "the suite passes in place");
        assert.deepEqual(outcomes, real, "every outcome is that of the real level");
        t.diagnostic(`${ran} cases ran in place, ${excused} are excused; ${Object.keys(outcomes).length} outcomes are equal`);
      });
    }
  });
}
