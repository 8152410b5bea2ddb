// The benchmarks' program: `npm run bench -- SUITE` builds and starts it. What it can do is in `command.ts`.
import { abortOnSignals } from "../src/cli/signals.ts";
import { exitCodes, UsageError } from "../src/cli/usage-error.ts";
import { type Command, help, parseCommand } from "./command.ts";
import { describeRun } from "./report/origin.ts";
import { writeTable } from "./report/readme.ts";
import type { Report } from "./report/report.ts";
import { standingsOf } from "./report/rows.ts";
import { type CaseResult, renderCase, renderHead } from "./report/text.ts";
import { prepareLaunches } from "./rounds/launch.ts";
import { measureCase } from "./rounds/rounds.ts";
import { takeSample } from "./rounds/sample.ts";
import { nodeVersion } from "./rounds/tools.ts";

/** One line on stderr that the next one replaces; nothing where nobody looks. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${text.slice(0, 79)}`);
}

/** Measures, prints and resolves with the exit code. */
async function run(command: Command): Promise<number> {
  const { suite, cases, rounds, timeMs, node, json, write } = command;
  const version = nodeVersion(node);
  if (version === undefined) throw new UsageError(`--node: ${node} is no Node that runs here.`);
  using interruption = abortOnSignals();
  const { signal } = interruption;
  const origin = describeRun(suite.name, version);
  const head = renderHead(origin, rounds);
  const say = (text: string): void => {
    showProgress("");
    if (!json) process.stdout.write(text);
  };
  say(head);
  showProgress("preparing the rivals");
  const launchOf = await prepareLaunches(new Set(cases.flatMap(({ subjects }) => subjects)), node);
  const results: CaseResult[] = [];
  try {
    for (const bench of cases) {
      const onProgress = (round: number, label: string): void => showProgress(`${bench.id} · round ${round} of ${rounds} · ${label}`);
      const series = await measureCase(bench, { rounds, timeMs, launchOf, take: takeSample, signal, onProgress });
      const result = { bench, ...standingsOf(bench, series) };
      results.push(result);
      say(`\n${renderCase(result)}`);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  showProgress("");
  const rows = results.flatMap(({ points, standings }) => [...points, ...standings.map(({ row }) => row)]);
  if (json) process.stdout.write(`${JSON.stringify({ ...origin, rows } satisfies Report)}\n`);
  if (signal.aborted) return exitCodes.interrupted;
  if (write) writeTable(origin, [head, ...results.map(renderCase)].join("\n"));
  return rows.some((row) => row.subject === "brigade" && row.note !== undefined) ? exitCodes.failed : exitCodes.ok;
}

try {
  const argv = process.argv.slice(2);
  if (argv[0] === "advisor") {
    // choices are held against times there, not times against times: a program of its own
    process.exitCode = await (await import("./advisor/main.ts")).runAdvisor(argv.slice(1));
  } else {
    const command = parseCommand(argv);
    if (command === "help") process.stdout.write(help);
    else process.exitCode = await run(command);
  }
} catch (error) {
  const usage = error instanceof UsageError;
  process.stderr.write(`${usage ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  if (usage) process.stderr.write("Try: npm run bench -- --help\n");
  process.exitCode = usage ? exitCodes.usage : exitCodes.failed;
}
