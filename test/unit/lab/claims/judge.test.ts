// Verdicts come from the figures alone: judges are given figures that nobody measured.
import assert from "node:assert/strict";
import { test } from "node:test";
import { experiments, experimentsOf } from "../../../../src/lab/claims/all.ts";
import type { Experiment, Measured } from "../../../../src/lab/claims/experiment.ts";
import { runClaims } from "../../../../src/lab/claims/verify.ts";
import type { Claim, ClaimsReport } from "../../../../src/lab/report.ts";
import { experimentProgram, renderText, verifyClaims } from "../../../../src/runtime/lab.ts";

function judge(id: number, measured: Measured): Claim["verdict"] {
  const [experiment] = experimentsOf([id]);
  assert.ok(experiment);
  return experiment.judge(measured).verdict;
}

const range = (name: string, [min, middle, max]: readonly [number, number, number]) => ({
  [name]: middle,
  [`${name}Min`]: min,
  [`${name}Max`]: max,
});

test("statements are numbered without gaps, and each says what is tried and what the opposite is", () => {
  assert.deepEqual(
    experiments.map(({ id }) => id),
    experiments.map((_, index) => index + 1),
  );
  for (const { id, statement, tried, opposite } of experiments)
    for (const sentence of [statement, tried, opposite]) assert.match(sentence, /^\S.*[.?]$/, `${id}: ${sentence}`);
});

test("where the repeats lie on both sides of the line nothing is decided", () => {
  assert.equal(judge(2, range("waits", [1, 1.02, 1.1])), "holds");
  assert.equal(judge(2, range("waits", [1, 1.02, 3])), "undecided");
  assert.equal(judge(2, range("waits", [2.9, 3, 3.1])), "does-not-hold-here");
  assert.equal(judge(7, range("speedup", [0.9, 1, 3])), "undecided");
  assert.equal(judge(20, range("waits", [1, 2.5, 4])), "undecided");
  assert.equal(judge(28, range("ofSum", [0.9, 1, 1.1])), "undecided");
});

test("no overlap proves nothing while others have the machine, and a few instants prove neither", () => {
  const parallel = (simultaneous: number, processorsFree: number) => ({ slices: 1_000, simultaneous, processorsFree });
  assert.equal(judge(32, parallel(400, 0)), "holds");
  assert.equal(judge(32, parallel(0, 1)), "does-not-hold-here");
  assert.equal(judge(32, parallel(0, 0.1)), "undecided");
  assert.equal(judge(32, parallel(2, 1)), "undecided");
  assert.equal(judge(16, { ...parallel(0, 1), processors: 1, speedup: 1 }), "undecided");
});

test("what a platform cannot do is undecided, and what it refuses is a limit", () => {
  assert.equal(judge(40, { pinned: 0, usualMs: 0, niceMs: 0, apartUsualMs: 0, apartNiceMs: 0 }), "undecided");
  assert.equal(judge(40, { pinned: 1, usualMs: 390, niceMs: 6, apartUsualMs: 390, apartNiceMs: 6 }), "holds");
  assert.equal(judge(40, { pinned: 1, usualMs: 390, niceMs: 6, apartUsualMs: 200, apartNiceMs: 199 }), "holds-with-a-limit");
  assert.equal(judge(42, { limited: 0, readByThread: 0, readByProcess: 0 }), "undecided");
  assert.equal(judge(18, { survivedException: 1, survivedAbort: 0, survivedCrash: 0, abortRefused: 0 }), "holds");
  assert.equal(judge(18, { survivedException: 1, survivedAbort: 1, survivedCrash: 0, abortRefused: 1 }), "holds-with-a-limit");
});

test("an experiment whose program ends without figures is undecided, says why, and does not keep the others from their turn", async () => {
  const [first] = experimentsOf([1]);
  assert.ok(first);
  // no program knows this number
  const missing: Experiment = { ...first, id: 999 };
  const report = await runClaims({ experiments: [missing, first] }, experimentProgram());
  assert.deepEqual(
    report.claims.map(({ id, verdict, failure }) => ({ id, verdict, failed: failure !== undefined })),
    [
      { id: 999, verdict: "undecided", failed: true },
      { id: 1, verdict: "holds", failed: false },
    ],
  );
  assert.match(report.claims[0]?.because ?? "", /There is no experiment 999/);
});

test("verifyClaims refuses numbers that no statement has, and a signal ends it", async () => {
  await assert.rejects(verifyClaims({ ids: [46] }), { name: "RangeError", message: /There is no statement 46/ });
  await assert.rejects(verifyClaims({ ids: [1], signal: AbortSignal.abort() }), { name: "AbortError" });
  const controller = new AbortController();
  const running = verifyClaims({ ids: [1, 2], signal: controller.signal });
  setTimeout(() => controller.abort(), 100);
  await assert.rejects(running, { name: "AbortError" });
});

test("the text shows every claim in its chapter, and no line is wider than it may be", () => {
  const verdicts = ["holds", "holds-with-a-limit", "does-not-hold-here", "undecided"] as const;
  const claims = experiments.map(({ id, statement }, index): Claim => {
    const verdict = verdicts[index % verdicts.length] ?? "holds";
    return { id, statement, verdict, because: `Seen ${id} times. ${"And more is to be said. ".repeat(index % 5)}`, measured: {} };
  });
  const machine = { cpu: "a processor", cores: 2, memoryBytes: 2 ** 34, platform: "linux x64", runtime: "node 20.0.0" };
  const report: ClaimsReport = { kind: "claims", machine, claims };
  for (const width of [60, 80, 120]) {
    const text = renderText(report, { width });
    for (const line of text.split("\n")) assert.ok([...line].length <= width, `${width}: ${line}`);
    for (const { id } of claims) assert.match(text, new RegExp(`Seen ${id} times\\.`));
    const chapters = ["Coroutines", "Threads", "Processes", "Modes"].map((title) => text.indexOf(`\n  ${title}\n`));
    assert.deepEqual(
      chapters,
      [...chapters].sort((a, b) => a - b),
    );
    assert.ok(chapters.every((at) => at >= 0));
  }
  assert.ok(renderText(report, { color: true }).includes("\u001b[32m✓"));
});
