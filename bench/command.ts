// The command line of the benchmarks: what may be asked for, and what is wrong with what was.
import { parseArgs } from "node:util";
import { suggestion } from "../src/cli/nearest.ts";
import { UsageError } from "../src/cli/usage-error.ts";
import { wrap } from "../src/lab/text/layout.ts";
import { chooseCases } from "./choice.ts";
import { suites } from "./suites/all.ts";
import type { Case, Suite } from "./suites/suite.ts";

/** What to measure, and how to say it. */
export interface Command {
  readonly suite: Suite;
  /** Cases with the subjects that were asked for. */
  readonly cases: readonly Case[];
  readonly rounds: number;
  readonly timeMs: number;
  readonly node: string;
  readonly json: boolean;
  /** Renew the table of this suite in bench/README.md. */
  readonly write: boolean;
}

const defaultRounds = 5;
const defaultTimeMs = 150;

/** A suite with its cases, hanging. */
function suiteLines({ name, cases }: Suite): string {
  const column = 16;
  const lines = wrap(cases.map(({ id }) => id).join(", "), 80 - column);
  return lines.map((line, i) => (i === 0 ? `  ${name}` : "").padEnd(column) + line).join("\n");
}

export const help = `npm run bench -- SUITE [options]

Measures brigade beside its limits and its rivals: in interleaved rounds, each
sample in a fresh process.

Suites
${suites.map(suiteLines).join("\n")}
  advisor         how good brigade advise is; advisor --help tells more

Options
  --case ID        only this case; may be repeated
  --subject NAME   only brigade, limit, or a rival by name; may be repeated
  --size N         operations at a time, instead of the case's own
  --rounds N       samples of each subject (default ${defaultRounds})
  --time MS        length of a sample, and of its warm-up (default ${defaultTimeMs})
  --node PATH      measure on this Node, not on the one that runs the command
  --json           one object on standard output
  --write          put the table into bench/README.md
  --help           this text

Examples
  npm run bench -- locks
  npm run bench -- coroutines --case task --subject brigade --subject limit
  npm run --silent bench -- channels --json > channels.json

Exit codes: 0 measured (goals met or not), 1 brigade could not be measured,
2 wrong usage, 130 stopped.
`;

/** What the arguments ask for; `"help"` when that is. Throws `UsageError`. */
export function parseCommand(argv: readonly string[]): Command | "help" {
  const { values, positionals } = parse(argv);
  if (values.help) return "help";
  const names = suites.map(({ name }) => name);
  const [wanted, ...more] = positionals;
  if (wanted === undefined) throw new UsageError(`Name a suite: ${names.join(", ")}.`);
  if (more.length > 0) throw new UsageError(`One suite at a time: ${more.join(" ")} is too much.`);
  const suite = suites.find(({ name }) => name === wanted);
  if (suite === undefined)
    throw new UsageError(`There is no suite "${wanted}".${suggestion(wanted, names)} There are ${names.join(", ")}.`);
  const size = values.size === undefined ? undefined : whole("--size", values.size);
  const rounds = values.rounds === undefined ? defaultRounds : whole("--rounds", values.rounds);
  const complete = [values.case, values.subject, size].every((filter) => filter === undefined) && rounds >= defaultRounds;
  if (values.write && !complete) throw new UsageError(`--write needs the whole suite and at least ${defaultRounds} rounds.`);
  return {
    suite,
    cases: chooseCases(suite, { ids: values.case, names: values.subject, size }),
    rounds,
    timeMs: values.time === undefined ? defaultTimeMs : positive("--time", values.time),
    node: values.node ?? process.execPath,
    json: values.json ?? false,
    write: values.write ?? false,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        case: { type: "string", multiple: true },
        subject: { type: "string", multiple: true },
        size: { type: "string" },
        rounds: { type: "string" },
        time: { type: "string" },
        node: { type: "string" },
        json: { type: "boolean" },
        write: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    // Node adds advice on arguments that begin with a dash; there are none here.
    const [message] = (error instanceof Error ? error.message : String(error)).split(". ");
    throw new UsageError(`${message}.`, { cause: error });
  }
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new UsageError(`${option} must be a number above 0, not ${JSON.stringify(text)}.`);
}

function whole(option: string, text: string): number {
  const value = positive(option, text);
  if (Number.isSafeInteger(value)) return value;
  throw new UsageError(`${option} must be a whole number, not ${text}.`);
}
