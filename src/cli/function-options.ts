// What the commands that run somebody's function have in common: which function, on what, at which levels and sizes.
import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import type { Level } from "../contract/portable.ts";
import { comparableLevels, defaultSizes } from "../lab/compare/plan.ts";
import { collectInputs } from "./inputs.ts";
import { parseCount, parseLevels, parseMilliseconds, parseSizes } from "./options.ts";

/** The flags as they were typed. */
export interface FunctionFlags {
  readonly inputs?: readonly string[];
  readonly lines?: string;
  readonly limit?: string;
  readonly levels?: string;
  readonly sizes?: string;
  readonly timeout?: string;
  readonly json?: boolean;
}

/** Adds the arguments and options to a command. */
export function addFunctionOptions(command: Command): Command {
  return command
    .argument("<FILE#name>", "module and exported function, such as parse.ts#parseFile")
    .argument("[inputs...]", "inputs as they are, one call each")
    .addOption(new Option("-i, --inputs <glob...>", "inputs: the absolute paths of the files that match (quote the pattern)"))
    .option("--lines <file>", "inputs: the lines of a file (- for stdin)")
    .option("--limit <n>", "take the first n inputs")
    .option("--levels <list>", `levels to consider (default: ${comparableLevels.join(",")})`)
    .option("--sizes <list>", "numbers of threads and processes (default: 1,2,4 … up to what the machine runs at once)")
    .option("--timeout <ms>", "running time allowed per item; above it the item fails")
    .option("--json", "print the report as JSON, and nothing else");
}

/** Levels, sizes and timeout, parsed. Throws `UsageError`. */
export function levelsAndSizes(flags: FunctionFlags): {
  readonly levels: readonly Level[];
  readonly sizes: readonly number[];
  readonly timeoutMs: number | undefined;
} {
  return {
    levels: flags.levels === undefined ? comparableLevels : parseLevels(flags.levels),
    sizes: flags.sizes === undefined ? defaultSizes(availableParallelism()) : parseSizes(flags.sizes),
    timeoutMs: flags.timeout === undefined ? undefined : parseMilliseconds("--timeout", flags.timeout),
  };
}

/** The inputs; what should be known about them is said on stderr. Throws `UsageError`. */
export function inputsOf(flags: FunctionFlags, literals: readonly string[], cwd: string): readonly string[] {
  const limit = flags.limit === undefined ? undefined : parseCount("--limit", flags.limit, 1);
  const { values, notes } = collectInputs({ literals, globs: flags.inputs ?? [], lines: flags.lines, limit }, cwd);
  for (const note of notes) process.stderr.write(`brigade: ${note}\n`);
  return values;
}
