import { openProcesses, WorkerLostError } from "../../../runtime/index.ts";
import { recordTrace } from "../../../runtime/observe.ts";
import type { Chapter } from "../chapter.ts";
import { chop, explode } from "../work.ts";

export const processes: Chapter = {
  title: "Process",
  picture: "Houses. Each has its own furniture, and food is driven over. When one burns down, the others stand.",
  async play(stage) {
    await using street = openProcesses({ size: 2, name: "house" });
    await street.warm(2);
    const trace = await recordTrace(() =>
      Promise.allSettled([street.run(chop, 60), street.run(explode), ...Array.from({ length: 4 }, () => street.run(chop, 40))]),
    );
    stage.lanes("process", trace);
    const outcomes = trace.outcome.state === "succeeded" ? trace.outcome.value : [];
    const lost = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
    const clear = lost.every((error) => error instanceof WorkerLostError);
    stage.say(
      `One process was killed in the middle of a task (x). ${lost.length} of ${outcomes.length} tasks failed${clear ? ", with an error that says so" : ""}; the rest were done by the others, and by a new one.`,
    );
  },
};
