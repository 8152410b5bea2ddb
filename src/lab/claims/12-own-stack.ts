import { portable } from "../../wire/portable.ts";
import { grouped } from "../text/units.ts";
import { doesNotHold, experiment, holds } from "./experiment.ts";

let local = "main";

/** Sets this thread's variable, and says how deep a recursion can go from here. */
export const depthAndLocal = portable(import.meta, "claim12.depthAndLocal", (): number => {
  local = "other";
  return deepest();
});

export const ownStack = experiment({
  id: 12,
  statement: "Each thread has its own stack and its own thread-local storage.",
  tried: "With most of its stack in use, the main thread lets another thread recurse as deep as it can and set a variable.",
  opposite: "The same function is called on the main thread.",
  async run({ openThreads }, variant) {
    const threads = openThreads({ size: 1 });
    // compiled code needs less stack: both are as warm as they get before anything counts
    let [depthAlone, whole] = [0, 0];
    for (let round = 0; round < 8; round++) {
      whole = deepest();
      depthAlone = variant === "claimed" ? await threads.run(depthAndLocal) : whole;
    }
    const call = () => (variant === "claimed" ? threads.run(depthAndLocal).joinSync() : depthAndLocal());
    const depthBesideDeepStack = sink(Math.floor(whole * 0.7), call);
    return { depthAlone, depthBesideDeepStack, variableChangedHere: local === "other" ? 1 : 0 };
  },
  judge({ depthAlone, depthBesideDeepStack, variableChangedHere }) {
    const seen = `Beside a deep stack it went ${grouped(depthBesideDeepStack)} calls deep, alone ${grouped(depthAlone)}; the variable it set was ${variableChangedHere ? "the main thread's as well" : "its own"}.`;
    return depthBesideDeepStack > depthAlone * 0.65 && variableChangedHere === 0 ? holds(seen) : doesNotHold(seen);
  },
});

/** Calls until the stack is full; how deep that was. */
function deepest(): number {
  reached = 0;
  try {
    sink(Number.POSITIVE_INFINITY, () => 0);
  } catch {
    // the end of the stack is what was looked for
  }
  return reached;
}

let reached = 0;

/** Calls itself so many times, and `bottom` there. */
function sink(depth: number, bottom: () => number): number {
  reached++;
  return depth === 0 ? bottom() : sink(depth - 1, bottom);
}
