// `brigade compare`: the same function at every level, over the same inputs, side by side.
import type { Command } from "commander";
import { CancelledError } from "../contract/errors.ts";
import { type ComparisonPlan, type ComparisonProgress, defaultRounds, defaultWarmup, runComparison } from "../lab/compare/compare.ts";
import { configurations, words } from "../lab/compare/plan.ts";
import type { Comparison } from "../lab/report.ts";
import { wrap } from "../lab/text/layout.ts";
import { grouped } from "../lab/text/units.ts";
import { measuringProgram, renderText } from "../runtime/lab.ts";
import { addFunctionOptions, type FunctionFlags, inputsOf, levelsAndSizes } from "./function-options.ts";
import { openHtmlFile, tracedItems } from "./html-file.ts";
import { parseCount } from "./options.ts";
import { ProgressBar } from "./progress.ts";
import { abortOnSignals } from "./signals.ts";
import { findTarget } from "./target.ts";
import { columnsOf, lookOf, wantsColor } from "./terminal.ts";
import { exitCodes } from "./usage-error.ts";

interface Flags extends FunctionFlags {
  readonly rounds?: string;
  readonly warmup?: string;
  readonly html?: string;
}

const examples = `
Examples:
  $ brigade compare parse.ts#parseFile --inputs 'src/**/*.ts'
  $ brigade compare parse.ts#parseFile --inputs 'src/**/*.ts' --levels serial,thread --sizes 2,4
  $ brigade compare http.js#fetchPage --lines urls.txt --limit 100 --timeout 5000
  $ brigade compare hash.js#digest one two three --json > report.json
  $ brigade compare parse.ts#parseFile --inputs 'src/**/*.ts' --html report.html

The function is called with one input at a time: a string, the absolute path of a file for --inputs. It runs many times,
each level and round in a fresh program; what it prints is dropped. A function that changes the world changes it each time.

Exit codes: 0 all results equal · 1 results differ, a level could not be measured, or no item succeeded · 2 bad input
            130 interrupted (what had finished is shown)`;

/** Adds the command to the program. `finish` receives the exit code. */
export function addCompare(program: Command, finish: (code: number) => void): void {
  const command = program
    .command("compare")
    .summary("run a function serially, as coroutines, on threads and in processes, and say which pays")
    .description(
      "Runs one function over the same inputs at each level, checks that the results are equal, and says which level pays and why.",
    );
  addFunctionOptions(command)
    .option("--rounds <n>", `rounds, interleaved (default: ${defaultRounds})`)
    .option("--warmup <n>", `inputs each worker runs before the clock starts (default: ${defaultWarmup})`)
    .option("--html <file>", "write the report as a page, too; runs each level once more, for its lanes")
    .addHelpText("after", examples)
    .action(async (target: string, literals: readonly string[], flags: Flags) => {
      finish(await compareCommand(target, literals, flags));
    });
}

async function compareCommand(targetText: string, literals: readonly string[], flags: Flags): Promise<number> {
  const cwd = process.cwd();
  const settings = {
    ...levelsAndSizes(flags),
    rounds: flags.rounds === undefined ? defaultRounds : parseCount("--rounds", flags.rounds, 1),
    warmup: flags.warmup === undefined ? defaultWarmup : parseCount("--warmup", flags.warmup, 0),
  };
  const htmlFile = flags.html === undefined ? undefined : openHtmlFile(flags.html, cwd);
  const inputs = inputsOf(flags, literals, cwd);

  using interruption = abortOnSignals();
  const bar = new ProgressBar(process.stderr, { color: wantsColor(process.stderr, process.env) });
  try {
    const program = measuringProgram();
    const target = await findTarget(targetText, cwd, program, interruption.signal);
    const plan: ComparisonPlan = {
      ...target,
      ...settings,
      traceItems: htmlFile === undefined ? undefined : tracedItems,
      inputs,
      signal: interruption.signal,
      onProgress: (progress) => bar.update(progress.itemsDone / progress.itemsTotal, now(progress, settings.rounds)),
    };
    announce(plan, flags.json === true);
    const report = await runComparison(plan, program);
    bar.clear();
    process.stdout.write(flags.json ? `${JSON.stringify(plainReport(report), undefined, 2)}\n` : text(report));
    htmlFile?.write(report);
    return exitCodeOf(report);
  } catch (error) {
    bar.clear();
    // interrupted before anything ran: there is nothing to show
    if (error instanceof CancelledError && interruption.signal.aborted) return exitCodes.interrupted;
    throw error;
  }
}

/** Says up front how often the function will run: it may have effects. */
function announce({ label, inputs, levels, sizes, rounds, traceItems }: ComparisonPlan, json: boolean): void {
  const rows = configurations(levels, sizes, inputs.length).length;
  const counts = `${grouped(inputs.length)} ${plural("input", inputs.length)} × ${rows} ${plural("configuration", rows)} × ${rounds} ${plural("round", rounds)}`;
  const sentence = `${label} will run ${counts} = ${grouped(inputs.length * rows * rounds)} times, ${traceItems === undefined ? "" : "once more for the lanes, "}and a few more to warm up.`;
  const width = columnsOf(json ? process.stderr : process.stdout, process.env) - 4;
  const lines = `${wrap(sentence, Math.max(40, width))
    .map((line) => `  ${line}`)
    .join("\n")}\n\n`;
  if (json) process.stderr.write(lines.trimStart().replace(/\n+$/, "\n"));
  else process.stdout.write(`\n${lines}`);
}

function now({ configuration, round }: ComparisonProgress, rounds: number): string {
  return `${words(configuration)} · round ${round + 1} of ${rounds}`;
}

function text(report: Comparison): string {
  return `${renderText(report, lookOf(process.stdout, process.env))}\n`;
}

/** The report as data, without what only the text shows. */
function plainReport({ detail: _, ...report }: Comparison): Omit<Comparison, "detail"> {
  return report;
}

function exitCodeOf({ levels, inputs, detail }: Comparison): number {
  if (detail?.interrupted) return exitCodes.interrupted;
  const failed = levels.some((row) => !row.equal || row.failure !== undefined) || levels.every((row) => row.failed >= inputs);
  return failed ? exitCodes.failed : exitCodes.ok;
}

function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`;
}
