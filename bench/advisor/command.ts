// The command line of the advisor's benchmark.
import { parseArgs } from "node:util";
import { suggestion } from "../../src/cli/nearest.ts";
import { UsageError } from "../../src/cli/usage-error.ts";
import { isTuning, type Workload } from "./workload.ts";
import { workloads } from "./workloads.ts";

const defaultRounds = 3;

export const help = `npm run bench -- advisor [options]

Asks the advisor about ${workloads.length} functions of npm packages and known benchmarks, measures each at every level and size, and says how
good the advice was: how often it was the best or within 10 % of it, and how much time it lost otherwise. Some ten minutes on a quiet
machine.

Options
  --tuning         only the families that the advisor may be tuned on
  --only NAME      only this family or function; may be repeated
  --rounds N       rounds of the truth (default ${defaultRounds})
  --json           one object on standard output
  --help           this text

Exit codes: 0 measured (goals met or not), 1 a workload failed, 2 wrong usage, 130 stopped.
`;

/** What to do. */
export interface Settings {
  readonly chosen: readonly Workload[];
  readonly rounds: number;
  readonly json: boolean;
}

/** What the arguments ask for; `"help"` when that is. Throws `UsageError`. */
export function parseAdvisor(argv: readonly string[]): Settings | "help" {
  const { values } = parse(argv);
  if (values.help) return "help";
  const rounds = Number(values.rounds ?? defaultRounds);
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new UsageError(`--rounds must be a whole number above 0, not ${values.rounds}.`);
  const only = values.only ?? [];
  const known = [...new Set(workloads.flatMap(({ family, name }) => [family, name]))];
  for (const name of only) {
    if (!known.includes(name)) throw new UsageError(`There is no family or function "${name}".${suggestion(name, known)}`);
  }
  const chosen = workloads
    .filter(({ family }) => !values.tuning || isTuning(family))
    .filter(({ family, name }) => only.length === 0 || only.includes(family) || only.includes(name));
  return { chosen, rounds, json: values.json ?? false };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        tuning: { type: "boolean" },
        only: { type: "string", multiple: true },
        rounds: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
