// The program as a whole, on one small case without rivals; and what it declares.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Workloads } from "../../bench/measure/workload.ts";
import { benchFolder } from "../../bench/project.ts";
import type { Report } from "../../bench/report/report.ts";
import { suites } from "../../bench/suites/all.ts";

const main = fileURLToPath(new URL("../../bench/main.js", import.meta.url));

function bench(...args: string[]) {
  return spawnSync(process.execPath, [main, ...args], { encoding: "utf8", timeout: 60_000 });
}

const small = [
  "coroutines",
  "--case",
  "task",
  "--subject",
  "brigade",
  "--subject",
  "limit",
  "--rounds",
  "1",
  "--time",
  "1",
  "--size",
  "20",
];

test("--json prints one object with a row for each subject", () => {
  const { status, stdout, stderr } = bench(...small, "--json");
  assert.equal(status, 0, stdout + stderr);
  assert.equal(stderr, "");
  const { rows, ...origin } = JSON.parse(stdout) as Report;
  assert.deepEqual(Object.keys(origin), ["suite", "machine", "node", "commit", "date"]);
  assert.equal(origin.suite, "coroutines");
  assert.equal(origin.node, process.versions.node);
  assert.equal(new Date(origin.date).toISOString(), origin.date);
  assert.deepEqual(
    rows.map((row) => row.subject),
    ["brigade", "limit: a promise in als.run", "limit: a bare promise"],
  );
  const own = rows[0]?.value ?? 0;
  for (const { value, samples, ratio, ...row } of rows) {
    assert.deepEqual(row, { case: "task", subject: row.subject, unit: "ns" });
    assert.ok(value !== null && value > 0);
    assert.deepEqual(samples, [value]);
    assert.ok(ratio !== null && Math.abs(ratio - value / own) < 1e-4 * ratio);
  }
});

test("bytes are measured too, and the text shows goals", () => {
  const { status, stdout, stderr } = bench("coroutines", "--case", "task-bytes", "--subject", "brigade", "--rounds", "1", "--size", "2000");
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /^coroutines on Node \d+\./);
  const bytes = Number(/^ {2}brigade +([\d,]+) B/m.exec(stdout)?.[1]?.replace(",", ""));
  // A task cannot be smaller than the promise in it, and ten kilobytes would be no task of ours.
  assert.ok(bytes > 200 && bytes < 10_000, stdout);
  assert.match(stdout, /^ {2}goal .*\n {2}≤ 950 B +\d+ B +(yes|no)\n/m);
});

test("wrong usage exits with 2 and measures nothing", () => {
  const { status, stdout, stderr } = bench("nothing");
  assert.deepEqual([status, stdout], [2, ""]);
  assert.match(stderr, /^There is no suite "nothing"\..*\nTry: npm run bench -- --help\n$/);
  assert.match(bench("coroutines", "--node", "no-such-node").stderr, /--node: no-such-node is no Node that runs here/);
});

test("the lock file of the rivals names no registry", () => {
  assert.doesNotMatch(readFileSync(join(benchFolder, "package-lock.json"), "utf8"), /"resolved"/);
});

test("ids are unique, and every subject has its file", () => {
  for (const { name, cases } of suites) {
    const ids = cases.map(({ id }) => id);
    assert.deepEqual(ids, [...new Set(ids)], name);
    for (const { program } of cases.flatMap(({ subjects }) => subjects)) {
      const path =
        program.kind === "node"
          ? join("cases", `${program.module}.ts`)
          : join("rivals", program.kind, program.kind === "go" ? "main.go" : program.script);
      assert.ok(existsSync(join(benchFolder, path)), path);
    }
  }
});

test("every rival is in package.json, and every package is a rival", () => {
  const { dependencies } = JSON.parse(readFileSync(join(benchFolder, "package.json"), "utf8")) as { readonly dependencies: object };
  const subjects = suites.flatMap(({ cases }) => cases.flatMap((one) => one.subjects));
  const installed = subjects.filter(({ program }) => program.kind === "node" && program.installed).map(({ name }) => name);
  assert.deepEqual([...new Set(installed)].sort(), Object.keys(dependencies).sort());
});

test("brigade and the limits have a workload for each of their cases", async () => {
  for (const { cases } of suites) {
    for (const { id, subjects } of cases) {
      for (const { program, workload = id } of subjects) {
        if (program.kind !== "node" || program.installed) continue;
        const { workloads } = (await import(new URL(`../../bench/cases/${program.module}.js`, import.meta.url).href)) as {
          readonly workloads: Workloads;
        };
        assert.equal(typeof workloads[workload], "function", `${program.module}: ${workload}`);
      }
    }
  }
});
