// `brigade claims`: what is said about coroutines, threads and processes, tried on this machine.
import type { Command } from "commander";
import { experiments, experimentsOf } from "../lab/claims/all.ts";
import type { Experiment } from "../lab/claims/experiment.ts";
import { runClaims } from "../lab/claims/verify.ts";
import { keepStart } from "../lab/text/layout.ts";
import { experimentProgram, renderText } from "../runtime/lab.ts";
import { openHtmlFile } from "./html-file.ts";
import { ProgressBar } from "./progress.ts";
import { abortOnSignals } from "./signals.ts";
import { lookOf, wantsColor } from "./terminal.ts";
import { exitCodes, UsageError } from "./usage-error.ts";

const examples = `
Examples:
  $ brigade claims
  $ brigade claims 13
  $ brigade claims 1-10 23 --json
  $ brigade claims --html claims.html

The whole takes about two minutes and keeps the machine busy; some experiments crash programs of their own on purpose.

Exit codes: 0 tried, whatever the verdicts · 1 an experiment could not run · 2 bad input
            130 interrupted (what had finished is shown)`;

interface Flags {
  readonly json?: boolean;
  readonly html?: string;
}

/** Adds the command to the program. `finish` receives the exit code. */
export function addClaims(program: Command, finish: (code: number) => void): void {
  program
    .command("claims")
    .summary("try what is said about coroutines, threads and processes, on this machine")
    .description(
      "Tries each statement that is usually made about coroutines, threads and processes by an experiment on this machine, and gives a verdict.",
    )
    .argument("[ids...]", `numbers of statements, such as 13 or 1-10 (default: all, 1-${experiments.at(-1)?.id ?? 0})`)
    .option("--json", "print the report as JSON, and nothing else")
    .option("--html <file>", "write the report as a page, too")
    .addHelpText("after", examples)
    .action(async (ids: readonly string[], flags: Flags) => {
      finish(await claimsCommand(ids, flags));
    });
}

async function claimsCommand(ids: readonly string[], { json, html }: Flags): Promise<number> {
  const page = html === undefined ? undefined : openHtmlFile(html, process.cwd());
  const chosen = ids.length === 0 ? experiments : experimentsOf(ids.flatMap(numbers));
  using interruption = abortOnSignals();
  const bar = new ProgressBar(process.stderr, { color: wantsColor(process.stderr, process.env) });
  const onProgress = ({ done, experiment }: { readonly done: number; readonly experiment: Experiment }) =>
    bar.update(done / chosen.length, `${experiment.id} · ${keepStart(experiment.statement, 28)}`);
  try {
    const report = await runClaims({ experiments: chosen, signal: interruption.signal, onProgress }, experimentProgram());
    bar.clear();
    const look = lookOf(process.stdout, process.env);
    process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : `\n${renderText(report, look)}\n`);
    page?.write(report);
    if (interruption.signal.aborted) return exitCodes.interrupted;
    return report.claims.some(({ failure }) => failure !== undefined) ? exitCodes.failed : exitCodes.ok;
  } finally {
    bar.clear();
  }
}

/** `13`, or `1-10`, which means those between that exist. Throws `UsageError`. */
function numbers(text: string): number[] {
  const [, first, last] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(text.trim()) ?? [];
  if (first === undefined) throw new UsageError(`A statement is chosen by its number, such as 13 or 1-10, not by "${text}".`);
  if (last === undefined) return [Number(first)];
  const between = experiments.map(({ id }) => id).filter((id) => id >= Number(first) && id <= Number(last));
  if (between.length === 0) throw new UsageError(`There is no statement from ${first} to ${last}.`);
  return between;
}
