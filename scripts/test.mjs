// Builds, then runs the tests on this Node.
//   npm test                     all of them
//   npm test -- unit/core wire   those whose path contains one of these words
//   npm test -- unit '!unit/lab' and none of those after a !
import { build } from "./build.mjs";
import { closingLine, runSuite, testFiles } from "./suite.mjs";

try {
  await build();
  const files = testFiles(process.argv.slice(2));
  if (files.length === 0) throw new Error(`no built test file matches ${process.argv.slice(2).join(" ") || "anything"}`);
  const result = await runSuite(process.execPath, files);
  process.exitCode = result.ok ? 0 : 1;
  console.log(closingLine(result));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
}
