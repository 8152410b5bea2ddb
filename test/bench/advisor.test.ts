// The advisor's benchmark judges by what was measured; these hold the judging.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseAdvisor } from "../../bench/advisor/command.ts";
import { permitted, score, summarise, timeError } from "../../bench/advisor/score.ts";
import { strategies } from "../../bench/advisor/strategies.ts";
import { tuningFamilies } from "../../bench/advisor/workload.ts";
import { workloads } from "../../bench/advisor/workloads.ts";
import { benchFolder } from "../../bench/project.ts";
import type { Advice, Comparison } from "../../src/lab/report.ts";
import { madeRow } from "../unit/lab/samples.ts";

function truth(...levels: Comparison["levels"]): Comparison {
  const machine = { cpu: "x", cores: 2, memoryBytes: 1, platform: "x", runtime: "x" };
  return { kind: "comparison", function: "f", inputs: 1, machine, node: "v20", levels, verdict: { level: "serial", size: 1, reason: "" } };
}

const four = truth(madeRow("serial", 1, [100]), madeRow("coroutine", 40, [98]), madeRow("thread", 2, [54]), madeRow("process", 2, [50]));

test("regret is the time lost against the best; within a tenth is right", () => {
  const thread = score(four, { level: "thread", size: 2 });
  assert.ok(Math.abs((thread.regret ?? 0) - 0.08) < 1e-9 && thread.right);
  const serial = score(four, { level: "serial", size: 1 });
  assert.ok(Math.abs((serial.regret ?? 0) - 1) < 1e-9 && !serial.right);
  assert.equal(score(four, { level: "coroutine", size: 1 }).choice.size, 1, "coroutines are one row, whatever their size");
  assert.throws(() => score(four, { level: "thread", size: 8 }), RangeError);
});

test("what one round shows and another does not is not sure", () => {
  const near = truth(madeRow("serial", 1, [100, 120, 115]), madeRow("thread", 1, [101, 100, 100]));
  assert.equal(score(near, { level: "serial", size: 1 }).sureRegret, 0);
  const apart = truth(madeRow("serial", 1, [110, 120, 115]), madeRow("thread", 1, [100, 100, 100]));
  assert.ok(Math.abs((score(apart, { level: "serial", size: 1 }).sureRegret ?? 0) - 0.1) < 1e-9);
});

test("a level whose results are wrong, or that fails, is no choice, and the fastest of wrong ones is not the best", () => {
  const wrong = truth(
    madeRow("serial", 1, [100]),
    madeRow("thread", 1, [50], { equal: false }),
    madeRow("thread", 2, [40], { failed: 3 }),
    madeRow("process", 2, [], { failure: "died", wallMs: 0 }),
  );
  assert.deepEqual(
    permitted(wrong).map(({ level }) => level),
    ["serial"],
  );
  assert.deepEqual(score(wrong, { level: "thread", size: 1 }).regret, undefined);
  assert.equal(score(wrong, { level: "serial", size: 1 }).regret, 0);
});

test("a summary counts wrong results apart from time lost", () => {
  const choice = { level: "serial", size: 1 } as const;
  const summary = summarise([
    { choice, regret: 0, sureRegret: 0, right: true },
    { choice, regret: 0.5, sureRegret: 0.2, right: false },
    { choice, regret: undefined, sureRegret: undefined, right: false },
  ]);
  assert.deepEqual(summary, { workloads: 3, top1: 1 / 3, meanRegret: 0.25, meanSureRegret: 0.1, maxRegret: 0.5, unsafe: 1 });
  assert.equal(timeError(150, 100), 0.5);
});

test("the rules of thumb choose as their names say", () => {
  const choices = (cpuShare: number) =>
    strategies.map(({ choose }) => {
      const { level, size } = choose({ level: "process", size: 2, cpuShare } as Advice, four);
      return `${level} ${size}`;
    });
  assert.deepEqual(choices(0.9), ["process 2", "serial 1", "coroutine 1", "thread 2", "thread 2"]);
  assert.deepEqual(choices(0.1), ["process 2", "serial 1", "coroutine 1", "thread 2", "coroutine 1"]);
});

test("there are enough workloads, each is an export of its family's module, and no family is in both splits", () => {
  assert.ok(workloads.length >= 24);
  const folder = join(benchFolder, "advisor", "work");
  for (const { family, name } of workloads) {
    const file = join(folder, `${family}.mjs`);
    assert.ok(
      existsSync(file) && new RegExp(`export (async )?(function|const) ${name}\\b`).test(readFileSync(file, "utf8")),
      `${family}/${name}`,
    );
  }
  const families = new Set(workloads.map(({ family }) => family));
  assert.deepEqual(
    [...families].sort(),
    readdirSync(folder)
      .map((file) => file.replace(/\.mjs$/, ""))
      .sort(),
  );
  assert.ok(tuningFamilies.every((family) => families.has(family)));
  const heldOut = workloads.filter(({ family }) => !tuningFamilies.some((known) => known === family));
  assert.ok(heldOut.length >= 12);
});

test("wrong usage is said", () => {
  assert.throws(() => parseAdvisor(["--only", "parser"]), { name: "UsageError", message: /Did you mean "parsers"\?/ });
  assert.throws(() => parseAdvisor(["--rounds", "0"]), { name: "UsageError" });
  assert.throws(() => parseAdvisor(["--bogus"]), { name: "UsageError" });
  const settings = parseAdvisor(["--tuning", "--only", "numeric", "--json"]);
  assert.ok(settings !== "help" && settings.json && settings.chosen.every(({ family }) => family === "numeric"));
  assert.equal(parseAdvisor(["--help"]), "help");
});
