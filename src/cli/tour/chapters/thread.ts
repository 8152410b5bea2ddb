import { openThreads } from "../../../runtime/index.ts";
import { SharedArena } from "../../../runtime/shared.ts";
import type { Chapter } from "../chapter.ts";
import { fill, forever } from "../work.ts";

export const threads: Chapter = {
  title: "Thread",
  picture: "Several cooks in one kitchen. They share the shelf, each has their own hands, and the operating system says whose turn it is.",
  async play(stage) {
    await using kitchen = openThreads({ size: 2, name: "cook" });
    await kitchen.warm(2);
    const shelf = SharedArena.create(64).counter();
    const own = await kitchen.broadcast(fill, shelf, 50_000);
    stage.say(
      `${own.length} threads put 50,000 jars each on a common shelf, which now has ${shelf.value.toLocaleString("en")}. Each also counted in an ordinary variable: ${own.map((count) => count.toLocaleString("en")).join(" and ")}. An ordinary variable is never shared.`,
    );
    const loop = kitchen.with({ grace: 20 }).run(forever);
    for await (const report of loop.progress) if (report === "in the loop") break;
    let ticks = 0;
    const clock = setInterval(() => ticks++, 5);
    await new Promise((resolve) => setTimeout(resolve, 100));
    clearInterval(clock);
    loop.cancel("enough");
    await loop.catch(() => {});
    stage.say(
      `One of them was in an endless loop. Meanwhile this thread's clock ticked ${ticks} times, and then the loop was ended from outside: ${loop.state}.`,
    );
  },
};
