import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { callerOf } from "../../../src/wire/call-site.ts";
import { describeModule, isWindowsPath, urlOfFileName } from "../../../src/wire/module-url.ts";

function whoCalls() {
  return callerOf(whoCalls);
}

test("the caller is found, through built-ins and with the hooks of Error taken", () => {
  assert.equal(whoCalls().url, import.meta.url);
  assert.equal(["a"].map(whoCalls)[0]?.url, import.meta.url);
  const { stackTraceLimit } = Error;
  const prepare = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  const mine = () => "mine";
  try {
    Error.prepareStackTrace = mine;
    Error.stackTraceLimit = 0;
    assert.equal(whoCalls().url, import.meta.url);
    assert.equal(Error.prepareStackTrace, mine);
    assert.equal(Error.stackTraceLimit, 0);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (prepare) Object.defineProperty(Error, "prepareStackTrace", prepare);
    else Reflect.deleteProperty(Error, "prepareStackTrace");
  }
});

test("the hooks of Error are as before, also where there were none", () => {
  const before = ["prepareStackTrace", "stackTraceLimit"].map((key) => Object.getOwnPropertyDescriptor(Error, key));
  whoCalls();
  const after = ["prepareStackTrace", "stackTraceLimit"].map((key) => Object.getOwnPropertyDescriptor(Error, key));
  assert.deepEqual(after, before);
});

test("the hooks of Error are put back when the capture throws", () => {
  const capture = Error.captureStackTrace;
  const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  const { stackTraceLimit } = Error;
  try {
    Error.captureStackTrace = () => {
      throw new RangeError("no stack");
    };
    const site = whoCalls();
    assert.equal(site.url, undefined);
    assert.match(site.why, /does not tell/);
  } finally {
    Error.captureStackTrace = capture;
  }
  assert.deepEqual(Object.getOwnPropertyDescriptor(Error, "prepareStackTrace"), before);
  assert.equal(Error.stackTraceLimit, stackTraceLimit);
});

test("evaluated code has no module, unless it names a file", () => {
  const evaluate = (text: string) => (new Function("who", text) as (who: typeof whoCalls) => ReturnType<typeof whoCalls>)(whoCalls);
  const plain = evaluate("return who();");
  assert.equal(plain.url, undefined);
  assert.match(plain.why, /evaluated from a string/);
  const file = process.platform === "win32" ? "C:/src/x.ts" : "/src/x.ts";
  assert.equal(evaluate(`return who();\n//# sourceURL=${file}`).url, pathToFileURL(file).href);
});

test("webpack's evaluated modules belong to the bundle that evaluates them", () => {
  const evaluate = new Function("who", "return who();\n//# sourceURL=webpack-internal:///./src/tasks.js") as (
    who: typeof whoCalls,
  ) => ReturnType<typeof whoCalls>;
  assert.equal(evaluate(whoCalls).url, import.meta.url);
});

const names: readonly (readonly [string, string | undefined])[] = [
  ["file:///a/b.mjs", "file:///a/b.mjs"],
  ["file:///a/b.mjs?v=2#part", "file:///a/b.mjs?v=2"],
  ["C:\\code\\a b.js", "file:///C:/code/a%20b.js"],
  ["d:/code/b.ts", "file:///d:/code/b.ts"],
  ["\\\\server\\share\\c.js", "file://server/share/c.js"],
  ["data:text/javascript,1", "data:text/javascript,1"],
  ["https://example.com/w.js", "https://example.com/w.js"],
  ["[eval]", undefined],
  ["[eval]-wrapper", undefined],
  ["file:///home/me/[eval1]", undefined],
  ["file:///home/me/%5Beval1%5D", undefined],
  ["C:\\me\\[eval]", undefined],
  ["[stdin]", undefined],
  ["[worker eval]", undefined],
  ["REPL1", undefined],
  ["evalmachine.<anonymous>", undefined],
  ["node:internal/timers", undefined],
  ["webpack-internal:///./x.js", undefined],
  ["relative/x.js", undefined],
  ["", undefined],
];
for (const [name, url] of names) {
  test(`the file name ${JSON.stringify(name)} gives ${url ?? "no module"}`, () => assert.equal(urlOfFileName(name), url));
}

test("a path with the characters of URLs survives", { skip: process.platform === "win32" }, () => {
  assert.equal(urlOfFileName("/a/b#c?d%e.js"), "file:///a/b%23c%3Fd%25e.js");
  assert.equal(describeModule("file:///a/b%23c.js?v=2"), "/a/b#c.js?v=2");
});

test("messages shorten long URLs", () => {
  assert.equal(describeModule(`data:text/javascript,${"x".repeat(500)}`).length, 120);
  assert.equal(isWindowsPath("file:///C:/x"), false);
});
