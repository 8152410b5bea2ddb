import { availableParallelism } from "node:os";
import { coroutines, openThreads, serial } from "../../../runtime/index.ts";
import { amountFor, type Chapter, milliseconds, timed } from "../chapter.ts";
import { knead } from "../work.ts";

export const misconceptions: Chapter = {
  title: "Misconceptions",
  picture: "“Coroutines are faster for everything.” “More threads, more speed.” Ask the clock.",
  async play(stage) {
    const amount = amountFor(30, knead);
    const work = Array.from({ length: 4 }, () => amount);
    const alone = await timed(() => serial.map(knead, work));
    const turns = await timed(() => coroutines.map(knead, work));
    const rows = [`in place       ${milliseconds(alone.ms).padStart(8)}`, `4 coroutines   ${milliseconds(turns.ms).padStart(8)}`];
    let best = 0;
    for (const size of [1, 2, 4]) {
      await using pool = openThreads({ size });
      await pool.warm(size);
      await pool.broadcast(knead, amount); // for the compiler
      const { ms } = await timed(() => pool.map(knead, work, { chunk: 1 }));
      best = Math.max(best, alone.ms / ms);
      rows.push(`${size} ${size === 1 ? "thread " : "threads"}      ${milliseconds(ms).padStart(8)}`);
    }
    stage.show(...rows);
    stage.say(
      `Four times the same work, about 30 ms each, on ${availableParallelism()} processors. As coroutines it went ${(alone.ms / turns.ms).toFixed(1)} times as fast as in place, on threads ${best.toFixed(1)} times at best.${best < 1.2 ? " That is no gain: the processors are busy with something else just now." : ""}`,
    );
  },
};
