#!/usr/bin/env node
// The command line. Exit codes: 0 ok, 1 the work failed, 2 usage, 130 interrupted.
import { Command, CommanderError } from "commander";
import { addAdvise } from "./advise.ts";
import { addClaims } from "./claims.ts";
import { addCompare } from "./compare.ts";
import { addDoctor } from "./doctor.ts";
import { addMatrix } from "./matrix.ts";
import { addTour } from "./tour.ts";
import { exitCodes, UsageError } from "./usage-error.ts";
import { packageVersion } from "./version.ts";

const examples = `
Examples:
  $ brigade compare parse.ts#parseFile --inputs 'src/**/*.ts'
  $ brigade advise parse.ts#parseFile --inputs 'src/**/*.ts'
  $ brigade matrix --quick
  $ brigade tour
  $ brigade claims 13
  $ brigade doctor

brigade <command> --help tells more. Colour: NO_COLOR and FORCE_COLOR are respected.`;

/** Runs the command line with its arguments (without runtime and script) and resolves with the exit code. */
async function run(args: readonly string[]): Promise<number> {
  let code: number = exitCodes.ok;
  const finish = (result: number) => {
    code = result;
  };
  const program = new Command("brigade")
    .description("Run work at the right level — coroutine, thread, process — and see what it cost.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpCommand(false)
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", examples)
    .configureOutput({ outputError: (text, write) => write(`brigade: ${text.replace(/^error: /, "")}`) })
    .showSuggestionAfterError()
    .exitOverride();
  addCompare(program, finish);
  addAdvise(program, finish);
  addMatrix(program, finish);
  addClaims(program, finish);
  addDoctor(program, finish);
  addTour(program, finish);
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    return report(error, args);
  }
}

function report(error: unknown, args: readonly string[]): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.ok;
    if (error.code === "commander.missingArgument" && args.some((arg) => arg === "-i" || arg === "--inputs")) {
      process.stderr.write("brigade: put FILE#name before --inputs, which takes all that follows.\n");
    }
    // bare `brigade` shows its help and is an error all the same
    return exitCodes.usage;
  }
  if (error instanceof UsageError || error instanceof RangeError) {
    process.stderr.write(`brigade: ${error.message}\n`);
    return exitCodes.usage;
  }
  process.stderr.write(`brigade: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return exitCodes.failed;
}

// a reader that has gone away (`brigade … | head`) is no failure of ours
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(exitCodes.ok);
  throw error;
});
process.exitCode = await run(process.argv.slice(2));
