import { openThreads } from "../../../runtime/index.ts";
import type { Chapter } from "../chapter.ts";
import { ask } from "../work.ts";

export const blocking: Chapter = {
  title: "Blocking, non-blocking",
  picture: "Blocking: you stand at the door until it opens. Non-blocking: you leave a note, and go on cooking.",
  async play(stage) {
    await using pool = openThreads({ size: 1 });
    await pool.warm(1);
    let ticks = 0;
    const clock = setInterval(() => ticks++, 5);
    pool.run(ask, 120).joinSync();
    const blocked = ticks;
    await pool.run(ask, 120);
    const free = ticks - blocked;
    clearInterval(clock);
    stage.say(
      `A thread was given something that takes 120 ms. While this one stood at the door (joinSync), its clock ticked ${blocked} times. While it awaited the same, ${free} times.`,
    );
  },
};
