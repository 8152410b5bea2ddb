import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { run, start } from "./run.ts";

/** The contract of `--json`, as far as these tests look at it. */
interface Json {
  readonly kind: string;
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly interrupted: boolean;
  readonly rows: readonly {
    readonly id: string;
    readonly unit: string;
    readonly values: Readonly<Record<string, number>>;
    readonly samples: Readonly<Record<string, readonly number[]>>;
    readonly note: string;
  }[];
}

test("--json prints the rows asked for and nothing else", async () => {
  const { code, stdout, stderr } = await run(
    ["matrix", "--quick", "--rows", "create-warm,survives-exit", "--seed", "5", "--json"],
    tmpdir(),
  );
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  const matrix = JSON.parse(stdout) as Json;
  assert.deepEqual([matrix.kind, matrix.seed, matrix.interrupted], ["matrix", 5, false]);
  assert.deepEqual(
    matrix.rows.map(({ id, unit }) => `${id} ${unit}`),
    ["create-warm ms", "survives-exit survives"],
  );
  assert.equal(matrix.versions["node"], process.versions.node);
  assert.match(matrix.versions["brigade"] ?? "", /^\d+\./);
  const [warm, survives] = matrix.rows;
  assert.ok((warm?.values["coroutine"] ?? 9) < (warm?.values["thread"] ?? 0), JSON.stringify(warm?.values));
  assert.ok((warm?.samples["thread"]?.length ?? 0) >= 3);
  assert.deepEqual(survives?.values, { coroutine: 0, thread: 1, process: 1 });
});

test("the text fits the terminal and says with what it was measured", async () => {
  const { code, stdout } = await run(["matrix", "-q", "--rows", "switch,survives-throw", "--seed", "42"], tmpdir(), { COLUMNS: "80" });
  assert.equal(code, 0);
  for (const line of stdout.split("\n")) assert.ok([...line].length <= 80, line);
  assert.match(stdout, /^ {2}survive: an exception +yes \[1\] +yes \[1\] +yes \[1\]$/m);
  assert.match(stdout.replace(/\s+/g, " "), new RegExp(`node ${process.versions.node.replaceAll(".", "\\.")}.* seed 42 · brigade`));
});

test("what makes no sense is told in one line, with exit code 2", async () => {
  const slip = await run(["matrix", "--rows", "create-cld"], tmpdir());
  assert.deepEqual([slip.code, slip.stdout], [2, ""]);
  assert.match(slip.stderr, /^brigade: --rows: there is no row "create-cld"\. Did you mean "create-cold"\?/);
  assert.equal((await run(["matrix", "--seed", "soon"], tmpdir())).code, 2);
  assert.equal((await run(["matrix", "extra"], tmpdir())).code, 2);
});

test("--help names every row and gives examples", async () => {
  const { code, stdout } = await run(["matrix", "--help"], tmpdir());
  assert.equal(code, 0);
  assert.match(stdout, /Rows:[\s\S]*create-cold[\s\S]*ipc-bandwidth-shared-memory[\s\S]*Examples:[\s\S]*Exit codes:/);
});

test("Ctrl-C shows what had finished and leaves no process", { skip: process.platform !== "linux" && "looks at /proc" }, async () => {
  const mark = `matrix-${process.pid}-${Date.now()}`;
  const ours = () => pidsMarked(mark);
  const started = start(["matrix", "--quick", "--rows", "capacity,loop-rest"], tmpdir(), { BRIGADE_TEST_MARK: mark });
  // the command line, the program of an experiment, and what that has started
  await until(() => ours().length >= 3, "programs to run");
  started.kill("SIGINT");
  const { code, stdout } = await started.ended;
  assert.equal(code, 130);
  assert.match(stdout, /Interrupted: only what had finished is shown\./);
  await until(() => ours().length === 0, "all of them to go");
});

/** Processes that have inherited the mark in their environment; reapers, which have no environment of ours, end with their pipe. */
function pidsMarked(mark: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return (
          readFileSync(`/proc/${name}/environ`, "latin1").includes(mark) &&
          !/^State:\s+Z/m.test(readFileSync(`/proc/${name}/status`, "latin1"))
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (const endMs = performance.now() + 60_000; !holds(); ) {
    assert.ok(performance.now() < endMs, `waited a minute for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("--html writes the page, too", async () => {
  const folder = mkdtempSync(join(tmpdir(), "brigade-matrix-"));
  try {
    const page = join(folder, "matrix.html");
    const { code, stderr } = await run(["matrix", "--quick", "--rows", "survives-exit", "--html", page], tmpdir());
    assert.equal(code, 0, stderr);
    assert.ok(stderr.includes(`the page is ${page}`), stderr);
    assert.match(readFileSync(page, "utf8"), /^<!doctype html>.*<h1>What each level costs on this machine<\/h1>.*process\.exit\(\)/s);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
