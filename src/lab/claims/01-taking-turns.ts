import { threadId } from "node:worker_threads";
import { doesNotHold, experiment, holds } from "./experiment.ts";

export const takingTurns = experiment({
  id: 1,
  statement: "A coroutine pauses at await, and others run meanwhile: A1 B1 A2 B2, on one thread.",
  tried: "Two coroutines note three steps each, with an await between the steps.",
  opposite: "No await between the steps.",
  async run({ coroutines }, variant) {
    const steps: string[] = [];
    const threads = new Set<number>();
    const walk = async (name: string): Promise<void> => {
      for (let step = 1; step <= 3; step++) {
        steps.push(name);
        threads.add(threadId);
        if (variant === "claimed") await undefined;
      }
    };
    await Promise.all([coroutines.run(() => walk("A")), coroutines.run(() => walk("B"))]);
    const turns = steps.filter((name, index) => index > 0 && name !== steps[index - 1]).length;
    return { steps: steps.length, turns, threads: threads.size };
  },
  judge({ steps, turns, threads }) {
    const seen = `${turns} of ${steps - 1} times the next step was the other coroutine's, on ${threads} ${threads === 1 ? "thread" : "threads"}.`;
    return turns === steps - 1 && threads === 1 ? holds(seen) : doesNotHold(seen);
  },
});
