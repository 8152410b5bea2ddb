import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { captureTrace, continues } from "../../../src/observe/ledgers/activations.ts";
import { builtinCalled, captureStack, describeFrame, guiltyFrame, programFrames } from "../../../src/observe/stack.ts";

const sample = [
  "Error: something",
  "    at pbkdf2Sync (node:internal/crypto/pbkdf2:78:10)",
  "    at hash (/app/lib/hash.js:12:5)",
  "    at Array.map (<anonymous>)",
  "    at async file:///app/main.mjs:3:1",
  "    at async node:internal/modules/esm/loader:650:26",
].join("\n");

describe("stacks of findings", () => {
  test("show the program's frames, without those of Node", () => {
    assert.deepEqual(programFrames(sample).split("\n"), [
      "    at hash (/app/lib/hash.js:12:5)",
      "    at Array.map (<anonymous>)",
      "    at async file:///app/main.mjs:3:1",
    ]);
  });

  test("and without those of brigade", () => {
    const holder: { stack?: string } = {};
    const tell = () => captureStack(holder);
    tell();
    assert.match(programFrames(holder.stack), /^ {4}at tell \(.*stack\.test/);
    assert.doesNotMatch(programFrames(holder.stack), /captureStack/);
  });

  test("but show all of them when nothing else would be left", () => {
    const own = "Error\n    at a (node:internal/a:1:1)\n    at b (node:internal/b:2:2)";
    assert.equal(programFrames(own).split("\n").length, 2);
  });

  test("are nothing when a program has made something else of them", () => {
    assert.equal(programFrames([{}]), "");
    assert.equal(programFrames(undefined), "");
    assert.equal(programFrames("Error without frames"), "");
  });

  test("the guilty frame is the innermost one in a file", () => {
    const frame = guiltyFrame("    at new Promise (<anonymous>)\n    at Parser.next [as read] (file:///app/parse.js:7:9)");
    assert.deepEqual(frame, { name: "Parser.next", place: "/app/parse.js:7" });
    assert.equal(frame && describeFrame(frame), "Parser.next (/app/parse.js:7)");
    assert.deepEqual(guiltyFrame("    at file:///app/a%20b.js:1:2"), { name: undefined, place: "/app/a b.js:1" });
    assert.equal(guiltyFrame("    at Array.map (<anonymous>)"), undefined);
  });

  test("the Node function that was called is the outermost of Node's innermost frames", () => {
    assert.equal(builtinCalled(sample), "pbkdf2Sync");
    assert.equal(builtinCalled("Error\n    at hash (/app/hash.js:1:1)"), undefined);
  });

  test("the engine's own limit is put back", () => {
    const limit = Error.stackTraceLimit;
    captureStack({});
    assert.equal(Error.stackTraceLimit, limit);
  });
});

describe("activations", () => {
  test("code after an await goes on with its function", async () => {
    async function flow() {
      const before = captureTrace();
      await null;
      return continues(captureTrace(), before);
    }
    assert.equal(await flow(), true);
  });

  test("so does a function that it awaits", async () => {
    async function inner() {
      await null;
      return captureTrace();
    }
    async function flow() {
      const before = captureTrace();
      await null;
      return continues(await inner(), before);
    }
    assert.equal(await flow(), true);
  });

  test("but not whoever called it without awaiting it", async () => {
    let before = {};
    async function callee() {
      before = captureTrace();
      await null;
    }
    async function caller() {
      void callee();
      await null;
      return continues(captureTrace(), before);
    }
    assert.equal(await caller(), false);
  });

  test("nor another call of the same function", async () => {
    const traces: object[] = [];
    async function handle() {
      traces.push(captureTrace());
      await null;
    }
    async function accept() {
      void handle();
      await null;
      void handle();
    }
    await accept();
    assert.equal(continues(traces[1] as object, traces[0] as object), false);
  });

  test("functions are told apart by where they are written, not by name", async () => {
    const make = [
      async () => {
        await null;
        return captureTrace();
      },
      async () => {
        await null;
        return captureTrace();
      },
    ] as const;
    const [a, b] = [await make[0](), await make[1]()];
    assert.equal(continues(a, await make[0]()), true);
    assert.equal(continues(a, b), false);
  });

  test("the program's own way to format stacks is left alone", () => {
    const own = (error: Error) => `mine: ${error.message}`;
    const before = Error.prepareStackTrace;
    Error.prepareStackTrace = own;
    try {
      continues(captureTrace(), captureTrace());
      assert.equal(Error.prepareStackTrace, own);
      assert.equal(new Error("x").stack, "mine: x");
    } finally {
      if (before === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
      else Error.prepareStackTrace = before;
    }
  });
});
