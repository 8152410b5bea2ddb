import { all, checkpoint, sleep } from "../../../runtime/index.ts";
import { type Chapter, milliseconds } from "../chapter.ts";

export const pitfalls: Chapter = {
  title: "Pitfalls",
  picture: "The cook who chops and never looks up: all other dishes burn.",
  async play(stage) {
    const rude = await lateness(false);
    const polite = await lateness(true);
    stage.say(
      `A timer of 10 ms, while somebody chops for 100 ms on the same thread, is ${milliseconds(rude)} late. If the one who chops looks up now and then (checkpoint), ${milliseconds(polite)}.`,
    );
  },
};

/** By how many ms a timer is late beside a busy coroutine. */
async function lateness(polite: boolean): Promise<number> {
  const start = performance.now();
  let lateMs = 0;
  await all([
    async () => {
      const end = performance.now() + 100;
      while (performance.now() < end) if (polite) await checkpoint();
    },
    async () => {
      await sleep(10);
      lateMs = performance.now() - start - 10;
    },
  ]);
  return Math.max(0, lateMs);
}
