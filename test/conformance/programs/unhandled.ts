// Which failures raise `unhandledRejection`: those that nobody observes. Prints the messages of those that did.
//   unhandled.js LEVEL
import { withTaskGroup } from "../../../src/runtime/index.ts";
import type { TestLevel } from "../capabilities.ts";
import { openLevel } from "../ground.ts";
import { echo, sleepLong } from "../tasks.ts";
import { failOn } from "../tasks-faults.ts";

const seen: string[] = [];
process.on("unhandledRejection", (reason) => {
  seen.push(reason instanceof Error ? reason.message : String(reason));
});
const executor = openLevel(process.argv[2] as TestLevel, { size: 2 });
const ignore = () => {};

// Nobody looks: these raise.
executor.run(failOn, 3);
executor.spawn(failOn, 13, 13);
executor.map(failOn, [3]);
void executor.run(failOn, 23, 23).then(ignore);
// Somebody does, or there is nothing to look at: these do not.
executor.run(failOn, 4, 4).catch(ignore);
executor.run(failOn, 5, 5).onDone(ignore);
executor.run(failOn, 6, 6).then(ignore, ignore);
executor.run(echo, "fine");
executor.run(sleepLong).cancel();
await executor.map(failOn, [3]).then(ignore, ignore);
await withTaskGroup((group) => void group.run(executor, failOn, 7, 7)).catch(ignore);
const stopped = executor.run(failOn, 8, 8);
await stopped.stop();

await executor.drain();
for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
await executor.close();
console.log(JSON.stringify(seen.sort()));
