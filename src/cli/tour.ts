// `brigade tour`: what the guide teaches, run live in the terminal, at the reader's pace.
import type { Command } from "commander";
import { parseCount } from "./options.ts";
import { abortOnSignals } from "./signals.ts";
import { lookOf } from "./terminal.ts";
import { exitCodes, UsageError } from "./usage-error.ts";

const examples = `
Examples:
  $ brigade tour
  $ brigade tour --chapter 5
  $ brigade tour --fast

Everything it shows is run and measured while you look; some of it crashes programs of its own on purpose.

Exit codes: 0 shown, or left with q · 2 bad input · 130 interrupted`;

interface Flags {
  readonly chapter?: string;
  readonly fast?: boolean;
}

/** Adds the command to the program. `finish` receives the exit code. */
export function addTour(program: Command, finish: (code: number) => void): void {
  program
    .command("tour")
    .summary("see coroutines, threads and processes at work, idea by idea")
    .description("Shows the ideas behind coroutines, threads and processes, each run live with its timeline and plain words.")
    .option("--chapter <n>", "one chapter only")
    .option("--fast", "do not wait for Enter between the chapters")
    .addHelpText("after", examples)
    .action(async (flags: Flags) => {
      finish(await tourCommand(flags, (words) => program.parseAsync(["advise", ...words], { from: "user" })));
    });
}

async function tourCommand(flags: Flags, advise: (words: readonly string[]) => Promise<unknown>): Promise<number> {
  // Loaded when it is asked for: no other command needs the chapters.
  const { askForOwn, chapters, playTour } = await import("./tour/play.ts");
  const only = flags.chapter === undefined ? undefined : parseCount("--chapter", flags.chapter, 1);
  if (only !== undefined && only > chapters.length) throw new UsageError(`There are ${chapters.length} chapters, and no chapter ${only}.`);
  const { stdin: input, stdout: output } = process;
  let own: readonly string[] = [];
  {
    using interruption = abortOnSignals();
    const settings = {
      from: only ?? 1,
      to: only ?? chapters.length,
      paced: flags.fast !== true && input.isTTY && output.isTTY,
      ...lookOf(output, process.env),
      signal: interruption.signal,
      input,
      output,
    };
    try {
      const stayed = await playTour(settings);
      if (!stayed || only !== undefined) return exitCodes.ok;
      if (settings.paced) own = await askForOwn(settings);
      else output.write("  And your own function? brigade advise FILE#name inputs…\n");
    } catch (error) {
      if (interruption.signal.aborted) return exitCodes.interrupted;
      throw error;
    }
  }
  if (own.length > 0) await advise(own);
  return exitCodes.ok;
}
