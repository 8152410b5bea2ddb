import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { ClaimsReport } from "../../src/lab/report.ts";
import { isAlive, run, start } from "./run.ts";

/** Programs that a program has started and not seen end: experiments, and the reaper that guards them. */
function childrenOf(pid: number): number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return list.split(" ").filter(Boolean).map(Number);
}

const claims = (...args: string[]) => run(["claims", ...args], tmpdir());

test("--json prints the report and nothing else, in the agreed shape; numbers and ranges choose", async () => {
  const { code, stdout, stderr } = await claims("9", "1-1", "9", "--json");
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  const report = JSON.parse(stdout) as ClaimsReport;
  assert.deepEqual(Object.keys(report).sort(), ["claims", "interrupted", "kind", "machine", "tookMs"]);
  assert.deepEqual(
    report.claims.map(({ id, verdict }) => ({ id, verdict })),
    [
      { id: 1, verdict: "holds" },
      { id: 9, verdict: "holds" },
    ],
  );
  for (const claim of report.claims) {
    assert.ok(claim.statement.length > 0 && claim.because.length > 0);
    assert.ok(Object.values(claim.measured).every(Number.isFinite));
  }
});

test("the text names chapter, number, statement and verdict, and no line is wider than the terminal", async () => {
  for (const COLUMNS of ["80", "120"]) {
    const { code, stdout, stderr } = await run(["claims", "4", "11"], tmpdir(), { COLUMNS });
    assert.equal(code, 0, stderr);
    assert.equal(stderr, "");
    assert.match(stdout, /^ {2}Coroutines$/m);
    assert.match(stdout, /^ {2}≈ {2}4 {2}A suspended coroutine needs only tens of bytes\.$/m);
    assert.match(stdout, /^ {8}holds with a limit · /m);
    assert.match(stdout, /^ {2}Threads$/m);
    assert.doesNotMatch(stdout, /Processes|Modes/);
    assert.match(stdout, /^ {2}2 tried$/m);
    assert.ok(stdout.split("\n").every((line) => [...line].length <= Number(COLUMNS)));
  }
});

test("what is no statement is refused before anything runs", async () => {
  for (const [ids, message] of [
    [["99"], /There is no statement 99; those that can be tried are 1 to 45/],
    [["0"], /There is no statement 0/],
    [["threads"], /chosen by its number, such as 13 or 1-10, not by "threads"/],
    [["50-60"], /no statement from 50 to 60/],
  ] as const) {
    const { code, stdout, stderr } = await claims(...ids);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, message);
  }
});

test("Ctrl-C ends it with 130, shows what had finished, and leaves no program behind", { skip: process.platform !== "linux" }, async () => {
  // 1 is over at once; 15 spins for ever in a program of its own until it is stopped
  const running = start(["claims", "1", "15", "40", "--json"], tmpdir());
  const seen = new Set<number>();
  while (seen.size < 3) {
    for (const pid of childrenOf(running.pid)) seen.add(pid);
    await delay(5);
  }
  running.kill("SIGINT");
  const { code, stdout } = await running.ended;
  assert.equal(code, 130);
  assert.ok((JSON.parse(stdout) as ClaimsReport).claims.length < 3);
  for (const pid of seen) {
    for (let look = 0; look < 200 && isAlive(pid); look++) await delay(10);
    assert.equal(isAlive(pid), false, `program ${pid} still runs`);
  }
});

test("--html writes the page, too, and a folder that is not there is named before anything is tried", async () => {
  const folder = mkdtempSync(join(tmpdir(), "brigade-claims-"));
  try {
    const page = join(folder, "claims.html");
    const { code, stderr } = await claims("1", "--html", page);
    assert.equal(code, 0, stderr);
    assert.ok(stderr.includes(`the page is ${page}`), stderr);
    assert.match(
      readFileSync(page, "utf8"),
      /^<!doctype html>.*<h1>1 statement, tried on this machine<\/h1>.*A coroutine pauses at await/s,
    );
    const nowhere = await claims("1", "--html", join(folder, "none", "claims.html"));
    assert.equal(nowhere.code, 2);
    assert.match(nowhere.stderr, /there is no folder/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
