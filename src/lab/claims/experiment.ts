// One statement, and how it is tried. An experiment has two halves that never meet: `run` measures and knows no verdict; `judge` gives
// the verdict from the figures alone. Its input can be swapped for the opposite, and then the verdict must be another: that is how
// the tests know that it looks at what it says.
import type { Claim } from "../report.ts";
import type { Kit } from "./kit.ts";

/** As the statement says, or with its input swapped for the opposite. */
export type Variant = "claimed" | "opposite";

/** Figures by name; the unit stands in the name. */
export type Measured = Readonly<Record<string, number>>;

/** A verdict and the limit, the reason, or why there is none. */
export type Judgement = Pick<Claim, "verdict" | "because">;

/** A statement with its experiment. `run` is called in a program of its own, which ends afterwards. */
export interface Experiment<M extends Measured = Measured> {
  /** Number of the statement, from 1. */
  readonly id: number;
  /** In our own words. */
  readonly statement: string;
  /** What is run. */
  readonly tried: string;
  /** What the opposite variant does instead. */
  readonly opposite: string;
  /** Measures. What it throws means that the experiment could not run. */
  run(kit: Kit, variant: Variant): Promise<M>;
  /** Programs of their own for what may take its program with it; started by `kit.program`. */
  readonly parts?: Readonly<Record<string, (kit: Kit, variant: Variant) => Promise<Measured>>>;
  /** The verdict. Pure: the same figures, the same verdict. */
  judge(measured: M): Judgement;
}

/** Gives `judge` the names that `run` returns. */
export function experiment<M extends Measured>(claim: Experiment<M>): Experiment {
  return claim as unknown as Experiment;
}

export function holds(because: string): Judgement {
  return { verdict: "holds", because };
}

export function holdsWithALimit(because: string): Judgement {
  return { verdict: "holds-with-a-limit", because };
}

export function doesNotHold(because: string): Judgement {
  return { verdict: "does-not-hold-here", because };
}

export function undecided(because: string): Judgement {
  return { verdict: "undecided", because };
}
