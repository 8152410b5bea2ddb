// The mutation test of an experiment: as the statement says it must come to one verdict, with its input swapped for the opposite to
// another. Both are run as `brigade claims` runs them, in programs of their own.
import assert from "node:assert/strict";
import { availableParallelism, loadavg } from "node:os";
import { type TestContext, test } from "node:test";
import { experimentsOf } from "../../../../src/lab/claims/all.ts";
import type { Experiment, Variant } from "../../../../src/lab/claims/experiment.ts";
import { measure } from "../../../../src/lab/claims/verify.ts";
import type { Claim } from "../../../../src/lab/report.ts";
import { experimentProgram } from "../../../../src/runtime/lab.ts";

type Verdict = Claim["verdict"];

/** Other tests run at the same time. Experiments say "undecided" rather than guess when that disturbs them: then they are asked again. */
const attempts = 6;

async function verdictOf(
  experiment: Experiment,
  variant: Variant,
  expected: readonly Verdict[],
): Promise<{ readonly verdict: Verdict; readonly seen: string }> {
  const most = expected.includes("undecided") ? 2 : attempts;
  for (let attempt = 1; ; attempt++) {
    const result = await measure(experiment, variant, experimentProgram(), undefined);
    assert.ok(!("failure" in result), `experiment ${experiment.id}, ${variant}: ${"failure" in result ? result.failure : ""}`);
    for (const [name, value] of Object.entries(result.measured)) assert.ok(Number.isFinite(value), `${name} is ${value}`);
    const { verdict, because } = experiment.judge(result.measured);
    if (verdict !== "undecided" || attempt === most) return { verdict, seen: `${because} ${JSON.stringify(result.measured)}` };
  }
}

/** No verdict in all attempts while the machine had more to do than processors: nothing has been found, and nothing refuted. */
function isDisturbed({ verdict, seen }: Awaited<ReturnType<typeof verdictOf>>, t: TestContext): boolean {
  if (verdict !== "undecided" || (loadavg()[0] ?? 0) < availableParallelism()) return false;
  t.skip(`undecided ${attempts} times on a busy machine: ${seen}`);
  return true;
}

/** Numbers of the experiments that have a mutation test in this file. */
export const flipped: number[] = [];

/** Tests that experiment `id` comes to one of the verdicts `claimed`, and with the opposite input to one of `opposite`. */
export function flips(id: number, claimed: Verdict | readonly Verdict[], opposite: Verdict | readonly Verdict[]): void {
  flipped.push(id);
  const [experiment] = experimentsOf([id]);
  assert.ok(experiment);
  const [expected, swapped] = [[claimed].flat(), [opposite].flat()];
  assert.ok(!expected.some((verdict) => swapped.includes(verdict)), `expectations of experiment ${id} overlap`);
  test(`${id}: ${experiment.statement}`, async (t) => {
    const found = await verdictOf(experiment, "claimed", expected);
    if (!expected.includes(found.verdict) && isDisturbed(found, t)) return;
    assert.ok(expected.includes(found.verdict), `${found.verdict}, not ${expected.join(" or ")}: ${found.seen}`);
  });
  test(`${id}, the opposite: ${experiment.opposite}`, async (t) => {
    const found = await verdictOf(experiment, "opposite", swapped);
    if (!swapped.includes(found.verdict) && isDisturbed(found, t)) return;
    assert.ok(swapped.includes(found.verdict), `${found.verdict}, not ${swapped.join(" or ")}: ${found.seen}`);
  });
}

/** Tests that each experiment of these numbers has its mutation test. */
export function allFlipped(from: number, to: number): void {
  test(`each statement from ${from} to ${to} has its mutation test`, () => {
    const between = experimentsOf(undefined).filter(({ id }) => id >= from && id <= to);
    assert.deepEqual(
      flipped,
      between.map(({ id }) => id),
    );
  });
}
