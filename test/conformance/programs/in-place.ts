// Run under BRIGADE_LEVEL: the whole suite on executors that are replaced by work in place, and the table of outcomes.
//   in-place.js LEVEL PLACE
import { type Place, skipReason, type TestLevel } from "../capabilities.ts";
import { Ground, openShared, within } from "../ground.ts";
import { outcomesOn } from "../outcomes.ts";
import { subjects } from "../suite/index.ts";

const [level, place] = process.argv.slice(2) as [TestLevel, Place];
const keepAlive = setInterval(() => {}, 1_000);
const shared = await openShared(level, place);
const failures: Record<string, string> = {};
let ran = 0;
let excused = 0;
for (const { name, cases, inPlace = true } of subjects) {
  if (!inPlace) continue;
  for (const each of cases) {
    if (skipReason(place, each.needs) !== undefined) {
      excused++;
      continue;
    }
    ran++;
    const ground = new Ground(level, place, shared);
    try {
      await within(each.run(ground), "the case ends");
    } catch (error) {
      failures[`${name}: ${each.name}`] = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    await ground.dispose(each.usesDefaults);
  }
}
const outcomes = await outcomesOn(shared);
await shared.close();
clearInterval(keepAlive);
console.log(JSON.stringify({ ran, excused, failures, outcomes }));
