// `brigade advise`: where a function belongs, on this machine, and why.
import type { Command } from "commander";
import { CancelledError, UnsupportedError } from "../contract/errors.ts";
import { type AdvicePlan, defaultTrialRounds, runAdvice } from "../lab/advise/advise.ts";
import type { Advice } from "../lab/report.ts";
import { measuringProgram, renderText } from "../runtime/lab.ts";
import { addFunctionOptions, type FunctionFlags, inputsOf, levelsAndSizes } from "./function-options.ts";
import { openHtmlFile } from "./html-file.ts";
import { parseCount } from "./options.ts";
import { ProgressBar } from "./progress.ts";
import { abortOnSignals } from "./signals.ts";
import { findTarget } from "./target.ts";
import { lookOf, wantsColor } from "./terminal.ts";
import { exitCodes } from "./usage-error.ts";

interface Flags extends FunctionFlags {
  readonly rounds?: string;
  readonly html?: string;
}

const examples = `
Examples:
  $ brigade advise parse.ts#parseFile --inputs 'src/**/*.ts'
  $ brigade advise http.js#fetchPage --lines urls.txt --limit 20 --timeout 5000
  $ brigade advise hash.js#digest one two three --json

Gets to know the function on the samples, forecasts every level and size, tries the best two beside the simplest, and says
which to take and why. Some two seconds for a quick function. It is called with one sample at a time: a string, the absolute
path of a file for --inputs; what it prints is dropped. A function that changes the world changes it each time.

Exit codes: 0 advised · 1 no sample succeeded, or the function's program failed · 2 bad input · 130 interrupted`;

/** Adds the command to the program. `finish` receives the exit code. */
export function addAdvise(program: Command, finish: (code: number) => void): void {
  const command = program
    .command("advise")
    .summary("say where a function belongs on this machine — coroutine, thread, process — and why")
    .description("Says where a function belongs on this machine, at what size, and why: by forecast, checked by a trial.");
  addFunctionOptions(command)
    .option("--rounds <n>", `rounds of the trial at most (default: ${defaultTrialRounds})`)
    .option("--html <file>", "write the report as a page, too")
    .addHelpText("after", examples)
    .action(async (target: string, literals: readonly string[], flags: Flags) => {
      finish(await adviseCommand(target, literals, flags));
    });
}

async function adviseCommand(targetText: string, literals: readonly string[], flags: Flags): Promise<number> {
  const cwd = process.cwd();
  const settings = {
    ...levelsAndSizes(flags),
    rounds: flags.rounds === undefined ? defaultTrialRounds : parseCount("--rounds", flags.rounds, 1),
  };
  const inputs = inputsOf(flags, literals, cwd);
  const htmlFile = flags.html === undefined ? undefined : openHtmlFile(flags.html, cwd);
  using interruption = abortOnSignals();
  const { signal } = interruption;
  const bar = new ProgressBar(process.stderr, { color: wantsColor(process.stderr, process.env) });
  try {
    const program = measuringProgram();
    bar.update(0, "importing the module");
    const target = await findTarget(targetText, cwd, program, signal);
    const plan: AdvicePlan = { ...target, ...settings, inputs, signal, onProgress: (done, what) => bar.update(done, what) };
    const advice = await runAdvice(plan, program);
    bar.clear();
    process.stdout.write(flags.json ? `${JSON.stringify(plainAdvice(advice), undefined, 2)}\n` : text(advice));
    htmlFile?.write(advice);
    return advice.profile.failed >= advice.profile.sampled ? exitCodes.failed : exitCodes.ok;
  } catch (error) {
    bar.clear();
    if (error instanceof CancelledError && signal.aborted) return exitCodes.interrupted;
    if (!(error instanceof UnsupportedError)) throw error;
    process.stderr.write(`brigade: ${error.message}\n`);
    return exitCodes.failed;
  }
}

function text(advice: Advice): string {
  const look = lookOf(process.stdout, process.env);
  return `\n${renderText(advice, look)}\n`;
}

/** The advice as data, without what only the text shows. */
function plainAdvice({ evidence: { detail: _, ...evidence }, ...advice }: Advice): Advice {
  return { ...advice, evidence };
}
