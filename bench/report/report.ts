// What a run of a suite says, as `--json` prints it.
import type { Machine } from "../../src/lab/report.ts";

/** One run of one suite. */
export interface Report {
  readonly suite: string;
  readonly machine: Omit<Machine, "runtime">;
  /** Version of the Node that was measured, such as `20.20.2`. */
  readonly node: string;
  /** As `git describe` says it; ends in `-dirty` when files had changed. `null` without git. */
  readonly commit: string | null;
  /** ISO 8601. */
  readonly date: string;
  readonly rows: readonly Row[];
}

/** One subject on one case. */
export interface Row {
  readonly case: string;
  /** `brigade`, `limit: what it is`, or the rival's `name@version`. */
  readonly subject: string;
  /** The median of the samples; `null` when there are none. */
  readonly value: number | null;
  readonly unit: string;
  /** One of each round. */
  readonly samples: readonly number[];
  /** How many times better brigade is; 1 on its own row, `null` where one of the two was not measured. */
  readonly ratio: number | null;
  /** Why there are fewer samples than rounds. */
  readonly note?: string;
}
