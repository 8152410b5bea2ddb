import { coroutines, openProcesses, openThreads } from "../../../runtime/index.ts";
import { recordTrace } from "../../../runtime/observe.ts";
import type { Chapter } from "../chapter.ts";
import { cook } from "../work.ts";

export const concepts: Chapter = {
  title: "Coroutine, thread, process",
  picture:
    "One cook with many dishes, who turns to another while one simmers: coroutines. Several cooks in one kitchen, with one fridge: threads. Each cook in a kitchen of their own: processes.",
  async play(stage) {
    await using kitchen = openThreads({ size: 2, name: "cook" });
    await using street = openProcesses({ size: 2, name: "kitchen" });
    await Promise.all([kitchen.warm(2), street.warm(2)]);
    for (const [title, level] of [
      ["coroutine", coroutines],
      ["thread", kitchen],
      ["process", street],
    ] as const) {
      stage.lanes(title, await recordTrace(() => level.map(cook, [60, 60], { chunk: 1 })));
    }
    stage.say(
      "Two dishes of 60 ms on each, half of it simmering (· where this thread can see it). The same function every time; what differs is who cooks, and who can cook at the same time.",
    );
  },
};
