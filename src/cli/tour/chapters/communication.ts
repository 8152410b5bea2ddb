import { Channel, coroutines, type Executor, openProcesses, openThreads } from "../../../runtime/index.ts";
import { type Chapter, milliseconds, timed } from "../chapter.ts";
import { echo } from "../work.ts";

const letters = 1_000;

export const communication: Chapter = {
  title: "Communication",
  picture: "At one desk you say it. In one office you put it on the common shelf. To another office you write a letter.",
  async play(stage) {
    await using office = openThreads({ size: 1 });
    await using elsewhere = openProcesses({ size: 1 });
    const lines: string[] = [];
    for (const [name, level] of [
      ["coroutine", coroutines],
      ["thread", office],
      ["process", elsewhere],
    ] as readonly (readonly [string, Executor])[]) {
      const [there, back] = [new Channel<number>(), new Channel<number>()];
      const clerk = level.run(echo, there.receiver(), back.sender());
      await there.send(0);
      await back.receive();
      const { ms } = await timed(async () => {
        for (let letter = 1; letter <= letters; letter++) {
          await there.send(letter);
          await back.receive();
        }
      });
      there.close();
      await clerk;
      lines.push(`${name.padEnd(10)} ${milliseconds(ms / letters).padStart(8)} there and back`);
    }
    stage.show(...lines);
    stage.say(
      "The same two channels, with the same function at the other end. The farther away it is, the longer a letter takes: so send few large ones rather than many small ones.",
    );
  },
};
