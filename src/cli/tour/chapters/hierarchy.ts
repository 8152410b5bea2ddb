import { all, openProcesses, openThreads } from "../../../runtime/index.ts";
import type { Chapter } from "../chapter.ts";
import { whereAmI } from "../work.ts";

export const hierarchy: Chapter = {
  title: "The hierarchy",
  picture: "A house is a process. The family in it are threads. What each of them has begun, and put aside for a moment, are coroutines.",
  async play(stage) {
    await using family = openThreads({ size: 2, name: "person" });
    await using houses = openProcesses({ size: 1, name: "house" });
    const here = process.pid;
    const [people, [away]] = await Promise.all([family.broadcast(whereAmI), houses.broadcast(whereAmI)]);
    const begun = await all([async () => whereAmI(), async () => whereAmI()]);
    stage.show(
      `process ${here}`,
      `├─ main thread: ${begun.length} coroutines, both in process ${begun[0].process}`,
      ...people.map(({ process: pid, thread }, n) => `${n < people.length - 1 ? "├" : "└"}─ thread ${thread}, in process ${pid}`),
      `process ${away?.process}`,
      "└─ its main thread",
    );
    stage.say("Threads have the house in common, so they end with it. The other process is a house of its own.");
  },
};
