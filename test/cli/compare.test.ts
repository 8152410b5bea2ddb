import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { folder, isAlive, run, start } from "./run.ts";

const modules = folder({
  "work.mjs": `
    import { readFileSync, writeFileSync } from "node:fs";
    import { join } from "node:path";
    export const upper = (text) => ({ text: text.toUpperCase(), letters: new Map([...text].map((letter, i) => [letter, i])) });
    export async function read(path) { return readFileSync(path, "utf8").length; }
    export function picky(text) { if (text === "b") throw new RangeError("no b here"); return text; }
    export const random = () => Math.random();
    let calls = 0;
    export function counter() { return { calls: ++calls }; }
    export function opaque(text) { return { user: { socket: () => text } }; }
    export function endless(text) { if (text === "b") for (;;); return text; }
    export async function stuck(text) { if (text === "b") await new Promise(() => setInterval(() => {}, 1000)); return text; }
    export function leaves(text) { if (text === "b") process.exit(3); return text; }
    export function loud(text) { console.log("function output"); return text; }
    export function lasting(text) { writeFileSync(join(process.env.PIDS, String(process.pid)), ""); for (;;); }
    export const answer = 42;
    export class Shape {}
  `,
  "throws.mjs": `throw new Error("top level is broken");`,
  "plain.cjs": `exports.double = (text) => text + text;`,
  "one.txt": "1",
  "two.txt": "22",
});
after(() => modules.remove());

const quick = ["--rounds", "1", "--sizes", "1", "--warmup", "1"];
const compare = (...args: string[]) => run(["compare", ...args], modules.path);

/** The contract of \`--json\`, as far as these tests look at it. */
interface Json {
  readonly function: string;
  readonly inputs: number;
  readonly levels: readonly {
    readonly level: string;
    readonly size: number;
    readonly failed: number;
    readonly equal: boolean;
    readonly failure?: string;
    readonly samplesMs: readonly number[];
  }[];
  readonly verdict: { readonly level: string; readonly size: number; readonly reason: string };
}

