import { portable } from "../../wire/portable.ts";
import { doesNotHold, experiment, holds, holdsWithALimit } from "./experiment.ts";

let ordinary = 1;

/** Writes what it can reach: bytes it was given, and a variable of this module. */
export const writeBoth = portable(import.meta, "claim11.writeBoth", (bytes: Uint8Array): number => {
  bytes[0] = 2;
  ordinary = 2;
  return ordinary;
});

export const sharedMemory = experiment({
  id: 11,
  statement: "Threads share memory: what one writes, another sees.",
  tried: "A thread writes to shared memory that it was given, and to a variable of its module; then the main thread looks.",
  opposite: "The memory is not shared.",
  async run({ threads }, variant) {
    const bytes = variant === "claimed" ? new Uint8Array(new SharedArrayBuffer(8)) : new Uint8Array(8);
    const written = await threads.run(writeBoth, bytes);
    return { sharedWriteSeen: bytes[0] === 2 ? 1 : 0, variableWritten: written === 2 ? 1 : 0, variableSeen: ordinary === 2 ? 1 : 0 };
  },
  judge({ sharedWriteSeen, variableWritten, variableSeen }) {
    if (variableWritten === 1 && variableSeen === 1 && sharedWriteSeen === 1) return holds("Both writes were seen.");
    if (sharedWriteSeen === 0) return doesNotHold("What the thread wrote was not seen.");
    return holdsWithALimit(
      "The write to shared memory was seen, the one to an ordinary variable was not: unlike Python's, each thread has its own.",
    );
  },
});
