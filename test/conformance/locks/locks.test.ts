// One suite for every flavour of lock: same names, same expectations. A case is left out only where the table of `flavours.ts` says why.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { flavours } from "./flavours.ts";
import { basics } from "./suite/basics.ts";
import { cancellation } from "./suite/cancellation.ts";
import { clauses } from "./suite/clauses.ts";
import { order } from "./suite/order.ts";
import { owners } from "./suite/owners.ts";
import { sections } from "./suite/sections.ts";

const subjects = { basics, order, cancellation, sections, owners, clauses };

for (const { name, lacking, open } of flavours) {
  describe(`locks: ${name}`, { concurrency: 1 }, () => {
    const counts = { ran: 0, excused: 0 };
    const all = Object.values(subjects).flat();
    for (const [title, cases] of Object.entries(subjects)) {
      describe(title, () => {
        for (const { name: behaviour, needs = [], run } of cases) {
          const missing = needs.find((need) => lacking[need] !== undefined);
          if (missing !== undefined) {
            counts.excused++;
            test(behaviour, { skip: lacking[missing] ?? false }, () => {});
            continue;
          }
          counts.ran++;
          test(behaviour, { timeout: 20_000 }, () => run(open()));
        }
      });
    }
    after(() => assert.equal(counts.ran + counts.excused, all.length));
  });
}
