import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { run } from "./run.ts";

test("the tour plays all its chapters, measures what it says, and fits the width", { timeout: 240_000 }, async () => {
  const { code, stdout, stderr } = await run(["tour", "--fast"], tmpdir(), { COLUMNS: "80" });
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  const titles = [...stdout.matchAll(/^ {2}(\d+)\. (.+)$/gm)].map(([, number]) => Number(number));
  assert.deepEqual(
    titles,
    Array.from({ length: 13 }, (_, n) => n + 1),
  );
  for (const line of stdout.split("\n")) assert.ok([...line].length <= 80, line);
  const text = stdout.replace(/\s+/g, " ");
  assert.match(text, /In the book: 99\. With a lock: 90\./);
  assert.match(text, /2 threads put 50,000 jars each on a common shelf, which now has 100,000\./);
  assert.match(text, /its clock ticked 0 times/);
  assert.match(text, /can never end/);
  assert.match(text, /And your own function\? brigade advise FILE#name/);
});

test("the chapter on processes kills one, at any width", { timeout: 120_000 }, async () => {
  for (const width of [60, 120]) {
    const { code, stdout } = await run(["tour", "--chapter", "3"], tmpdir(), { COLUMNS: String(width) });
    assert.equal(code, 0);
    for (const line of stdout.split("\n")) assert.ok([...line].length <= width, line);
    assert.match(stdout.replace(/\s+/g, " "), /1 of 6 tasks failed, with an error that says so/);
    assert.match(stdout, /\bx failed\b/);
  }
});

test("one chapter alone, and one that does not exist", { timeout: 120_000 }, async () => {
  const { code, stdout } = await run(["tour", "--chapter", "12"], tmpdir());
  assert.equal(code, 0);
  assert.deepEqual(
    [...stdout.matchAll(/^ {2}(\d+)\. /gm)].map(([, number]) => number),
    ["12"],
  );
  const none = await run(["tour", "--chapter", "14"], tmpdir());
  assert.equal(none.code, 2);
  assert.match(none.stderr, /There are 13 chapters, and no chapter 14\./);
  assert.equal((await run(["tour", "--chapter", "one"], tmpdir())).code, 2);
});
