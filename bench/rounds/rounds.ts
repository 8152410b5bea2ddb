// Interleaved rounds: each subject at each size once a round, so that all meet the same weather.
import type { Series } from "../report/rows.ts";
import type { Case, Subject } from "../suites/suite.ts";
import type { Command, Launch } from "./launch.ts";

/** How to measure. */
export interface Measuring {
  readonly rounds: number;
  readonly timeMs: number;
  readonly launchOf: (subject: Subject) => Launch;
  /** Takes one sample; rejects when the subject fails. */
  readonly take: (command: Command, signal: AbortSignal) => Promise<number>;
  readonly signal: AbortSignal;
  readonly onProgress: (round: number, label: string) => void;
}

/** A series on its way. */
interface Entry extends Series {
  readonly launch: Launch;
  readonly samples: number[];
  note: string | undefined;
}

/** Measures one case. A subject that cannot run or fails is left out from there on, with a note. Rejects when `signal` aborts. */
export async function measureCase(bench: Case, options: Measuring): Promise<readonly Series[]> {
  const { rounds, timeMs, launchOf, take, signal, onProgress } = options;
  const entries: Entry[] = bench.sizes.flatMap((size) =>
    bench.subjects.map((subject) => {
      const launch = launchOf(subject);
      return { subject, size, launch, label: launch.label, samples: [], note: "missing" in launch ? launch.missing : undefined };
    }),
  );
  for (let round = 0; round < rounds; round++) {
    // Each round begins with another, so that nobody is always first after a pause or last on a hot processor.
    const turned = [...entries.slice(round % entries.length), ...entries.slice(0, round % entries.length)];
    for (const entry of turned) {
      const { launch, size } = entry;
      if (entry.note !== undefined || "missing" in launch) continue;
      signal.throwIfAborted();
      onProgress(round + 1, entry.label);
      try {
        entry.samples.push(await take(launch.command(bench, { size, timeMs }), signal));
      } catch (error) {
        signal.throwIfAborted();
        entry.note = `failed in round ${round + 1}: ${error instanceof Error ? error.message : String(error)}`;
      }
    }
  }
  return entries;
}
