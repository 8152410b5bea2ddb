import { portable } from "../../wire/portable.ts";
import { doesNotHold, experiment, holds, holdsWithALimit } from "./experiment.ts";
import { crashNatively } from "./failures.ts";
import type { Kit } from "./kit.ts";

/** Ends as it is told. */
export const failAs = portable(import.meta, "claim18.failAs", (kind: "exception" | "abort" | "crash"): void => {
  if (kind === "abort") process.abort();
  if (kind === "crash") crashNatively();
  throw new RangeError("an exception");
});

export const failuresInThreads = experiment({
  id: 18,
  statement: "An exception in a thread is contained; a native crash or process.abort() in a thread ends the whole process.",
  tried: "In three programs a thread throws, aborts, and runs into a trap of the processor; does the program answer afterwards?",
  opposite: "It is a child process that does so.",
  async run({ program }) {
    const ends = { exception: await program("exception"), abort: await program("abort"), crash: await program("crash") };
    const survived = (kind: keyof typeof ends) => ("measured" in ends[kind] ? 1 : 0);
    const refused = "measured" in ends.abort ? (ends.abort.measured["refused"] ?? 0) : 0;
    return {
      abortRefused: refused,
      survivedException: survived("exception"),
      survivedAbort: survived("abort"),
      survivedCrash: survived("crash"),
    };
  },
  parts: {
    exception: (kit, variant) => fail(kit, variant === "claimed", "exception"),
    abort: (kit, variant) => fail(kit, variant === "claimed", "abort"),
    crash: (kit, variant) => fail(kit, variant === "claimed", "crash"),
  },
  judge({ survivedException, survivedAbort, survivedCrash, abortRefused }) {
    const ended = (survived: number) => (survived ? "left the program running" : "ended the program");
    const abort = abortRefused ? "process.abort() was refused there" : `process.abort() ${ended(survivedAbort)}`;
    const seen = `The exception ${ended(survivedException)}, the native crash ${ended(survivedCrash)}, ${abort}.`;
    if (survivedException === 0 || survivedCrash === 1) return doesNotHold(seen);
    return survivedAbort === 0 ? holds(seen) : holdsWithALimit(seen);
  },
});

async function fail({ openThreads, openProcesses }: Kit, onThread: boolean, kind: "exception" | "abort" | "crash") {
  const pool = onThread ? openThreads({ size: 1 }) : openProcesses({ size: 1 });
  const error = await pool.run(failAs, kind).catch((reason: unknown) => reason);
  // Node refuses some calls in worker threads
  return { refused: error instanceof Error && "code" in error && error.code === "ERR_WORKER_UNSUPPORTED_OPERATION" ? 1 : 0 };
}
