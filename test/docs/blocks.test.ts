// The extraction itself: a block that it overlooked would be a claim that nobody checks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Block, blocksOfMarkdown, blocksOfSource } from "./blocks.ts";
import { asJavaScript, promisedLines, wholeProgram } from "./programs.ts";

const page = (text: string): Block[] => blocksOfMarkdown("page.md", text);
const only = (text: string): Block => page(text)[0] as Block;
const names = { brigade: ["sleep", "all"], "brigade/testing": ["withVirtualClock"] };

test("fences are found with their line and language, indented and longer ones too", () => {
  const found = page("# a\n\n```ts\nconst a = 1;\n```\n\n- b\n\n  ```js\n  b();\n  ```\n\n````md\n```ts\n```\n````\n");
  assert.deepEqual(
    found.map(({ line, language, code }) => [line, language, code]),
    [
      [3, "ts", "const a = 1;"],
      [9, "js", "b();"],
      [13, "md", "```ts\n```"],
    ],
  );
  assert.throws(() => page("```ts\nconst a = 1;\n"), /page\.md:1 opens a code block that never ends/);
});

test("directives belong to the block they stand before, and to no other", () => {
  const [first, second] = page("<!-- no-run: a sketch -->\n\n```ts\nx\n```\n\n<!-- no-run: not this one -->\nText.\n```ts\ny\n```\n");
  assert.equal(first?.noRun, "a sketch");
  assert.equal(second?.noRun, undefined);
  const block = only("<!-- file: a.ts --><!-- with:\nconst x = 1;\n-->\n<!-- env: A=1 B=2 -->\n<!-- fails: no -->\n```ts\ny\n```\n");
  assert.deepEqual([block.file, block.before, block.env, block.fails], ["a.ts", "const x = 1;", { A: "1", B: "2" }, "no"]);
});

test("examples of doc comments are found, fenced and bare", () => {
  const source =
    "/** A.\n *\n *  @example\n *  ```ts\n *  if (a) {\n *    b();\n *  }\n *  ```\n */\nexport {};\n/** B.\n *  @example c(); */\n";
  const found = blocksOfSource("a.ts", source);
  assert.deepEqual(
    found.map(({ code }) => code),
    ["if (a) {\n  b();\n}", "c();"],
  );
  assert.ok(found.every(({ kind, language }) => kind === "example" && language === "ts"));
});

test("a block without imports gets the names it uses, and only those", () => {
  const program = wholeProgram(only("```ts\nawait sleep(1); // not all\n```\n"), names);
  assert.match(program, /import { sleep } from "brigade";/);
  assert.doesNotMatch(program, /\ball }|withVirtualClock/);
  assert.doesNotMatch(wholeProgram(only('```ts\nimport { sleep } from "brigade";\nawait all([]);\n```\n'), names), /import { all/);
  assert.doesNotMatch(wholeProgram(only("```ts\nconst all = 1; x.sleep();\n```\n"), names), /import/);
});

test("values and lines that comments promise are checked", () => {
  const program = wholeProgram(
    only("```ts\nconst a = [1,\n  2,\n]; // [1, 2]\nconst b = f(); // some words\nif (x) y(); // 3\n```\n"),
    names,
  );
  assert.match(program, /assertSnippet\.deepEqual\(a as unknown, \[1, 2\]\);/);
  assert.equal(program.match(/deepEqual/g)?.length, 1);
  assert.deepEqual(promisedLines("console.log(await f(1)); // 42\nif (x) console.log(`a`); // b c\nconsole.log(1);"), ["42", "b c"]);
});

test("TypeScript becomes JavaScript that finds the other files of its page", () => {
  const code = asJavaScript('import { a } from "./tasks.ts";\nconst b: number = a;\nconst c = await import("./x.ts");\n');
  assert.match(code, /from "\.\/tasks\.js"/);
  assert.match(code, /import\("\.\/x\.js"\)/);
  assert.doesNotMatch(code, /: number/);
});
