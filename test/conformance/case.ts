// The form of a case: what it shows, what it needs, and how.
import type { Capability } from "./capabilities.ts";
import type { Ground } from "./ground.ts";

/** One behaviour. */
export interface Case {
  readonly name: string;
  /** A place that lacks one of these does not run it. */
  readonly needs?: readonly Capability[];
  /** Uses the program's default pools, which are closed after the last case. */
  readonly usesDefaults?: boolean;
  readonly run: (ground: Ground) => Promise<void>;
}

/** The cases of one subject. */
export interface Subject {
  readonly name: string;
  readonly cases: readonly Case[];
  /** Whether it says something of work in place too; default true. */
  readonly inPlace?: boolean;
}
