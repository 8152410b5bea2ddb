// `npm run bench -- advisor`: asks the advisor about work that other people wrote, measures every level and size of each, and says how
// good the advice was, beside what people do without an advisor.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { abortOnSignals } from "../../src/cli/signals.ts";
import { exitCodes, UsageError } from "../../src/cli/usage-error.ts";
import { wrap } from "../../src/lab/text/layout.ts";
import type * as LabDoor from "../../src/runtime/lab.ts";
import { root } from "../project.ts";
import { describeRun } from "../report/origin.ts";
import { installPackages } from "../rounds/tools.ts";
import { brigade } from "../shipped.ts";
import { help, parseAdvisor } from "./command.ts";
import { advisorFolder, openMaterial } from "./material.ts";
import { type AdvisorReport, resultOf, splitResult, type WorkloadResult } from "./results.ts";
import { goalsText, splitText, workloadLine, workloadTitles } from "./text.ts";
import type { Workload } from "./workload.ts";

/** Runs the benchmark and resolves with the exit code. Throws `UsageError`. */
export async function runAdvisor(argv: readonly string[]): Promise<number> {
  const settings = parseAdvisor(argv);
  if (settings === "help") {
    process.stdout.write(help);
    return exitCodes.ok;
  }
  const missing = await installPackages(advisorFolder);
  if (missing !== undefined) throw new UsageError(`The packages of bench/advisor could not be installed: ${missing}`);
  using interruption = abortOnSignals();
  const { signal } = interruption;
  const say = (text: string): void => {
    if (!settings.json) process.stdout.write(`${text}\n`);
  };
  const origin = describeRun("advisor", process.versions.node);
  say(
    wrap(
      `advisor on Node ${origin.node} · ${origin.machine.cpu}, ${origin.machine.cores} processors · commit ${origin.commit ?? "unknown"} · ${origin.date.slice(0, 10)} · truth of ${settings.rounds} rounds`,
      80,
    ).join("\n"),
  );
  say(`\n${workloadTitles}`);
  const results: WorkloadResult[] = [];
  const failures: { readonly name: string; readonly reason: string }[] = [];
  using material = await openMaterial();
  for (const workload of settings.chosen) {
    if (signal.aborted) break;
    try {
      const result = resultOf(await tryOne(workload, workload.inputs(material), settings.rounds, signal));
      results.push(result);
      say(workloadLine(result));
    } catch (error) {
      if (signal.aborted) break;
      const reason = error instanceof Error ? error.message : String(error);
      failures.push({ name: workload.name, reason });
      say(`${workload.name} failed: ${reason}`);
    }
  }
  const splits = (["tuning", "held-out", "all"] as const)
    .map((split) => splitResult(split, results))
    .filter(({ strategies }) => (strategies[0]?.workloads ?? 0) > 0);
  const report: AdvisorReport = { ...origin, workloads: results, splits, failures };
  for (const split of splits) say(`\n${splitText(split)}`);
  say(`\n${goalsText(report)}`);
  if (settings.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  if (signal.aborted) return exitCodes.interrupted;
  return failures.length > 0 ? exitCodes.failed : exitCodes.ok;
}

const lab = (await import(pathToFileURL(join(root, "dist", "lab.js")).href)) as typeof LabDoor;

async function tryOne(workload: Workload, inputs: readonly unknown[], rounds: number, signal: AbortSignal) {
  const { family, name } = workload;
  const functions = brigade.moduleFunctions<Readonly<Record<string, (input: unknown) => unknown>>>(
    join(advisorFolder, "work", `${family}.mjs`),
  );
  const fn = functions[name];
  if (fn === undefined) throw new RangeError(`work/${family}.mjs has no function ${name}.`);
  const advice = await lab.advise(fn, inputs, { signal });
  const truth = await lab.compare(fn, inputs, { rounds, signal });
  return { workload, advice, truth };
}
