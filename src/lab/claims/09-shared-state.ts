import { grouped } from "../text/units.ts";
import { doesNotHold, experiment, holds } from "./experiment.ts";

const [coroutines, times] = [10, 200] as const;

export const sharedState = experiment({
  id: 9,
  statement: "Coroutines of one thread share state without locks, mostly: only an await between read and write loses updates.",
  tried: "Ten coroutines add to one number 200 times each, without and with an await between reading and writing it.",
  opposite: "Those with the await hold a lock meanwhile.",
  async run(kit, variant) {
    const mutex = kit.newMutex();
    const guarded = <R>(step: () => Promise<R>): Promise<R> => (variant === "claimed" ? step() : mutex.with(step));
    let [inOneGo, across] = [0, 0];
    const add = async (): Promise<void> => {
      for (let time = 0; time < times; time++) {
        inOneGo += 1;
        await guarded(async () => {
          const read = across;
          await undefined;
          across = read + 1;
        });
      }
    };
    await Promise.all(Array.from({ length: coroutines }, () => kit.coroutines.run(add)));
    const all = coroutines * times;
    return { updates: all, lostWithout: all - inOneGo, lostWith: all - across };
  },
  judge({ updates, lostWithout, lostWith }) {
    const seen = `Of ${grouped(updates)} updates ${grouped(lostWithout)} were lost without an await in between, ${grouped(lostWith)} with one.`;
    return lostWithout === 0 && lostWith > 0 ? holds(seen) : doesNotHold(seen);
  },
});
