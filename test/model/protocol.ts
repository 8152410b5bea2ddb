// What a model is: the real code, small programs over it in which everything that matters can go wrong, and mutants of it, each of
// which some program must catch. A model that cannot tell the code from its mutants proves nothing.
import { type Exploration, exploreShared } from "../../src/testing/explore-shared.ts";

/** One program, explored to a bound. */
export interface Scenario {
  readonly name: string;
  readonly preemptions: number;
  explore(maxRuns: number): Promise<Exploration>;
}

/** A change of the compiled source that breaks it. `from` must stand in it exactly once, so that a mutant cannot rot unnoticed. */
export interface Mutant {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

export interface Protocol {
  readonly name: string;
  /** The file under test, below src/ without extension. */
  readonly file: string;
  /** The programs over one version of the file. */
  scenarios(module: never): readonly Scenario[];
  readonly mutants: readonly Mutant[];
}

/** A program of threads over the memory that `setup` makes. */
export function scenario<S>(
  name: string,
  preemptions: number,
  setup: () => S,
  bodies: readonly ((state: S) => void)[],
  check: (state: S) => void,
): Scenario {
  return { name, preemptions, explore: (maxRuns) => exploreShared(setup, bodies, check, { preemptions, maxRuns }) };
}
