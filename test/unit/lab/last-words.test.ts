import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { lastWords } from "../../../src/lab/compare/last-words.ts";

const dying = (program: string, ...flags: string[]) => spawnSync(process.execPath, [...flags, "-e", program], { encoding: "utf8" }).stderr;

test("an exception: its message, without where", () => {
  const words = lastWords(dying("setImmediate(() => { throw new RangeError('too far'); })"));
  assert.match(words, /RangeError: too far$/);
  assert.doesNotMatch(words, / at |Node\.js v/);
});

test("no memory left: that, and not the addresses and tables after and before it", () => {
  const words = lastWords(dying("const kept = []; for (;;) kept.push(new Array(1000).fill(kept.length))", "--max-old-space-size=16"));
  assert.match(words, /^: FATAL ERROR: .*heap out of memory/);
  assert.doesNotMatch(words, /0x[0-9a-f]/);
});

test("a failed check: what did not hold", () => {
  assert.equal(
    lastWords("#\n# Fatal error in , line 0\n# Check failed: a == b.\n#\n----- Native stack trace -----\n\n 1: 0xd31 [node]\n"),
    ": # Fatal error in , line 0 · # Check failed: a == b.",
  );
});

test("nothing said, nothing shown", () => {
  assert.equal(lastWords("\n \n"), "");
});
