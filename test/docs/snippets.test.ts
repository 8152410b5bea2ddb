// Every block of TypeScript and JavaScript in README.md, docs/ and the `@example`s of src/ is a program that runs, prints what its
// comments say, and type-checks. A block that does not run says why (see blocks.ts).
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { after, describe, test } from "node:test";
import { type Block, blocksOfMarkdown, blocksOfSource } from "./blocks.ts";
import { asJavaScript, promisedLines, runnable, shown, wholeProgram } from "./programs.ts";
import { filesBelow, root, runNode } from "./project.ts";

const pages = [join(root, "README.md"), ...filesBelow("docs", ".md")];
const blocks: Block[] = [
  ...pages.flatMap((path) => blocksOfMarkdown(relative(root, path), readFileSync(path, "utf8"))),
  ...filesBelow("src", ".ts").flatMap((path) => blocksOfSource(relative(root, path), readFileSync(path, "utf8"))),
];
const programs = blocks.filter(({ language }) => runnable.has(language));
const toRun = programs.filter(({ noRun }) => noRun === undefined);
const doors = ["brigade", "brigade/shared", "brigade/testing", "brigade/lab", "brigade/observe", "brigade/unstable/ipc"];
const names = Object.fromEntries(
  await Promise.all(doors.map(async (door) => [door, Object.keys((await import(door)) as object)] as const)),
);

// Inside the project, so that `import … from "brigade"` finds the package as an installed one would be found.
mkdirSync(join(root, "build"), { recursive: true });
const scratch = mkdtempSync(join(root, "build", "snippets-"));
after(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));

/** Where a block is written, without extension: a folder for each page, so that its files find each other. */
function place({ source, line, file }: Block): string {
  return join(scratch, source.replace(/\W+/g, "-"), file?.replace(/\.\w+$/, "") ?? `line-${line}`);
}

for (const block of toRun) {
  const path = place(block);
  const program = wholeProgram(block, names);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.js`, asJavaScript(program));
  if (block.language.includes("ts") || block.language === "typescript") writeFileSync(`${path}.ts`, program);
}

describe("blocks that run", { concurrency: 2 }, () => {
  for (const block of toRun) {
    test(`${block.source}:${block.line}${block.file === undefined ? "" : ` (${block.file})`}`, async () => {
      const path = `${place(block)}.js`;
      const { code, stdout, stderr } = await runNode([path], dirname(path), block.env);
      const all = `${stdout}${stderr}`;
      if (block.fails === undefined) assert.equal(code, 0, all);
      else {
        assert.notEqual(code, 0, all);
        assert.ok(stderr.includes(block.fails), all);
      }
      const printed = stdout.split("\n");
      for (const line of promisedLines(block.code)) assert.ok(printed.includes(line), `does not print ${JSON.stringify(line)} but\n${all}`);
    });
  }
});

test("they type-check", async () => {
  const options = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      noEmit: true,
      rootDir: root,
      allowImportingTsExtensions: true,
      noUnusedLocals: false,
      noUnusedParameters: false,
      noImplicitReturns: false,
    },
    include: ["**/*.ts"],
    exclude: [],
  };
  writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify(options));
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { code, stdout } = await runNode([tsc, "-p", scratch, "--pretty", "false"], scratch);
  assert.equal(code, 0, stdout);
});

test("each block runs, or says why not, or is of a language that does not run", (t) => {
  const wrong = blocks.filter(({ language, noRun }) => (!runnable.has(language) && !shown.has(language)) || noRun === "");
  assert.deepEqual(
    wrong.map(({ source, line, language }) => `${source}:${line} ${language}`),
    [],
  );
  assert.ok(
    toRun.some(({ source }) => source === "README.md"),
    "the README has no block that runs",
  );
  assert.ok(
    toRun.some(({ kind }) => kind === "example"),
    "no @example runs",
  );
  t.diagnostic(`${blocks.length} blocks: ${toRun.length} of TypeScript and JavaScript run, ${programs.length - toRun.length} say why not`);
  for (const { source, line, noRun } of programs) if (noRun !== undefined) t.diagnostic(`${source}:${line} is not run: ${noRun}`);
});
