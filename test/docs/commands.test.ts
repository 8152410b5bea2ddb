// Every command line that README.md and the guide show is run here, or stands in the list with the reason why not. What they print is
// compared with what the pages show, as far as it does not depend on the machine; `commands.ts` renews it.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { rowsOf } from "../../src/lab/matrix/catalog.ts";
import { brigade, commandsOf, type Shown } from "./commands.ts";
import { filesBelow, root, runNode } from "./project.ts";

const pages = [join(root, "README.md"), ...filesBelow("docs", ".md")];
const shown = new Map(pages.flatMap(commandsOf).map((each) => [each.command, each]));
const { name, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly name: string;
  readonly version: string;
};

const headings = (lines: readonly string[]): string[] =>
  lines.filter((line) => /^\s*level\s/.test(line)).map((line) => line.trim().replace(/\s+/g, " "));

/** Verdicts depend on the machine; that each statement that is named has its place on the page does not. */
const triesAsShown = async ({ command, output }: Shown): Promise<void> => {
  const statements = (lines: readonly string[]) => lines.flatMap((line) => /^ {2}[✓≈✗?] +(\d+) {2}[A-Z\d]/.exec(line)?.[1] ?? []);
  const ids = command.split(" ").slice(3);
  assert.deepEqual(statements((await brigade(command)).split("\n")), ids);
  if (output.length > 0) assert.deepEqual(statements(output), ids);
};

/** What each command must do; a string is the reason why it is not run here. */
const expected: Readonly<Record<string, string | ((shown: Shown) => void | Promise<void>)>> = {
  "npm ci && npm start": "installs, and measures for a minute; .ci/run installs, and the comparison is run below on few inputs",
  "npm ci && npm test": "this is it",
  "npm run build": "these tests run from what it has built",
  "npm ci && npm run build && npm pack": "test/packaging packs and unpacks",
  "npm install ../brigade/brigade-0.1.0.tgz": ({ command }) =>
    assert.ok(command.endsWith(`/${name}-${version}.tgz`), "the version has moved on"),
  'npx brigade compare examples/compare/parse-sources.ts#parseFile --inputs "node_modules/**/*.js" --limit 400': async ({
    command,
    output,
  }) => {
    const real = (await brigade(command, "--limit", "4", "--rounds", "1", "--warmup", "0")).split("\n");
    assert.deepEqual(headings(output), headings(real));
    for (const part of [/^ {2}Verdict: /, /one lane per worker$/, /^ {2}Each level × round ran in a fresh program/]) {
      assert.ok(real.some((line) => part.test(line)) && output.some((line) => part.test(line)), String(part));
    }
  },
  "npx brigade matrix --rows create-warm,switch,memory-private,survives-exit,survives-segfault,loop-rest": async ({ command, output }) => {
    // the last --rows counts: one experiment shows that the command runs
    const real = await brigade(command, "--quick", "--rows", "survives-exit");
    assert.match(real, /survive: process\.exit\(\) +no \[1\] +yes \[2\] +yes \[2\]/);
    const rows = rowsOf(command.split(" ").at(-1)?.split(","));
    const flat = output.join(" ").replace(/\s+/g, " ");
    for (const { title, group, note } of rows) {
      assert.ok(
        output.some((line) => line.startsWith(`  ${title}  `)),
        title,
      );
      assert.ok(
        output.some((line) => new RegExp(`^  ${group} +coroutine +thread +process$`).test(line)),
        group,
      );
      assert.ok(flat.includes(note), note);
    }
    assert.ok(flat.includes("Each experiment on each level ran in a fresh program"));
  },
  'npx brigade compare examples/compare/parse-sources.ts#parseFile --inputs "node_modules/**/*.js" --html report.html': async ({
    command,
  }) => {
    const folder = mkdtempSync(join(tmpdir(), "brigade-docs-"));
    try {
      const page = join(folder, "report.html");
      await brigade(command, "--limit", "4", "--rounds", "1", "--warmup", "0", "--html", page);
      assert.match(readFileSync(page, "utf8"), /^<!doctype html>.*<h1>examples.*id="lanes-view"/s);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  "npx brigade claims 1 11 13": triesAsShown,
  "npx brigade claims 3 11 40": triesAsShown,
  'npx brigade advise examples/compare/parse-sources.ts#parseFile --inputs "node_modules/**/*.js" --limit 400': async ({
    command,
    output,
  }) => {
    const real = (await brigade(command, "--limit", "4", "--levels", "serial,thread")).split("\n");
    assert.deepEqual(headings(real), ["level forecast (95 %) measured off by speed-up"]);
    for (const part of [/^ {2}Recommended: /, /^ {2}· /, /^ {2}one call$/])
      assert.ok(
        real.some((line) => part.test(line)),
        String(part),
      );
    if (output.some((line) => line !== "")) assert.deepEqual(headings(output), headings(real));
  },
  "npx brigade doctor": async ({ command, output }) => {
    const { facts } = JSON.parse(await brigade(command, "--json")) as {
      readonly facts: readonly { readonly id: string; readonly label: string }[];
    };
    // The certificates of the machine are told only where they cost something.
    const labels = facts.filter(({ id }) => id !== "certificates").map(({ label }) => label);
    const found = output.flatMap((line) => /^ {2}[✓·✗] (\S+(?: \S+)*) {2}/.exec(line)?.[1] ?? []);
    assert.deepEqual(found, labels);
    assert.match(await brigade(command), new RegExp(`^\\s*brigade ${version}\\n`));
    assert.equal(output[0], `  brigade ${version}`);
  },
  "npx brigade tour": "test/cli/tour plays it without waiting for Enter",
  "npx brigade tour --chapter 3": async ({ command }) => assert.match(await brigade(command), /^ {2}3\. Process$/m),
  "npx brigade claims 7 16 27": triesAsShown,
  "BRIGADE_LEVEL=coroutines node build/examples/seeds/fetch-data-threads.js": async ({ output }) => {
    const program = join("build", "examples", "seeds", "fetch-data-threads.js");
    const { code, stdout: printed, stderr } = await runNode([program], root, { BRIGADE_LEVEL: "coroutines", BRIGADE_EXAMPLE_MS: "20" });
    assert.equal(code, 0, stderr);
    assert.deepEqual(printed.split("\n").slice(0, -1), output);
  },
};

test("each command line of README and guide is in the list, and the list names no other", () => {
  assert.deepEqual([...shown.keys()].sort(), Object.keys(expected).sort());
});

test("what the pages show fits 80 columns", () => {
  for (const { output } of shown.values()) for (const line of output) assert.ok([...line].length <= 80, line);
});

for (const [command, check] of Object.entries(expected)) {
  if (typeof check === "string") continue;
  test(`$ ${command}`, async () => {
    const found = shown.get(command);
    assert.ok(found, "no page shows it");
    await check(found);
  });
}

test("commands that are shown and not run", (t) => {
  for (const [command, check] of Object.entries(expected)) if (typeof check === "string") t.diagnostic(`$ ${command}: ${check}`);
});
