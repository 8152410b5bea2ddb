// From what a run brought to what two runs can be compared by: outcomes as every level would see them, one digest each.
import { NotSerializableError } from "../../contract/errors.ts";
import type { Outcome } from "../../contract/task.ts";
import { canonicalLines, describeError, digest, digestBytes, type ItemOutcome } from "./canonical.ts";
import type { MeasureJob, RunReport } from "./protocol.ts";

/** The outcome as another level would have brought it: what cannot travel is a failure here too, so that levels agree. */
export function settle(outcome: Outcome<unknown>, clone: ((value: unknown) => unknown) | undefined): ItemOutcome {
  if (outcome.state !== "succeeded") return { error: outcome.error };
  if (clone === undefined) return { value: outcome.value };
  try {
    return { value: clone(outcome.value) };
  } catch (error) {
    if (error instanceof NotSerializableError) return { error };
    throw error;
  }
}

/** Digests, failures and the first outcome that does not agree with the reference of `job`. */
export function judge(
  outcomes: readonly ItemOutcome[],
  job: Pick<MeasureJob, "reference" | "linesOf">,
): Pick<RunReport, "failed" | "failures" | "digests" | "lines"> {
  const digests = Buffer.alloc(outcomes.length * digestBytes);
  const failures: { item: number; message: string }[] = [];
  let failed = 0;
  let shown = job.linesOf;
  outcomes.forEach((outcome, item) => {
    const from = item * digestBytes;
    const own = digest(outcome);
    own.copy(digests, from);
    if ("error" in outcome) {
      failed++;
      if (failures.length < 5) failures.push({ item, message: describeError(outcome.error) });
    }
    if (job.reference !== undefined && shown === undefined && !own.equals(job.reference.subarray(from, from + digestBytes))) shown = item;
  });
  const chosen = shown === undefined ? undefined : outcomes[shown];
  const lines = shown === undefined || chosen === undefined ? undefined : { item: shown, lines: canonicalLines(chosen) };
  return { failed, failures, digests: digests.toString("base64"), lines };
}
