import { map, sleep } from "../../../runtime/index.ts";
import { recordTrace } from "../../../runtime/observe.ts";
import { type Chapter, milliseconds, timed } from "../chapter.ts";
import { ask } from "../work.ts";

const many = 20_000;

export const coroutines: Chapter = {
  title: "Coroutine",
  picture: "You read, put the book down, fetch a glass of water, and read on from the same line. One person, two things in progress.",
  async play(stage) {
    const trace = await recordTrace(() => map([150, 150, 150], ask));
    stage.lanes("coroutine", trace);
    const longest = Math.max(...trace.spans.map((span) => span.endMs));
    stage.say(`Three waits of 150 ms, and all were over after ${milliseconds(longest)}.`);
    const before = process.memoryUsage().rss;
    let most = 0;
    const { ms } = await timed(() =>
      map(Array.from({ length: many }), async () => {
        await sleep(100);
        most = Math.max(most, process.memoryUsage.rss());
      }),
    );
    stage.say(
      `${many.toLocaleString("en")} of them at once, each waiting 100 ms: ${milliseconds(ms)}, about ${(Math.max(0, most - before) / many / 1_024).toFixed(1)} KB each.`,
    );
  },
};
