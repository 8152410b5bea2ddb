// Every fault of the table on every level: each task settles exactly once, the executor works afterwards, nothing is left.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { levels, skipReason } from "./capabilities.ts";
import { inject } from "./faults/inject.ts";
import { faults } from "./faults/table.ts";

for (const level of levels) {
  describe(`faults: ${level}`, { concurrency: 1 }, () => {
    const total = { settled: 0, abandoned: 0, lost: 0 };
    for (const fault of faults) {
      test(fault.name, { skip: skipReason(level, fault.needs) ?? false, timeout: 60_000 }, async (t) => {
        const { settled, abandoned, lost, submitted } = await inject(level, fault);
        total.settled += settled;
        total.abandoned += abandoned;
        total.lost += lost;
        t.diagnostic(`${level}, ${fault.name}: ${submitted} submitted, ${settled} settled, ${abandoned} abandoned, ${lost} lost`);
        assert.equal(lost, 0);
      });
    }
    test("none is lost", (t) => {
      t.diagnostic(`${level}: ${total.settled} settled, ${total.abandoned} abandoned, ${total.lost} lost`);
      assert.equal(total.lost, 0);
      assert.ok(total.settled > 0);
    });
  });
}
