// Runs built tests under one Node program and counts them.
import { spawn } from "node:child_process";
import { join, relative, sep } from "node:path";
import { root, walk } from "./files.mjs";

/** A file that takes longer hangs; the run then says which and goes on. */
const fileTimeoutMs = 600_000;
const testRoot = join(root, "build", "test");

/** The built test files: those whose path contains one of the words, when any is given, and none of the words after a `!`. Node 20's `--test`
 *  takes no patterns. */
export function testFiles(words = []) {
  const unwanted = words.filter((word) => word.startsWith("!")).map((word) => word.slice(1));
  const wanted = words.filter((word) => !word.startsWith("!"));
  return walk(testRoot)
    .filter((path) => path.endsWith(".test.js"))
    .map((path) => relative(root, path))
    .filter((path) => {
      const name = path.split(sep).join("/");
      return (wanted.length === 0 || wanted.some((word) => name.includes(word))) && !unwanted.some((word) => name.includes(word));
    });
}

/** Resolves to `{ passed, failed, skipped, ok }`. The counts are those of node's own summary; output goes through as it comes.
 *  A run that ends without a summary, or without a test, counts as one failure. */
export function runSuite(node, files, env = {}) {
  const args = ["--test", "--test-concurrency=2", "--test-reporter=spec", `--test-timeout=${fileTimeoutMs}`, ...files];
  const child = spawn(node, args, {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    // A test run inside a test run would otherwise speak the parent's binary protocol and count nothing.
    env: { ...process.env, ...env, NODE_TEST_CONTEXT: undefined },
  });
  let tail = "";
  child.stdout.on("data", (chunk) => {
    process.stdout.write(chunk);
    tail = (tail + chunk).slice(-65_536);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      // The failures listed after the summary may quote anything: the summary is the last run of such lines that has all counts.
      const count = (name) => Number([...stripColour(tail).matchAll(new RegExp(`^ℹ ${name} (\\d+)$`, "gm"))].at(-1)?.[1] ?? Number.NaN);
      const [passed, failed, cancelled, skipped, todo] = ["pass", "fail", "cancelled", "skipped", "todo"].map(count);
      if (Number.isNaN(passed) || passed + failed + cancelled === 0) {
        console.error(`the test run ended without a result (exit ${code ?? signal})`);
        resolve({ passed: 0, failed: 1, skipped: 0, ok: false });
        return;
      }
      const lost = failed + cancelled === 0 && code !== 0 ? 1 : 0;
      resolve({ passed, failed: failed + cancelled + lost, skipped: skipped + todo, ok: code === 0 });
    });
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what starts a colour
const stripColour = (text) => text.replace(/\u001b\[[0-9;]*m/g, "");

/** The closing line of every script that runs tests; `.ci/run` adds them up. */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
