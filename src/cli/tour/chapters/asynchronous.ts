import { map } from "../../../runtime/index.ts";
import { recordTrace } from "../../../runtime/observe.ts";
import { type Chapter, milliseconds } from "../chapter.ts";
import { ask } from "../work.ts";

export const asynchronous: Chapter = {
  title: "Synchronous, asynchronous",
  picture: "Synchronous: ask, wait for the answer, ask the next. Asynchronous: ask all of them, and take the answers as they come.",
  async play(stage) {
    const waits = [80, 120, 60];
    const inTurn = await recordTrace(() => map(waits, ask, { concurrency: 1 }));
    const atOnce = await recordTrace(() => map(waits, ask));
    stage.lanes("in turn", inTurn);
    stage.lanes("at once", atOnce);
    const end = (trace: typeof inTurn) => Math.max(...trace.spans.map((span) => span.endMs));
    stage.say(
      `Waits of ${waits.join(", ")} ms. In turn they took ${milliseconds(end(inTurn))}, the sum; at once ${milliseconds(end(atOnce))}, about the longest.`,
    );
  },
};
