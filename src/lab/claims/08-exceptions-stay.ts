import { sleep } from "../../core/waiting.ts";
import { doesNotHold, experiment, holds } from "./experiment.ts";
import type { Kit } from "./kit.ts";

export const exceptionsStay = experiment({
  id: 8,
  statement: "An exception stays within its task, unless nobody handles it.",
  tried: "One of three tasks throws: in one program its failure is handled, in another nobody asks for it.",
  opposite: "Nobody asks for it in the first program either.",
  async run({ program }, variant) {
    const handled = await program(variant === "claimed" ? "handled" : "unhandled");
    const unhandled = await program("unhandled");
    return {
      othersDoneWhenHandled: "measured" in handled ? (handled.measured["othersDone"] ?? 0) : 0,
      programEndedWhenUnhandled: "failure" in unhandled && unhandled.status === "exit code 1" ? 1 : 0,
    };
  },
  parts: {
    handled: async (kit) => {
      const { failing, others } = start(kit);
      await failing.catch(() => {});
      return { othersDone: await others };
    },
    unhandled: async (kit) => ({ othersDone: await start(kit).others }),
  },
  judge({ othersDoneWhenHandled: done, programEndedWhenUnhandled: ended }) {
    const seen = `${done === 2 ? "Handled, it left the two other tasks running" : `${done} of two other tasks finished beside it`}; unhandled, it ${ended ? "ended" : "did not end"} the program.`;
    return done === 2 && ended === 1 ? holds(seen) : doesNotHold(seen);
  },
});

function start({ coroutines }: Kit) {
  let failed = false;
  const other = async (): Promise<number> => {
    // in progress when the other fails, and for a while afterwards
    while (!failed) await sleep(1);
    await sleep(30);
    return 1;
  };
  const first = coroutines.run(other);
  const failing = coroutines.run(async () => {
    await sleep(5);
    failed = true;
    throw new RangeError("one task fails");
  });
  const second = coroutines.run(other);
  return { failing, others: Promise.all([first, second]).then((done) => done.length) };
}
