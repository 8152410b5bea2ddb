// What may be asked for on the command line, and how it is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, help, parseCommand } from "../../bench/command.ts";
import { suites } from "../../bench/suites/all.ts";
import { UsageError } from "../../src/cli/usage-error.ts";

function parsed(...argv: string[]): Command {
  const command = parseCommand(argv);
  assert.ok(command !== "help");
  return command;
}

test("a suite alone means all of it, on this Node", () => {
  const { suite, cases, rounds, timeMs, node, json, write } = parsed("coroutines");
  assert.equal(suite.name, "coroutines");
  assert.deepEqual(cases, suite.cases);
  assert.deepEqual({ rounds, timeMs, node, json, write }, { rounds: 5, timeMs: 150, node: process.execPath, json: false, write: false });
});

test("cases, subjects and sizes can be chosen", () => {
  const { cases, rounds, timeMs } = parsed(
    ...["coroutines", "--case", "task", "--subject", "limit", "--subject", "effect", "--size", "50", "--rounds", "7", "--time", "2.5"],
  );
  assert.deepEqual(
    cases.map(({ id, sizes }) => [id, sizes]),
    [["task", [50]]],
  );
  assert.deepEqual([...new Set(cases.flatMap(({ subjects }) => subjects.map(({ role }) => role)))], ["limit", "rival"]);
  assert.deepEqual([rounds, timeMs], [7, 2.5]);
});

test("help names every suite and fits 80 columns", () => {
  assert.equal(parseCommand(["--help"]), "help");
  for (const { name } of suites) assert.match(help, new RegExp(`^  ${name} `, "m"));
  for (const line of help.split("\n")) assert.ok(line.length <= 80, line);
});

for (const [argv, message] of [
  ["", /Name a suite: coroutines, /],
  ["corutines", /no suite "corutines"\. Did you mean "coroutines"\?/],
  ["locks channels", /One suite at a time/],
  ["locks --case wth", /locks has no case "wth"\. Did you mean "with"\? It has try, with, /],
  ["locks --subject efect", /Nothing here is measured for "efect"\. Did you mean "effect"\?/],
  ["locks --case try --subject p-limit", /Nothing here is measured for "p-limit"/],
  ["locks --rounds 0", /--rounds must be a number above 0, not "0"/],
  ["locks --rounds 1.5", /--rounds must be a whole number, not 1\.5/],
  ["locks --time soon", /--time must be a number above 0, not "soon"/],
  ["locks --size -1", /Option '--size' argument is ambiguous/],
  ["locks --fast", /^Unknown option '--fast'\.$/],
  ["locks --write --case try", /--write needs the whole suite and at least 5 rounds/],
  ["locks --write --rounds 4", /--write needs the whole suite and at least 5 rounds/],
] as const) {
  test(`refused: ${argv === "" ? "nothing" : argv}`, () => {
    const refusal = (error: unknown): boolean => error instanceof UsageError && message.test(error.message);
    assert.throws(() => parseCommand(argv.split(" ").filter(Boolean)), refusal);
  });
}
