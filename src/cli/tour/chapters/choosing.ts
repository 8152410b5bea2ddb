import { type Executor, map, openThreads, serial } from "../../../runtime/index.ts";
import { amountFor, type Chapter, milliseconds, timed } from "../chapter.ts";
import { ask, crumb, knead } from "../work.ts";

export const choosing: Chapter = {
  title: "When to use which",
  picture:
    "Does it mostly wait? Coroutines. Does it compute, for longer than sending it takes? Threads; processes if it may crash. Is it a crumb? In place.",
  async play(stage) {
    await using threads = openThreads({ size: 2 });
    const amount = amountFor(20, knead);
    await threads.broadcast(knead, amount); // for the compiler
    const works = [
      [
        "40 waits of 10 ms",
        (level: Executor) =>
          level.map(
            ask,
            Array.from({ length: 40 }, () => 10),
          ),
      ],
      [
        "8 times 20 ms of work",
        (level: Executor) =>
          level.map(
            knead,
            Array.from({ length: 8 }, () => amount),
          ),
      ],
      [
        "500 crumbs, one by one",
        async (level: Executor) => {
          for (let n = 0; n < 500; n++) await level.run(crumb, n);
        },
      ],
    ] as const;
    const rows: string[] = [];
    for (const [name, work] of works) {
      const inPlace = await timed(() => work(serial));
      const onThreads = await timed(() => work(threads));
      rows.push(`${name.padEnd(24)}${milliseconds(inPlace.ms).padStart(9)}${milliseconds(onThreads.ms).padStart(11)}`);
    }
    const overlapped = await timed(() =>
      map(
        Array.from({ length: 40 }, () => 10),
        ask,
      ),
    );
    stage.show(`${"".padEnd(24)}${"in place".padStart(9)}${"2 threads".padStart(11)}`, ...rows);
    stage.say(
      `The waits, all at once as coroutines: ${milliseconds(overlapped.ms)}. Where each of the three belongs is for the figures to say.`,
    );
  },
};
