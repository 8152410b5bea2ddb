// The seeds' own programs print what the seeds say. Where the seeds leave the order to the operating system (between workers),
// only the order within each worker is asserted.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { exampleFile, finish, printed, type Run, runExample, start } from "./program.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Ended well and said nothing on the side; returns the lines. */
function good({ lines, stderr, code }: Run): readonly string[] {
  assert.equal(stderr, "");
  assert.equal(code, 0);
  return lines;
}

/** The pairs that a worker of five rounds prints. */
function rounds(label: string): string[] {
  return [0, 1, 2, 3, 4].flatMap((i) => [`${label}${i} started`, `${label}${i} finished`]);
}

/** Every line once, each "started" before its "finished". */
function assertWorkers(kind: string, lines: readonly string[]): void {
  const expected = [0, 1, 2].flatMap((n) => [`${kind} ${n} started`, `${kind} ${n} finished`]);
  assert.deepEqual([...lines].sort(), [...expected].sort());
  for (const n of [0, 1, 2]) assert.ok(lines.indexOf(`${kind} ${n} started`) < lines.indexOf(`${kind} ${n} finished`), lines.join("\n"));
}

const takingTurns = (kind: string) => ["started", "finished"].flatMap((what) => [0, 1, 2].map((n) => `${kind} ${n} ${what}`));

test("fetch_data as coroutines: all start, then all finish, in order", async () => {
  assert.deepEqual(good(await runExample("fetch-data-coroutines")), takingTurns("Coroutine"));
});

test("fetch_data on threads", async () => {
  assertWorkers("Thread", good(await runExample("fetch-data-threads")));
});

test("fetch_data in processes", async () => {
  assertWorkers("Process", good(await runExample("fetch-data-processes")));
});

for (const level of ["coroutines", "serial"]) {
  test(`the thread and process programs under BRIGADE_LEVEL=${level}: one thread, so the order is certain`, async () => {
    assert.deepEqual(good(await runExample("fetch-data-threads", { BRIGADE_LEVEL: level })), takingTurns("Thread"));
    assert.deepEqual(good(await runExample("fetch-data-processes", { BRIGADE_LEVEL: level })), takingTurns("Process"));
    assert.deepEqual(good(await runExample("labelled-worker", { BRIGADE_LEVEL: level })), [
      "Main process completed",
      ...rounds("Worker kobe"),
    ]);
  });
}

test("a join that blocks is refused where the task needs this very thread", async () => {
  const { lines, stderr, code } = await runExample("blocking-join", { BRIGADE_LEVEL: "coroutines" });
  assert.match(stderr, /joinSync blocks this thread, and the task backgroundWork \(coroutine\) needs this thread to run: await it instead/);
  assert.equal(code, 1);
  assert.ok(!lines.includes("Main thread completed"));
});

test("say_hello as coroutines", async () => {
  assert.deepEqual(good(await runExample("say-hello-coroutines")), ["Hello", "Hello"]);
});

test("say_hello on threads: the second greets although only the first is joined", async () => {
  assert.deepEqual(good(await runExample("say-hello-threads")), ["Hello", "Hello"]);
});

test("the labelled worker: the main program is done first, the worker's lines follow", async () => {
  assert.deepEqual(good(await runExample("labelled-worker")), ["Main process completed", ...rounds("Worker kobe")]);
});

test("without a join the thread finishes after the main thread has ended", async () => {
  assert.deepEqual(good(await runExample("thread-without-join")), ["Main thread ended", ...rounds("Thread ")]);
});

test("with a blocking join the main thread completes last", async () => {
  assert.deepEqual(good(await runExample("blocking-join")), [...rounds("Background "), "Main thread completed"]);
});

const powers = [
  "B computes power 2: [[2,1],[1,1]]",
  "B computes power 3: [[3,2],[2,1]]",
  "B computes power 4: [[5,3],[3,2]]",
  "B computes power 5: [[8,5],[5,3]]",
  "B has finished",
];

test("two matrices: while one waits for its input the other computes", async () => {
  const child = start([exampleFile("two-matrices"), "-"]);
  const ended = finish(child);
  // Nothing is given to A until B has done all its work: that B could do it is the point.
  await printed(child, "B has finished");
  child.stdin?.end("[[1,2],[3,4]]\n");
  assert.deepEqual(good(await ended), [
    "A waits for a matrix",
    ...powers,
    "A computes [[7,10],[15,22]]",
    "A waits for a matrix",
    "A has no more input",
  ]);
});

test("two matrices that arrive by themselves: each coroutine in its own order", async () => {
  const lines = good(await runExample("two-matrices"));
  assert.deepEqual(
    lines.filter((line) => line.startsWith("B")),
    powers,
  );
  const waits = "A waits for a matrix";
  const squares = ["A computes [[1,2],[0,1]]", "A computes [[4,4],[0,4]]"];
  assert.deepEqual(
    lines.filter((line) => line.startsWith("A")),
    [waits, squares[0], waits, squares[1], waits, "A has no more input"],
  );
  assert.equal(lines[0], waits);
});

test("what is no matrix is named", async () => {
  for (const line of ["[[1,2],[3]]", "[[1]", "7", "[1]", "[[null]]", ""]) {
    const child = start([exampleFile("two-matrices"), "-"]);
    child.stdin?.end(`${line}\n`);
    const { stderr, code } = await finish(child);
    assert.ok(stderr.includes(`line 1 of stdin is no square matrix such as [[1,2],[3,4]]: ${line}`), stderr);
    assert.notEqual(code, 0);
  }
});

test("an example runs from its TypeScript source, workers included", async () => {
  const native = typeof Reflect.get(process.features, "typescript") === "string";
  const source = join(root, "examples", "seeds", "fetch-data-threads.ts");
  const child = start([...(native ? [] : ["--import", "tsx"]), source]);
  child.stdin?.end();
  assertWorkers("Thread", good(await finish(child)));
});
