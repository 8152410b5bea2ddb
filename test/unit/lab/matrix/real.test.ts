// The whole table, once, on this machine: what physics says must come out, with margins that a busy machine does not break.
import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsOf } from "../../../../src/lab/matrix/catalog.ts";
import { runMatrix } from "../../../../src/lab/matrix/measure-matrix.ts";
import { extents } from "../../../../src/lab/matrix/plan.ts";
import type { Matrix, MatrixRow } from "../../../../src/lab/report.ts";
import { matrixProgram, renderText } from "../../../../src/runtime/lab.ts";

const linux = process.platform === "linux";
const levels = ["coroutine", "thread", "process"] as const;
const whole: Promise<Matrix> = runMatrix(
  { rows: rowsOf(undefined), quick: true, extent: { ...extents.quick, endMs: 350_000 }, seed: 11, version: "0" },
  matrixProgram(),
);

async function row(id: string): Promise<MatrixRow> {
  const found = (await whole).rows.find((each) => each.id === id);
  assert.ok(found, id);
  return found;
}

async function values(id: string): Promise<{ readonly coroutine: number; readonly thread: number; readonly process: number }> {
  const { values: of, missing } = await row(id);
  const [coroutine, thread, child] = levels.map((level) => of[level]);
  assert.ok(coroutine !== undefined && thread !== undefined && child !== undefined, `${id}: ${JSON.stringify(missing)}`);
  return { coroutine, thread, process: child };
}

test("making and ending a unit: coroutines by far the cheapest, a process no cheaper than a thread", async () => {
  for (const id of ["create-cold", "create-warm"]) {
    const { coroutine, thread, process: child } = await values(id);
    assert.ok(coroutine > 0 && coroutine * 3 < thread && coroutine * 3 < child, `${id} ${coroutine} ${thread} ${child}`);
    assert.ok(child > thread / 3, `${id} ${thread} ${child}`);
  }
  const warm = await values("create-warm");
  assert.ok(warm.coroutine < 1 && warm.thread > 2 && warm.process > 5, JSON.stringify(warm));
  const end = await values("end");
  assert.ok(end.coroutine < end.thread && end.coroutine < end.process, JSON.stringify(end));
});

test("switching: coroutines without the kernel, the others with one switch of its own for each", { skip: !linux && "mkfifo" }, async () => {
  const cost = await values("switch");
  assert.ok(cost.coroutine > 1 && cost.coroutine * 5 < cost.thread && cost.coroutine * 5 < cost.process, JSON.stringify(cost));
  const kernel = await values("switch-kernel");
  assert.ok(kernel.coroutine < 0.05, JSON.stringify(kernel));
  // a turn is two threads of which one sleeps: one switch each, and what else the system takes
  for (const level of ["thread", "process"] as const) assert.ok(kernel[level] > 0.8 && kernel[level] < 3, JSON.stringify(kernel));
});

test("tasks: cheaper in company than alone on threads, and bytes are not free", async () => {
  const alone = await values("dispatch");
  assert.ok(alone.coroutine * 2 < alone.thread && alone.coroutine * 2 < alone.process, JSON.stringify(alone));
  for (const level of levels) assert.ok((await values("dispatch-many"))[level] > 0);
  for (const id of ["payload-bytes", "payload-objects"]) {
    const { values: of, missing } = await row(id);
    assert.equal(missing?.coroutine, "arguments are references: nothing is copied");
    for (const level of ["thread", "process"] as const)
      assert.ok((of[level] ?? 0) > 0 || missing?.[level] === "smaller than the noise: the machine was busy", `${id} ${level}`);
  }
});

test("memory: hundreds of bytes, megabytes, more megabytes; and so many fit", { skip: !linux && "/proc" }, async () => {
  for (const id of ["memory-resident", "memory-private"]) {
    const { coroutine, thread, process: child } = await values(id);
    assert.ok(coroutine > 200 && coroutine < 20_000, `${id} ${coroutine}`);
    assert.ok(thread > 1e6 && thread < 100e6 && child > 3e6 && child < 300e6, `${id} ${thread} ${child}`);
  }
  const resident = await values("memory-resident");
  const own = await values("memory-private");
  assert.ok(own.process < resident.process, "a process shares the pages of its program with others");
  const { values: fit, missing } = await row("capacity");
  for (const level of levels) {
    const made = fit[level] ?? Number(/the time was over at (\d+)/.exec(missing?.[level] ?? "")?.[1]);
    assert.ok(level === "coroutine" ? made > 5_000 : made >= 1 && made < 200, `${level} ${made} ${missing?.[level]}`);
  }
});