test("--json prints the report and nothing else: every level agrees, in the agreed shape", async () => {
  const { code, stdout, stderr } = await compare("work.mjs#upper", "abc", "def", ...quick, "--rounds", "2", "--json");
  assert.equal(code, 0, stderr);
  const report = JSON.parse(stdout) as Json;
  assert.deepEqual(Object.keys(report).sort(), ["function", "inputs", "kind", "levels", "machine", "node", "verdict"]);
  assert.equal(report.function, "work.mjs#upper");
  assert.equal(report.inputs, 2);
  assert.deepEqual(
    report.levels.map(({ level }) => level),
    ["serial", "coroutine", "thread", "process"],
  );
  for (const row of report.levels) {
    assert.equal(row.equal, true);
    assert.equal(row.samplesMs.length, 2);
    for (const key of [
      "wallMs",
      "itemsPerSecond",
      "speedup",
      "cpuSeconds",
      "p50Ms",
      "p99Ms",
      "overheadUs",
      "peakRssMB",
      "loopStallMs",
      "failed",
    ]) {
      assert.equal(typeof (row as unknown as Record<string, unknown>)[key], "number", key);
    }
  }
  assert.deepEqual(Object.keys(report.verdict).sort(), ["level", "reason", "size"]);
  assert.match(stderr, /work\.mjs#upper will run 2 inputs × 4 configurations × 2 rounds = 16 times/);
});

test("the text says up front how often the function runs, fits its width, and has no colour without a terminal", async () => {
  const { code, stdout, stderr } = await run(["compare", "work.mjs#loud", "a", "b", ...quick, "--levels", "serial,thread"], modules.path, {
    COLUMNS: "80",
  });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^\s+work\.mjs#loud will run 2 inputs × 2 configurations × 1 round = 4\s+times/);
  assert.match(stdout, /threads × 1/);
  assert.match(stdout, /Verdict: /);
  assert.ok(!stdout.includes("\u001b") && !stderr.includes("\u001b"));
  assert.ok(!stdout.includes("function output"), "what the function prints is dropped");
  for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
});

test("globs are absolute paths, and a file that cannot be read fails alone", async () => {
  const { code, stdout } = await compare("work.mjs#read", "absent.txt", "--inputs", "*.txt", ...quick, "--json");
  assert.equal(code, 0);
  const { inputs, levels } = JSON.parse(stdout) as Json;
  assert.equal(inputs, 3);
  for (const row of levels) assert.deepEqual([row.failed, row.equal], [1, true]);
});

test("a function that throws for some inputs: counted, the first messages shown, equal on every level", async () => {
  const { code, stdout } = await compare("work.mjs#picky", "a", "b", "c", ...quick);
  assert.equal(code, 0);
  assert.match(stdout, /1 of 3 items failed with serial\n\s+b: RangeError: no b here/);
  const all = await compare("work.mjs#picky", "b", ...quick, "--levels", "serial,thread");
  assert.equal(all.code, 1, "no item succeeded anywhere");
  assert.match(all.stdout, /every item failed/);
});

test("results that differ: warned first, the first difference shown, exit code 1", async () => {
  const { code, stdout } = await compare(
    "work.mjs#counter",
    "a",
    "b",
    "c",
    ...quick,
    "--warmup",
    "0",
    "--sizes",
    "2",
    "--levels",
    "serial,process",
  );
  assert.equal(code, 1);
  assert.match(stdout, /DIFFER/);
  assert.match(stdout, /Results differ, first at input \d: /);
  assert.match(stdout, /serial +result\.calls = 2\n +processes × 2 +result\.calls = 1\n +A usual cause is state/);
  assert.match(stdout, /Warning: the results are not equal/);
  const random = await compare("work.mjs#random", "a", ...quick, "--levels", "serial,coroutine");
  assert.equal(random.code, 1);
  assert.match(random.stdout, /serial gives this item another result each time it runs/);
});

test("what cannot travel fails on every level with its path", async () => {
  const { code, stdout } = await compare("work.mjs#opaque", "a", ...quick, "--json");
  assert.equal(code, 1);
  for (const row of (JSON.parse(stdout) as Json).levels) assert.deepEqual([row.failed, row.equal], [1, true]);
  assert.match((await compare("work.mjs#opaque", "a", ...quick)).stdout, /result\.user\.socket/);
});

test("a function that never ends: with --timeout its item fails; where it cannot be interrupted, the row says so", async () => {
  const waiting = await compare("work.mjs#stuck", "a", "b", ...quick, "--timeout", "200", "--json");
  assert.equal(waiting.code, 0, waiting.stderr);
  for (const row of (JSON.parse(waiting.stdout) as Json).levels) assert.deepEqual([row.failed, row.equal], [1, true], row.level);
  const spinning = await compare("work.mjs#endless", "a", "b", ...quick, "--timeout", "200", "--levels", "serial,thread", "--json");
  assert.equal(spinning.code, 1);
  const [serial, thread] = (JSON.parse(spinning.stdout) as Json).levels;
  assert.match(serial?.failure ?? "", /stopped: no sign of life/);
  assert.deepEqual([thread?.failure, thread?.failed], [undefined, 1]);
});

test("a function that ends its program: the row says so, threads and processes lose only the item", async () => {
  const { code, stdout } = await compare("work.mjs#leaves", "a", "b", "c", ...quick, "--json");
  assert.equal(code, 1);
  const [serial, coroutine, thread, child] = (JSON.parse(stdout) as Json).levels;
  for (const row of [serial, coroutine]) assert.match(row?.failure ?? "", /ended without a result \(exit code 3\)/);
  for (const row of [thread, child]) assert.deepEqual([row?.failed, row?.equal], [1, true]);
});

test("CommonJS modules work", async () => {
  const { code, stdout, stderr } = await compare("plain.cjs#double", "a", ...quick, "--json");
  assert.equal(code, 0, stderr);
  assert.ok((JSON.parse(stdout) as Json).levels.every(({ failed, equal }) => failed === 0 && equal));
});

const refusals: readonly (readonly [args: string, message: RegExp])[] = [
  ["work.mj#upper a", /There is no file work\.mj\. Did you mean "work\.mjs"\?/],
  ["work.mjs#uper a", /no export "uper"\. Did you mean "upper"\? It exports the functions /],
  ["work.mjs#answer a", /work\.mjs#answer is not a function but number/],
  ["work.mjs#Shape a", /is a class, which needs new/],
  ["work.mjs a", /Which function of work\.mjs\? Say FILE#name\./],
  ["throws.mjs#x a", /top level is broken/],
  [". a", /is not a file/],
  ["work.mjs#upper", /No input: give inputs as arguments/],
  ["work.mjs#upper --inputs *.none", /No input: no file matches "\*\.none"/],
  ["work.mjs#upper a --levels serial,thred", /no level "thred"\. Did you mean "thread"\?/],
  ["work.mjs#upper a --sizes 0", /--sizes must be a whole number of at least 1, got "0"/],
  ["work.mjs#upper a --sizes -2", /--sizes must be a whole number of at least 1, got "-2"/],
  ["work.mjs#upper a --rounds 1.5", /--rounds must be a whole number/],
  ["work.mjs#upper a --limit none", /--limit must be a whole number/],
  ["work.mjs#upper a --timeout 0", /--timeout must be a time in milliseconds above 0/],
  ["work.mjs#upper a --bogus", /unknown option '--bogus'/],
  ["", /missing required argument 'FILE#name'/],
];
test("bad input: a clear message, exit code 2, nothing on stdout", { concurrency: 2 }, async (t) => {
  await Promise.all(
    refusals.map(([args, message]) =>
      t.test(args === "" ? "(no arguments)" : args, async () => {
        const { code, stdout, stderr } = await compare(...args.split(" ").filter((arg) => arg !== ""));
        assert.equal(code, 2, stderr);
        assert.equal(stdout, "");
        assert.match(stderr, message);
        assert.ok(!/\n\s+at /.test(stderr), `no stack: ${stderr}`);
      }),
    ),
  );
});

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (condition()) return;
    await delay(50);
  }
  assert.fail(`${what} did not happen within 15 s`);
}

for (const level of ["serial", "process"]) {
  test(`nobody outlives an interruption or a kill, spinning at level ${level}`, {
    skip: process.platform === "win32" && "signals are kills there",
  }, async () => {
    for (const signal of ["SIGINT", "SIGKILL"] as const) {
      const pids = folder({});
      const started = start(["compare", "work.mjs#lasting", "x", ...quick, "--levels", level, "--warmup", "0"], modules.path, {
        PIDS: pids.path,
      });
      await until(() => readdirSync(pids.path).length > 0, "the function being entered");
      const [pid = 0] = readdirSync(pids.path).map(Number);
      started.kill(signal);
      const { code } = await started.ended;
      if (signal === "SIGINT") assert.equal(code, 130);
      await until(() => !isAlive(pid), `the end of the spinning program after ${signal}`);
      pids.remove();
    }
  });
}

test("Ctrl-C shows what had finished", { skip: process.platform === "win32" && "signals are kills there" }, async () => {
  const pids = folder({});
  const mixed = folder({
    "half.mjs": `import { isMainThread } from "node:worker_threads"; import { writeFileSync } from "node:fs"; import { join } from "node:path";
      export function half(text) { if (isMainThread) return text; writeFileSync(join(process.env.PIDS, String(process.pid)), ""); for (;;); }`,
  });
  const started = start(["compare", "half.mjs#half", "x", ...quick, "--levels", "serial,thread", "--warmup", "0"], mixed.path, {
    PIDS: pids.path,
  });
  await until(() => readdirSync(pids.path).length > 0, "the second level being entered");
  started.kill("SIGINT");
  const { code, stdout } = await started.ended;
  assert.equal(code, 130);
  assert.match(stdout, /Interrupted: only the rounds that finished are counted\./);
  assert.match(stdout, /^ {2}serial /m);
  assert.doesNotMatch(stdout, /^ {2}threads/m);
  for (const made of [pids, mixed]) made.remove();
});

test("help and version", async () => {
  const help = await run(["compare", "--help"], modules.path);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /Examples:[\s\S]*Exit codes:/);
  const version = await run(["--version"], modules.path);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  const slip = await run(["compar"], modules.path);
  assert.equal(slip.code, 2);
  assert.match(slip.stderr, /Did you mean compare\?/);
  assert.equal((await run([], modules.path)).code, 2);
  assert.ok(existsSync(modules.path) && readFileSync(join(modules.path, "one.txt"), "utf8") === "1");
});

