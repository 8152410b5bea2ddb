// `brigade doctor`: what this machine and runtime support, and what brigade makes of it.
import type { Command } from "commander";
import { describeMachine } from "../lab/machine.ts";
import { pad, wrap } from "../lab/text/layout.ts";
import { style } from "../lab/text/style.ts";
import { processes, threads } from "../runtime/index.ts";
import { type Fact, type FactStatus, gatherFacts } from "./facts.ts";
import { columnsOf, wantsColor } from "./terminal.ts";
import { exitCodes } from "./usage-error.ts";
import { packageVersion } from "./version.ts";

const examples = `
Examples:
  $ brigade doctor
  $ brigade doctor --json

Exit codes: 0 all levels work here · 1 something does not`;

/** Adds the command to the program. `finish` receives the exit code. */
export function addDoctor(program: Command, finish: (code: number) => void): void {
  program
    .command("doctor")
    .summary("say what this machine and runtime support, and what brigade makes of it")
    .description("Says what this machine and runtime support, and what brigade makes of it.")
    .option("--json", "print the facts as JSON, and nothing else")
    .addHelpText("after", examples)
    .action(({ json }: { readonly json?: boolean }) => {
      const facts = gatherFacts(process.cwd());
      process.stdout.write(json ? asJson(facts) : renderFacts(facts, columnsOf(process.stdout, process.env), wantsColor(process.stdout, process.env)));
      finish(facts.some(({ status }) => status === "problem") ? exitCodes.failed : exitCodes.ok);
    });
}

function asJson(facts: readonly Fact[]): string {
  const report = { brigade: packageVersion(), node: process.version, machine: describeMachine(), sizes: { thread: threads.size, process: processes.size }, facts };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

const marks: Readonly<Record<FactStatus, string>> = { ok: "✓", note: "·", problem: "✗" };

/** One fact a line — mark, label, value — and what it means, beside it where there is room, else below it. */
export function renderFacts(facts: readonly Fact[], columns: number, color: boolean): string {
  const look = style(color);
  const paint: Readonly<Record<FactStatus, (text: string) => string>> = { ok: look.good, note: look.warn, problem: look.warn };
  const labels = Math.max(...facts.map(({ label }) => label.length)) + 2;
  const values = Math.min(40, Math.max(...facts.map(({ value }) => value.length))) + 2;
  const beside = columns - 4 - labels - values;
  const lines = facts.flatMap(({ label, value, meaning, status }) => {
    const head = `  ${paint[status](marks[status])} ${pad(label, labels, "left")}`;
    const margin = " ".repeat(4 + labels);
    if (beside >= 40 && value.length < values) {
      const [first = "", ...rest] = wrap(meaning, beside);
      return [head + pad(value, values, "left") + look.dim(first), ...rest.map((line) => margin + " ".repeat(values) + look.dim(line))];
    }
    const room = Math.max(20, columns - 4 - labels);
    const [first = "", ...rest] = wrap(value, room);
    return [head + first, ...rest.map((line) => margin + line), ...wrap(meaning, room).map((line) => margin + look.dim(line))];
  });
  return `${look.bold(`  brigade ${packageVersion()}`)}\n\n${lines.join("\n")}\n`;
}
