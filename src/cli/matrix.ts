// `brigade matrix`: the comparison table of coroutine, thread and process, measured on this machine.
import type { Command } from "commander";
import { matrixRows, rowsOf } from "../lab/matrix/catalog.ts";
import { matrixLevels } from "../lab/matrix/experiment.ts";
import { type MatrixProgress, runMatrix } from "../lab/matrix/measure-matrix.ts";
import type { Matrix } from "../lab/report.ts";
import { freshSeed, matrixProgram, renderText } from "../runtime/lab.ts";
import { openHtmlFile } from "./html-file.ts";
import { suggestion } from "./nearest.ts";
import { parseCount, parseList } from "./options.ts";
import { ProgressBar } from "./progress.ts";
import { abortOnSignals } from "./signals.ts";
import { lookOf, wantsColor } from "./terminal.ts";
import { exitCodes, UsageError } from "./usage-error.ts";
import { packageVersion } from "./version.ts";

interface Flags {
  readonly rows?: string;
  readonly quick?: boolean;
  readonly seed?: string;
  readonly json?: boolean;
  readonly html?: string;
}

const ids = matrixRows.map(({ id }) => id);

const examples = `
Rows:
${wrapIds(ids, 76)}

Examples:
  $ brigade matrix --quick
  $ brigade matrix --rows create-cold,create-warm,end
  $ brigade matrix --json > matrix.json
  $ brigade matrix --html matrix.html

It starts some two hundred small programs, makes some of them crash on purpose, and keeps all processors busy for up to two
minutes (--quick: some twenty seconds): best on a machine with nothing else to do. What this machine cannot measure is
shown as missing, with the reason.

Exit codes: 0 measured · 1 a row has no value on any level · 2 bad input
            130 interrupted (what had finished is shown)`;

/** Adds the command to the program. `finish` receives the exit code. */
export function addMatrix(program: Command, finish: (code: number) => void): void {
  program
    .command("matrix")
    .summary(`measure what ${matrixLevels.join(", ")} cost, hold, survive and give on this machine`)
    .description(
      "Measures, on this machine, what coroutine, thread and process cost, how many fit, how they communicate, and what they survive.",
    )
    .option("--rows <list>", "rows to measure, by id (default: all)")
    .option("-q, --quick", "one short round")
    .option("--seed <n>", "order of the experiments (default: BRIGADE_SEED, else another one each time)")
    .option("--json", "print the report as JSON, and nothing else")
    .option("--html <file>", "write the report as a page, too")
    .addHelpText("after", examples)
    .action(async (flags: Flags) => {
      finish(await matrixCommand(flags));
    });
}

async function matrixCommand(flags: Flags): Promise<number> {
  const rows = rowsOf(flags.rows === undefined ? undefined : parseRows(flags.rows));
  const seed = flags.seed === undefined ? freshSeed() : parseCount("--seed", flags.seed, 0);
  const page = flags.html === undefined ? undefined : openHtmlFile(flags.html, process.cwd());
  using interruption = abortOnSignals();
  const bar = new ProgressBar(process.stderr, { color: wantsColor(process.stderr, process.env) });
  const matrix = await runMatrix(
    {
      rows,
      quick: flags.quick === true,
      seed,
      signal: interruption.signal,
      version: packageVersion(),
      onProgress: (progress) => bar.update(progress.done, now(progress)),
    },
    matrixProgram(),
  ).finally(() => bar.clear());
  process.stdout.write(flags.json ? `${JSON.stringify(matrix, undefined, 2)}\n` : text(matrix));
  page?.write(matrix);
  return exitCodeOf(matrix);
}

/** Throws `UsageError` with the nearest row for one that there is not. */
function parseRows(list: string): string[] {
  return parseList("--rows", list).map((id) => {
    if (ids.includes(id)) return id;
    throw new UsageError(`--rows: there is no row "${id}".${suggestion(id, ids)} brigade matrix --help lists them.`);
  });
}

function now({ step }: MatrixProgress): string {
  return `${step.experiment.title} · ${step.level} · round ${step.round + 1}`;
}

function text(matrix: Matrix): string {
  return `\n${renderText(matrix, lookOf(process.stdout, process.env))}\n`;
}

function exitCodeOf({ rows, interrupted }: Matrix): number {
  if (interrupted) return exitCodes.interrupted;
  return rows.some(({ failure }) => failure !== undefined) ? exitCodes.failed : exitCodes.ok;
}

function wrapIds(words: readonly string[], width: number): string {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 2 + word.length <= width) lines[lines.length - 1] = `${last}, ${word}`;
    else lines.push(`  ${word}`);
  }
  return lines.join(",\n");
}
