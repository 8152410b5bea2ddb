import { portable } from "../../wire/portable.ts";
import { doesNotHold, experiment, holds } from "./experiment.ts";

let variable = 0;

/** What this variable is where the function runs, which then changes it. */
export const swap = portable(import.meta, "claim21.swap", (): number => {
  const before = variable;
  variable = 2;
  return before;
});

export const ownGlobals = experiment({
  id: 21,
  statement: "A process cannot see another's variables: each has its own copy of globals.",
  tried: "The program sets a variable; a child process reads it and changes its own; the program looks again.",
  opposite: "A coroutine of the same process does so.",
  async run({ processes, coroutines }, variant) {
    variable = 1;
    const seenByOther = variant === "claimed" ? await processes.run(swap) : await coroutines.run(swap);
    return { otherSawOurs: seenByOther === 1 ? 1 : 0, weSawOthers: variable === 2 ? 1 : 0 };
  },
  judge({ otherSawOurs, weSawOthers }) {
    const not = (seen: number) => (seen ? "saw" : "did not see");
    const seen = `The other ${not(otherSawOurs)} what this program had set, and this program ${not(weSawOthers)} what the other set.`;
    return otherSawOurs + weSawOthers === 0 ? holds(seen) : doesNotHold(seen);
  },
});
