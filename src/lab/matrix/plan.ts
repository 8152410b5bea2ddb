// What is done, in which order: every round does each experiment on each level once, in an order that the seed shuffles anew, so that no
// experiment always follows the same other one, and a machine that slows down slows all alike.
import { seededRandom } from "../../core/random.ts";
import type { Experiment, MatrixLevel } from "./experiment.ts";

/** How much is done. */
export interface Extent {
  readonly rounds: number;
  /** Rounds of what is no matter of degree. */
  readonly onceRounds: number;
  /** Time that an experiment samples each figure for, in ms. */
  readonly timeMs: number;
  /** After the first round nothing more begins later than this, in ms. */
  readonly limitMs: number;
  /** And nothing at all begins later than this, in ms, however busy the machine: what has had no turn says so. */
  readonly endMs: number;
}

/** The whole table in two minutes, and a first look in twenty seconds, on a machine with nothing else to do. */
export const extents = {
  full: { rounds: 5, onceRounds: 1, timeMs: 100, limitMs: 105_000, endMs: 115_000 },
  quick: { rounds: 1, onceRounds: 1, timeMs: 40, limitMs: 0, endMs: 45_000 },
} as const satisfies Readonly<Record<string, Extent>>;

/** One experiment on one level in one round. */
export interface MatrixStep {
  readonly round: number;
  readonly experiment: Experiment;
  readonly level: MatrixLevel;
}

/** Every step, round after round. */
export function matrixSteps(experiments: readonly Experiment[], { rounds, onceRounds }: Extent, seed: number): MatrixStep[] {
  const random = seededRandom(seed);
  return Array.from({ length: rounds }, (_, round) => {
    const steps = experiments
      .filter(({ once }) => !once || round < onceRounds)
      .flatMap((experiment) => experiment.levels.map((level): MatrixStep => ({ round, experiment, level })));
    for (let i = steps.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      const [a, b] = [steps[i], steps[j]];
      if (a !== undefined && b !== undefined) [steps[i], steps[j]] = [b, a];
    }
    return steps;
  }).flat();
}
