// How the programs of the matrix are run: what one of them does touches no other row, and none of them stays.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { rowsOf } from "../../../../src/lab/matrix/catalog.ts";
import { runMatrix } from "../../../../src/lab/matrix/measure-matrix.ts";
import { matrixProgram, measureMatrix } from "../../../../src/runtime/lab.ts";
import { isAlive } from "../../../cli/run.ts";
import { noting, standIn } from "./programs.ts";

async function until(holds: () => boolean, what: string): Promise<void> {
  for (const endMs = performance.now() + 20_000; !holds(); ) {
    assert.ok(performance.now() < endMs, `waited 20 s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("a program that fails, dies or answers nonsense costs its own cell and no other", async () => {
  const program = standIn(`
    if (job.experiment === "creation" && job.level === "thread") await say({ type: "failed", message: "threads are out" });
    else if (job.experiment === "creation" && job.level === "process") process.exit(3);
    else if (job.experiment === "creation") await say({ type: "observed", observation: { figures: { warmMs: [1, 2, 3] } } });
    else if (job.level === "thread") { await say({ type: "alive", done: 1 }); process.kill(process.pid, "SIGKILL"); }
    else if (job.level === "process") await say({ type: "observed", observation: { figures: { survives: [1] } } });
    else process.kill(process.pid, "SIGKILL");
  `);
  const matrix = await runMatrix({ rows: rowsOf(["create-warm", "survives-throw"]), quick: true, seed: 1 }, program.settings);
  program.remove();
  const [create, survives] = matrix.rows;
  assert.deepEqual(create?.values, { coroutine: 2 });
  assert.equal(create?.missing?.thread, "threads are out");
  assert.match(create?.missing?.process ?? "", /ended without a result \(exit code 3\)/);
  // announced, a death is an answer; not announced, it is a failure
  assert.deepEqual(survives?.values, { thread: 0, process: 1 });
  assert.match(survives?.missing?.coroutine ?? "", process.platform === "win32" ? /without a result/ : /without a result \(SIGKILL\)/);
  assert.equal(survives?.words?.thread, `the program ends: ${process.platform === "win32" ? "exit code 1" : "SIGKILL"}`);
});

test("silence after the announcement is an answer, too, and the program that is silent is ended", async () => {
  const program = standIn(`if (job.level === "process") { await say({ type: "observed", observation: { figures: { goesOn: [1] } } }); }
    else { await say({ type: "alive", done: 1 }); for (;;); }`);
  const noted = noting(program.settings);
  const matrix = await runMatrix({ rows: rowsOf(["loop-rest", "loop-stop"]), quick: true, seed: 1 }, noted);
  program.remove();
  const [goesOn, stop] = matrix.rows;
  assert.deepEqual(goesOn?.values, { coroutine: 0, thread: 0, process: 1 });
  assert.equal(goesOn?.words?.coroutine, "nothing else runs");
  assert.deepEqual(stop?.values, {});
  assert.equal(noted.pids.length, 3);
  await until(() => !noted.pids.some(isAlive), "the end of all programs");
});

test("a level that failed once is not asked again; the others have all their rounds", async () => {
  const program = standIn(`if (job.level === "thread") process.exit(1);
    await say({ type: "observed", observation: { figures: { warmMs: [1] } } });`);
  const noted = noting(program.settings);
  const extent = { rounds: 3, onceRounds: 1, timeMs: 1, limitMs: 600_000, endMs: 600_000 };
  const matrix = await runMatrix({ rows: rowsOf(["create-warm"]), quick: false, extent, seed: 1 }, noted);
  program.remove();
  assert.equal(noted.pids.length, 3 + 1 + 3);
  assert.deepEqual(matrix.rows[0]?.samples, { coroutine: [1, 1, 1], process: [1, 1, 1] });
});

test("when the time is over nothing more begins, and what had no turn says so", async () => {
  const program = standIn(`await say({ type: "observed", observation: { figures: { warmMs: [1] } } });`);
  const noted = noting(program.settings);
  const first = { rounds: 3, onceRounds: 1, timeMs: 1, limitMs: 0, endMs: 600_000 };
  const whole = await runMatrix({ rows: rowsOf(["create-warm"]), quick: false, extent: first, seed: 1 }, noted);
  assert.deepEqual([noted.pids.length, whole.rounds], [3, 1], "the first round is finished all the same");
  const part = await runMatrix({ rows: rowsOf(["create-warm"]), quick: false, extent: { ...first, endMs: -1 }, seed: 1 }, noted);
  program.remove();
  assert.equal(noted.pids.length, 3);
  assert.match(part.rows[0]?.failure ?? "", /the time was over/);
});

test("a cancel ends what runs, whatever it is doing, and leaves no process and no file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "brigade-cancelled-"));
  const { TMPDIR, TEMP, TMP } = process.env;
  Object.assign(process.env, { TMPDIR: folder, TEMP: folder, TMP: folder });
  for (const rows of [["loop-rest"], ["capacity"], ["ipc-latency-pipe"], ["survives-out-of-memory"]]) {
    const controller = new AbortController();
    const noted = noting(matrixProgram(), () => setTimeout(() => controller.abort("enough"), 400));
    const matrix = await runMatrix({ rows: rowsOf(rows), quick: true, seed: 3, signal: controller.signal }, noted);
    assert.equal(matrix.interrupted, true, rows[0]);
    await until(() => !noted.pids.some(isAlive), `the end of ${rows[0]}`);
  }
  for (const [name, value] of Object.entries({ TMPDIR, TEMP, TMP })) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  assert.deepEqual(readdirSync(folder), []);
  rmSync(folder, { recursive: true });
  await assert.rejects(measureMatrix({ rows: ["end"], signal: AbortSignal.abort("no") }), { name: "AbortError" });
});

test("what makes no sense is refused before anything runs", async () => {
  await assert.rejects(measureMatrix({ rows: ["nonsense"] }), { name: "RangeError", message: /there is no row "nonsense"/ });
  await assert.rejects(measureMatrix({ seed: 0.5 }), { name: "RangeError", message: /seed must be a whole number, got 0.5/ });
});
