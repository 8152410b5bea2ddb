import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { folder, isAlive, run, start } from "./run.ts";

const modules = folder({
  "work.mjs": `
    import { readFileSync, writeFileSync } from "node:fs";
    import { join } from "node:path";
    export const upper = (text) => text.toUpperCase();
    export const read = (path) => readFileSync(path, "utf8").length;
    export function loud(text) { console.log("function output"); return text; }
    export function fails(text) { throw new RangeError("no " + text); }
    export function leaves() { process.exit(3); }
    export function lasting(text) { writeFileSync(join(process.env.PIDS, String(process.pid)), ""); for (;;); }
    export const answer = 42;
  `,
  "one.txt": "1",
  "two.txt": "22",
});
after(() => modules.remove());

const quick = ["--levels", "serial,thread", "--sizes", "1", "--rounds", "3"];
const adviseWith = (...args: string[]) => run(["advise", ...args], modules.path);

interface Json {
  readonly kind: string;
  readonly function: string;
  readonly level: string;
  readonly size: number;
  readonly reasons: readonly string[];
  readonly evidence: { readonly kind: string; readonly levels: readonly { readonly level: string }[] };
  readonly forecasts: readonly { readonly level: string; readonly wallMs: number }[];
}

test("--json prints the advice and nothing else, in the agreed shape", async () => {
  const { code, stdout, stderr } = await adviseWith("work.mjs#read", "--inputs", "*.txt", ...quick, "--json");
  assert.equal(code, 0, stderr);
  const advice = JSON.parse(stdout) as Json;
  assert.equal(advice.kind, "advice");
  assert.equal(advice.function, "work.mjs#read");
  assert.deepEqual([advice.level, advice.size], ["serial", 1]);
  assert.ok(advice.reasons.length > 1);
  assert.equal(advice.evidence.kind, "comparison");
  assert.equal("detail" in advice.evidence, false);
  assert.deepEqual(
    advice.forecasts.map(({ level }) => level),
    ["serial", "thread"],
  );
});

for (const columns of [80, 120]) {
  test(`the text says what to take and why, and fits ${columns} columns`, async () => {
    const { code, stdout, stderr } = await run(["advise", "work.mjs#loud", "a", "b", ...quick], modules.path, { COLUMNS: String(columns) });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /work\.mjs#loud · 2 samples/);
    assert.match(stdout, /Recommended: serial/);
    assert.match(stdout, /^ {2}level +forecast +\(95 %\) +measured +off by +speed-up/m);
    assert.match(stdout, /^ {2}threads × 1 /m);
    assert.ok(!stdout.includes("\u001b") && !stderr.includes("\u001b"));
    assert.ok(!stdout.includes("function output"), "what the function prints is dropped");
    for (const line of stdout.split("\n")) assert.ok(line.length <= columns, line);
  });
}

test("exit code 1: when no sample succeeds, and when the function ends its program", async () => {
  const failing = await adviseWith("work.mjs#fails", "a", ...quick);
  assert.equal(failing.code, 1);
  assert.match(failing.stdout, /Warning: every sample fails\s+\(RangeError: no a\)/);
  const leaving = await adviseWith("work.mjs#leaves", "a", ...quick);
  assert.equal(leaving.code, 1);
  assert.equal(leaving.stdout, "");
  assert.match(leaving.stderr, /work\.mjs#leaves could not be looked at: .*exit code 3/);
});

const refusals: readonly (readonly [args: string, message: RegExp])[] = [
  ["work.mjs#uper a", /no export "uper"\. Did you mean "upper"\?/],
  ["work.mjs#answer a", /is not a function but number/],
  ["work.mjs#upper", /No input: give inputs as arguments/],
  ["work.mjs#upper a --levels thred", /no level "thred"\. Did you mean "thread"\?/],
  ["work.mjs#upper a --rounds 0", /--rounds must be a whole number of at least 1/],
  ["work.mjs#upper a --warmup 3", /unknown option '--warmup'/],
];
test("bad input: a clear message, exit code 2, nothing on stdout", { concurrency: 2 }, async (t) => {
  await Promise.all(
    refusals.map(([args, message]) =>
      t.test(args, async () => {
        const { code, stdout, stderr } = await adviseWith(...args.split(" "));
        assert.equal(code, 2, stderr);
        assert.equal(stdout, "");
        assert.match(stderr, message);
      }),
    ),
  );
});

test("--help has examples and exit codes", async () => {
  const { code, stdout } = await adviseWith("--help");
  assert.equal(code, 0);
  assert.match(stdout, /Examples:[\s\S]*brigade advise[\s\S]*Exit codes:/);
});

test("Ctrl-C ends it with 130, and the spinning program with it", {
  skip: process.platform === "win32" && "signals are kills there",
}, async () => {
  const pids = folder({});
  const started = start(["advise", "work.mjs#lasting", "x", ...quick], modules.path, { PIDS: pids.path });
  for (let i = 0; readdirSync(pids.path).length === 0; i++) {
    assert.ok(i < 600, "the function was not entered within 30 s");
    await delay(50);
  }
  const [pid = 0] = readdirSync(pids.path).map(Number);
  started.kill("SIGINT");
  const { code, stdout } = await started.ended;
  assert.deepEqual([code, stdout], [130, ""]);
  assert.ok(!isAlive(pid));
  pids.remove();
});
