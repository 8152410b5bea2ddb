// `brigade compare`: the same function at every level, over the same inputs, side by side.
import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import { CancelledError } from "../contract/errors.ts";
import { type ComparisonPlan, type ComparisonProgress, defaultRounds, defaultWarmup, runComparison } from "../lab/compare/compare.ts";
import { comparableLevels, configurations, defaultSizes, words } from "../lab/compare/plan.ts";
import type { Comparison } from "../lab/report.ts";
import { wrap } from "../lab/text/layout.ts";
import { grouped } from "../lab/text/units.ts";
import { measuringProgram, renderText } from "../runtime/lab.ts";
import { openHtmlFile, tracedItems } from "./html-file.ts";
import { collectInputs } from "./inputs.ts";
import { parseCount, parseLevels, parseMilliseconds, parseSizes } from "./options.ts";
import { ProgressBar } from "./progress.ts";
import { abortOnSignals } from "./signals.ts";
import { findTarget } from "./target.ts";
import { columnsOf, wantsColor } from "./terminal.ts";
import { exitCodes } from "./usage-error.ts";

interface Flags {
  readonly inputs?: readonly string[];
  readonly lines?: string;
  readonly levels?: string;
  readonly sizes?: string;
  readonly rounds?: string;
  readonly limit?: string;
  readonly timeout?: string;
  readonly warmup?: string;
  readonly json?: boolean;
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
  program
    .command("compare")
    .summary("run a function serially, as coroutines, on threads and in processes, and say which pays")
    .description(
      "Runs one function over the same inputs at each level, checks that the results are equal, and says which level pays and why.",
    )
    .argument("<FILE#name>", "module and exported function, such as parse.ts#parseFile")
    .argument("[inputs...]", "inputs as they are, one call each")
    .addOption(new Option("-i, --inputs <glob...>", "inputs: the absolute paths of the files that match (quote the pattern)"))
    .option("--lines <file>", "inputs: the lines of a file (- for stdin)")
    .option("--limit <n>", "take the first n inputs")
    .option("--levels <list>", `levels to compare (default: ${comparableLevels.join(",")})`)
    .option("--sizes <list>", "numbers of threads and processes (default: 1,2,4 … up to what the machine runs at once)")
    .option("--rounds <n>", `rounds, interleaved (default: ${defaultRounds})`)
    .option("--warmup <n>", `inputs each worker runs before the clock starts (default: ${defaultWarmup})`)
    .option("--timeout <ms>", "running time allowed per item; above it the item fails")
    .option("--html <file>", "write the report as a page, too; runs each level once more, for its lanes")
    .option("--json", "print the report as JSON, and nothing else")
    .addHelpText("after", examples)
    .action(async (target: string, literals: readonly string[], flags: Flags) => {
      finish(await compareCommand(target, literals, flags));
    });
}

async function compareCommand(targetText: string, literals: readonly string[], flags: Flags): Promise<number> {
  const cwd = process.cwd();
  const settings = {
    levels: flags.levels === undefined ? comparableLevels : parseLevels(flags.levels),
    sizes: flags.sizes === undefined ? defaultSizes(availableParallelism()) : parseSizes(flags.sizes),
    rounds: flags.rounds === undefined ? defaultRounds : parseCount("--rounds", flags.rounds, 1),
    warmup: flags.warmup === undefined ? defaultWarmup : parseCount("--warmup", flags.warmup, 0),
    timeoutMs: flags.timeout === undefined ? undefined : parseMilliseconds("--timeout", flags.timeout),
  };
  const htmlFile = flags.html === undefined ? undefined : openHtmlFile(flags.html, cwd);
  const limit = flags.limit === undefined ? undefined : parseCount("--limit", flags.limit, 1);
  const inputs = collectInputs({ literals, globs: flags.inputs ?? [], lines: flags.lines, limit }, cwd);
  for (const note of inputs.notes) tell(note);

  using interruption = abortOnSignals();
  const bar = new ProgressBar(process.stderr, { color: wantsColor(process.stderr, process.env) });
  try {
    const program = measuringProgram();
    const target = await findTarget(targetText, cwd, program, interruption.signal);
    const plan: ComparisonPlan = {
      ...target,
      ...settings,
      traceItems: htmlFile === undefined ? undefined : tracedItems,
      inputs: inputs.values,
      signal: interruption.signal,
      onProgress: (progress) => bar.update(progress.itemsDone / progress.itemsTotal, now(progress, settings.rounds)),
    };
    announce(plan, flags.json === true);
    const report = await runComparison(plan, program);
    bar.clear();
    process.stdout.write(flags.json ? `${JSON.stringify(plainReport(report), undefined, 2)}\n` : text(report));
    if (htmlFile) {
      htmlFile.write(report);
      tell(`the page is ${htmlFile.shown}`);
    }
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
  return `${renderText(report, { width: columnsOf(process.stdout, process.env), color: wantsColor(process.stdout, process.env) })}\n`;
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

function tell(note: string): void {
  process.stderr.write(`brigade: ${note}\n`);
}
