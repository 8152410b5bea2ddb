// One suite for every flavour of a channel: the same cases under the same names. A difference stands in `flavours.ts` as something that
// a flavour lacks, with the reason, and nowhere else.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { cases } from "./cases.ts";
import { flavours, flavoursAbove, lacking, skipReason } from "./flavours.ts";

for (const flavour of flavours) {
  describe(`channel conformance: ${flavour.name}`, { concurrency: 1 }, () => {
    let ran = 0;
    let excused = 0;
    for (const { name, needs, run } of cases) {
      const reason = skipReason(flavour, needs);
      if (reason !== undefined) excused++;
      // The reason is a sentence of the table; without one the case runs.
      test(name, { skip: reason ?? false, timeout: 20_000 }, async () => {
        ran++;
        await run(flavour);
      });
    }
    after(() => assert.equal(ran + excused, cases.length, "every case ran or is excused by the table"));
  });
}

test("the table names flavours that exist, and each capability is needed by some case", () => {
  const names = [...flavours, ...flavoursAbove].map(({ name }) => name);
  for (const [capability, row] of Object.entries(lacking)) {
    for (const name of Object.keys(row)) assert.ok(names.includes(name), `${capability}: ${name}`);
    assert.ok(
      cases.some(({ needs }) => needs?.some((need) => need === capability)),
      capability,
    );
  }
});