test("each means of communication works where it should, and says why where it does not", async () => {
  const expected = {
    channel: ["coroutine", "thread"],
    port: levels,
    pipe: linux ? ["thread", "process"] : [],
    socket: levels,
    "shared-memory": ["thread"],
  } as const;
  for (const [means, there] of Object.entries(expected)) {
    const latency = await row(`ipc-latency-${means}`);
    const bandwidth = await row(`ipc-bandwidth-${means}`);
    for (const level of levels) {
      const us = latency.values[level];
      if (us === undefined) {
        assert.ok(!(there as readonly string[]).includes(level), `${means} ${level}: ${latency.missing?.[level]}`);
        assert.ok((latency.missing?.[level] ?? "").length > 10);
        continue;
      }
      assert.ok(us > 0.05 && us < 1e6, `${means} ${level}: ${us} µs`);
      const rate = bandwidth.values[level];
      if (level === "coroutine" && means === "channel") assert.match(bandwidth.missing?.coroutine ?? "", /nothing is copied/);
      else assert.ok(rate !== undefined && rate > 0.5 && rate < 500_000, `${means} ${level}: ${rate} MB/s`);
    }
  }
});

test("isolation: crashes are really done; what a thread cannot contain takes all, what a process cannot contain nothing", async () => {
  assert.deepEqual((await row("survives-throw")).values, { coroutine: 1, thread: 1, process: 1 });
  assert.deepEqual((await row("survives-exit")).values, { coroutine: 0, thread: 1, process: 1 });
  assert.deepEqual((await row("survives-out-of-memory")).values, { coroutine: 0, thread: 1, process: 1 });
  assert.deepEqual((await row("survives-segfault")).values, { coroutine: 0, thread: 0, process: 1 });
  const abort = await row("survives-abort");
  assert.deepEqual([abort.values.coroutine, abort.values.process], [0, 1]);
  assert.match((await row("survives-exit")).words?.coroutine ?? "", /exit code 7/);
  assert.match((await row("survives-out-of-memory")).words?.process ?? "", /WorkerLostError/);
});

test("an endless loop: a coroutine's stops everything and cannot be stopped, the others' neither", async () => {
  const others = await values("loop-rest");
  assert.ok(others.coroutine === 0 && others.thread > 0.02 && others.process > 0.02, JSON.stringify(others));
  const stop = await row("loop-stop");
  assert.equal(stop.missing?.coroutine, "only with the whole program");
  assert.ok((stop.values.thread ?? 0) > 0 && (stop.values.process ?? 0) > 0);
});

test("speed-up and schedulers", async () => {
  const speedup = await row("speedup");
  for (const level of levels) {
    const times = speedup.values[level];
    // on a machine that others use a speed-up cannot be measured, and the row says so
    if (times === undefined) assert.match(speedup.missing?.[level] ?? "", /too busy: what computed had \d+% of its processors/);
    else assert.ok(times > 0 && times < (level === "coroutine" ? 3 : 200) && speedup.series?.[level]?.[0]?.size === 1, `${level} ${times}`);
  }
  if (!linux) return;
  const kernel = await values("scheduler");
  assert.ok(kernel.coroutine < 0.01 && kernel.thread >= 0.99 && kernel.process > 1, JSON.stringify(kernel));
  assert.deepEqual((await row("scheduler")).words, { coroutine: "event loop", thread: "kernel", process: "kernel" });
});

test("the report is plain data that can be stored and shown", async () => {
  const matrix = await whole;
  assert.deepEqual(JSON.parse(JSON.stringify(matrix)), JSON.parse(JSON.stringify(structuredClone(matrix))));
  assert.match(renderText(JSON.parse(JSON.stringify(matrix)) as Matrix), /Coroutine, thread, process/);
  assert.ok(matrix.rows.every(({ values: of }) => Object.values(of).every((value) => Number.isFinite(value))));
  assert.equal(matrix.interrupted, false);
});
