import { availableParallelism } from "node:os";
import { openThreads, serial } from "../../../runtime/index.ts";
import { recordTrace } from "../../../runtime/observe.ts";
import { amountFor, type Chapter, milliseconds } from "../chapter.ts";
import { knead } from "../work.ts";

export const parallel: Chapter = {
  title: "Serial, concurrent, parallel",
  picture:
    "Serial: one dish after the other. Concurrent: several dishes in progress, one cook. Parallel: several cooks at the same instant.",
  async play(stage) {
    await using cooks = openThreads({ size: 2, name: "cook" });
    const amount = amountFor(60, knead);
    await cooks.broadcast(knead, amount); // for the compiler
    const dishes = Array.from({ length: 4 }, () => amount);
    const inTurn = await recordTrace(() => serial.map(knead, dishes));
    const together = await recordTrace(() => cooks.map(knead, dishes, { chunk: 1 }));
    stage.lanes("serial", inTurn);
    stage.lanes("parallel", together);
    const end = (trace: typeof inTurn) => Math.max(...trace.spans.map((span) => span.endMs));
    stage.say(
      `The same work, ${milliseconds(end(inTurn))} by one, ${milliseconds(end(together))} by two: ${(end(inTurn) / end(together)).toFixed(1)} times as fast on ${availableParallelism()} processors. (Concurrent, on one thread, is chapter 5: it helps with waiting, not with work.)`,
    );
  },
};
