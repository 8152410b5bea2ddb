// Measuring programs that end in other ways than with an answer.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runProgram } from "../../../src/lab/compare/program.ts";
import { noting, standIn } from "./matrix/programs.ts";

const checkFailed = `
  const frame = (_, n) => \` \${n + 1}: 0x\${(0xd32000 + n).toString(16)} v8::internal::compiler::\${"Name".repeat(40)}() [/usr/bin/node]\\n\`;
  const stack = "----- Native stack trace -----\\n\\n" + Array.from({ length: 30 }, frame).join("");
  const { writeSync } = await import("node:fs");
  writeSync(2, "#\\n# Fatal error in , line 0\\n# Check failed: (location_) != nullptr.\\n#\\n" + stack);
  process.kill(process.pid, "SIGABRT");`;

test("a program that the runtime's own check has ended is started once more", async () => {
  const program = standIn(`
    import { existsSync, writeFileSync } from "node:fs";
    const mark = new URL("mark", import.meta.url);
    if (existsSync(mark)) await say({ type: "observed", second: true });
    else { writeFileSync(mark, ""); ${checkFailed} }
  `);
  const noted = noting(program.settings);
  const answer = await runProgram<{ readonly type: string; readonly second?: boolean }>({}, noted, {});
  program.remove();
  assert.ok("message" in answer && answer.message.second, JSON.stringify(answer));
  assert.equal(noted.pids.length, 2);
});

test("once only; and then the reason is told", async () => {
  const program = standIn(checkFailed);
  const noted = noting(program.settings);
  const answer = await runProgram({}, noted, {});
  program.remove();
  assert.ok("failure" in answer);
  assert.match(answer.failure, /Check failed: \(location_\) != nullptr/);
  assert.equal(noted.pids.length, 2);
});

test("an abort of the job's own is an answer, and is not tried again", { skip: process.platform === "win32" }, async () => {
  const program = standIn("process.abort();");
  const noted = noting(program.settings);
  const answer = await runProgram({}, noted, {});
  program.remove();
  assert.ok("failure" in answer && answer.end.status === "SIGABRT" && !answer.end.broke, JSON.stringify(answer));
  assert.equal(noted.pids.length, 1);
});
