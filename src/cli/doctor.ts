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
      process.stdout.write(
        json ? asJson(facts) : renderFacts(facts, columnsOf(process.stdout, process.env), wantsColor(process.stdout, process.env)),
      );
      finish(facts.some(({ status }) => status === "problem") ? exitCodes.failed : exitCodes.ok);
    });
}

function asJson(facts: readonly Fact[]): string {
  const report = {
    brigade: packageVersion(),
    node: process.version,
    machine: describeMachine(),
    sizes: { thread: threads.size, process: processes.size },
    facts,
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

const widest = 120;
const marks: Readonly<Record<FactStatus, string>> = { ok: "✓", note: "·", problem: "✗" };

/** One fact a line: mark, label, value, and what it means. */
export function renderFacts(facts: readonly Fact[], columns: number, color: boolean): string {
  const look = style(color);
  const paint: Readonly<Record<FactStatus, (text: string) => string>> = { ok: look.good, note: look.warn, problem: look.warn };
  const labels = Math.max(...facts.map(({ label }) => label.length)) + 2;
  const margin = " ".repeat(4 + labels);
  const room = Math.max(24, Math.min(columns, widest) - margin.length);
  const lines = facts.flatMap(({ label, value, meaning, status }) => {
    const [first = "", ...rest] = wrap(`${value} · ${meaning}`, room);
    // the value ends with the first line at the latest, unless it is longer than a line
    const shown = first.startsWith(value) ? value + look.dim(first.slice(value.length)) : first;
    return [`  ${paint[status](marks[status])} ${pad(label, labels, "left")}${shown}`, ...rest.map((line) => margin + look.dim(line))];
  });
  return `\n${look.bold(`  brigade ${packageVersion()}`)}\n\n${lines.join("\n")}\n\n`;
}
