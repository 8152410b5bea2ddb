import { all, DeadlockError, Event, Mutex, sleep } from "../../../runtime/index.ts";
import type { Chapter } from "../chapter.ts";

export const synchronisation: Chapter = {
  title: "Synchronisation",
  picture:
    "Two look into the jar, both see three eggs, both take one, both write “two left”. So there is one key to the jar, and a line for it.",
  async play(stage) {
    const cooks = 10;
    let eggs = 100;
    const takeOne = async () => {
      const seen = eggs;
      await sleep(0);
      eggs = seen - 1;
    };
    await all(Array.from({ length: cooks }, () => takeOne));
    const careless = eggs;
    eggs = 100;
    const jar = new Mutex({ name: "jar" });
    await all(Array.from({ length: cooks }, () => () => jar.with(takeOne)));
    stage.say(
      `${cooks} cooks take an egg each out of 100, with an await between looking and writing. In the book: ${careless}. With a lock: ${eggs}.`,
    );

    const [oven, mixer] = [new Mutex({ name: "oven" }), new Mutex({ name: "mixer" })];
    const [first, second] = [new Event(), new Event()];
    const failure = await all([() => oven.with(() => meet(first, second, mixer)), () => mixer.with(() => meet(second, first, oven))]).catch(
      (error: unknown) => error,
    );
    const causes: readonly unknown[] = failure instanceof AggregateError ? failure.errors : [failure];
    const deadlock = causes.find((cause) => cause instanceof DeadlockError);
    stage.say(
      `Ann has the oven and wants the mixer, Ben has the mixer and wants the oven: they would stand there for ever. ${deadlock === undefined ? "Nobody noticed." : `brigade says: “${firstSentence(String(deadlock.message))}”`}`,
    );
  },
};

/** Says that one's own lock is held, waits for the other to say so, and wants the other's. */
async function meet(mine: Event, others: Event, wanted: Mutex): Promise<void> {
  mine.set();
  await others.wait();
  await wanted.with(() => {});
}

function firstSentence(text: string): string {
  return /^.*?[.](?=\s|$)/s.exec(text)?.[0] ?? text;
}