test("--html writes a page with lanes of every level, beside what is printed", async () => {
  const page = join(modules.path, "report.html");
  const { code, stdout, stderr } = await compare("work.mjs#upper", "abc", "</script>", "ghi", ...quick, "--html", "report.html", "--json");
  assert.equal(code, 0, stderr);
  assert.equal((JSON.parse(stdout) as Json).inputs, 3);
  assert.match(stderr, /once more for the lanes/);
  assert.match(stderr, /the page is report\.html/);
  const text = readFileSync(page, "utf8");
  assert.match(text, /^<!doctype html>/);
  const island = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(text)?.[1] ?? "";
  const { lanes } = JSON.parse(island) as { lanes: { title: string; item: number[]; length: number[] }[] };
  assert.deepEqual(
    lanes.map(({ title }) => title),
    ["serial", "coroutines", "threads × 1", "processes × 1"],
  );
  for (const { item, length } of lanes) {
    assert.deepEqual([...item].sort(), [0, 1, 2]);
    assert.ok(length.every((each) => each >= 0));
  }
  assert.match(text, /work\.mjs#upper/);
  assert.doesNotMatch(text.replace(/<script>.*<\/script>/s, ""), /NaN|undefined/);
});

test("--html that cannot be written is refused before anything runs", async () => {
  for (const [file, message] of [
    ["nowhere/report.html", /there is no folder .*nowhere/],
    [".", /\. is not a file/],
    ["", /needs the name of a file/],
  ] as const) {
    const { code, stdout, stderr } = await compare("work.mjs#upper", "abc", ...quick, "--html", file);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
    assert.equal(stdout, "");
  }
});
