// One means of communication: how long a small message there and back takes, and how many bytes a second go there in large ones.
import { type Experiment, matrixLevels } from "../experiment.ts";
import { largeBytes, type Means } from "../means/means.ts";
import { microseconds } from "../samples.ts";

/** Tries a means. Figures: `roundTripUs`, `megabytesPerSecond`. */
export function ipc(means: Means): Experiment {
  return {
    id: `ipc-${means.id}`,
    title: `messages by ${means.title}`,
    levels: matrixLevels.filter((level) => means.made[level] !== undefined),
    async run(level, host) {
      const line = await means.open(level, host);
      const roundTripUs = await microseconds(line.ask, host.timeMs);
      const shipUs = line.ship === undefined ? undefined : await microseconds(line.ship, host.timeMs);
      line.close();
      const made = means.made[level] ?? "";
      const words = { roundTripUs: made, megabytesPerSecond: made };
      return shipUs === undefined
        ? { figures: { roundTripUs }, words, missing: { megabytesPerSecond: "a reference is handed over, nothing is copied" } }
        : { figures: { roundTripUs, megabytesPerSecond: shipUs.map((us) => largeBytes / us) }, words };
    },
  };
}
