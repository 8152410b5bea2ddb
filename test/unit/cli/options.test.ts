import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest, suggestion } from "../../../src/cli/nearest.ts";
import { parseCount, parseLevels, parseMilliseconds, parseSizes } from "../../../src/cli/options.ts";
import { splitTarget } from "../../../src/cli/target.ts";
import { columnsOf, wantsColor } from "../../../src/cli/terminal.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";

test("levels: known ones once each; a slip gets a suggestion", () => {
  assert.deepEqual(parseLevels("thread, serial,thread"), ["thread", "serial"]);
  assert.throws(() => parseLevels("threads"), {
    name: "UsageError",
    message: /there is no level "threads"\. Did you mean "thread"\? Levels are serial, coroutine, thread, process\./,
  });
  assert.throws(() => parseLevels("corutine"), /Did you mean "coroutine"\?/);
  assert.throws(
    () => parseLevels("zebra"),
    (error: Error) => error instanceof UsageError && !error.message.includes("Did you mean"),
  );
  assert.throws(() => parseLevels("serial,,thread"), /--levels must be a list separated by commas/);
  assert.throws(() => parseLevels(""), UsageError);
});

test("sizes and counts: whole numbers, each refusal names the option", () => {
  assert.deepEqual(parseSizes("4,1,4"), [4, 1]);
  for (const bad of ["0", "-1", "1.5", "two", "1e3", "1,", "99999999999999999999"])
    assert.throws(() => parseSizes(bad), { name: "UsageError", message: /^--sizes/ }, bad);
  assert.throws(() => parseSizes("5000"), /more than the 1024/);
  assert.equal(parseCount("--warmup", "0", 0), 0);
  assert.throws(() => parseCount("--limit", "0", 1), /--limit must be a whole number of at least 1, got "0"/);
});

test("times: above zero, below what a timer can hold", () => {
  assert.equal(parseMilliseconds("--timeout", "2.5"), 2.5);
  for (const bad of ["0", "-5", "", "soon", "1e12", "Infinity"]) assert.throws(() => parseMilliseconds("--timeout", bad), UsageError, bad);
});

test("targets split at the last #", () => {
  assert.deepEqual(splitTarget("a/b.ts#run"), { file: "a/b.ts", name: "run" });
  assert.deepEqual(splitTarget("c#/main.js#run"), { file: "c#/main.js", name: "run" });
  assert.deepEqual(splitTarget("a.js"), { file: "a.js", name: undefined });
  assert.throws(() => splitTarget("#run"), UsageError);
});

test("near means a slip, not any word", () => {
  assert.equal(nearest("parsefile", ["parseFile", "readFile"]), "parseFile");
  assert.equal(nearest("xyz", ["parseFile"]), undefined);
  assert.equal(suggestion("q", []), "");
});

test("colour: NO_COLOR wins, FORCE_COLOR asks, else only a terminal that can", () => {
  assert.equal(wantsColor({ isTTY: true }, {}), true);
  assert.equal(wantsColor({ isTTY: true }, { NO_COLOR: "1" }), false);
  assert.equal(wantsColor({ isTTY: true }, { NO_COLOR: "1", FORCE_COLOR: "1" }), false);
  assert.equal(wantsColor({ isTTY: true }, { TERM: "dumb" }), false);
  assert.equal(wantsColor({}, {}), false);
  assert.equal(wantsColor({}, { FORCE_COLOR: "1" }), true);
  assert.equal(wantsColor({ isTTY: true }, { FORCE_COLOR: "0" }), false);
});

test("columns: COLUMNS, else the terminal's, else 80", () => {
  assert.equal(columnsOf({ columns: 100 }, { COLUMNS: "120" }), 120);
  assert.equal(columnsOf({ columns: 100 }, { COLUMNS: "wide" }), 100);
  assert.equal(columnsOf({}, {}), 80);
});
