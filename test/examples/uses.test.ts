// The examples for the uses that the seeds name do what they say, at a small size.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { finish, type Run, start, useFile } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "brigade-uses-"));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

async function run(name: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const child = start([useFile(name), ...args], env);
  child.stdin?.end();
  return finish(child);
}

async function good(name: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { lines, stderr, code } = await run(name, args, env);
  assert.equal(stderr, "", name);
  assert.equal(code, 0, lines.join("\n"));
  return lines.join("\n");
}

test("the web server holds its connections, answers, and delivers every event", async () => {
  const output = await good("web-server", ["300"]);
  assert.match(output, /^300 connections are held by one thread/m);
  assert.match(output, /^8 visitors had 25997 primes below 300000 counted/m);
  const [, events = "", rounds = ""] = /^(\d+) events were delivered in (\d+) rounds/m.exec(output) ?? [];
  assert.equal(Number(events), 300 * Number(rounds));
});

test("the web server stands still for longer when it computes where it holds them", async () => {
  const stall = async (...more: string[]) => Number(/at most (\d+) ms/.exec(await good("web-server", ["20", ...more]))?.[1]);
  const [off, on] = [await stall(), await stall("on-loop")];
  assert.ok(on > off, `${on} ms on the loop, ${off} ms off it`);
});

test("what is no number of connections is named", async () => {
  const { stderr, code } = await run("web-server", ["many"]);
  assert.match(stderr, /connections must be a whole number above 0, not many/);
  assert.equal(code, 2);
});

test("the terminal: all primes are found, and frames go on being drawn", async () => {
  const output = await good("live-terminal", [], { BRIGADE_EXAMPLE_SIZE: "20000" });
  assert.match(output, /^11301 primes below 120000$/m);
});

test("the image filter computes the same whoever does it, reads and writes a picture", async () => {
  const [input, output] = [join(folder, "in.ppm"), join(folder, "out.ppm")];
  const grey = Buffer.alloc(3 * 40 * 30, 100);
  writeFileSync(input, Buffer.concat([Buffer.from("P6\n# a grey field\n40 30\n255\n"), grey]));
  assert.match(await good("image-filter", [input, output]), /^40 × 30 pixels/m);
  assert.deepEqual(readFileSync(output), Buffer.concat([Buffer.from("P6\n40 30\n255\n"), grey]));
  const checksums = await Promise.all([1, 2].map(() => good("image-filter", [], { BRIGADE_EXAMPLE_SIZE: "80" })));
  assert.equal(/checksum (\w+)/.exec(checksums[0] ?? "")?.[1], /checksum (\w+)/.exec(checksums[1] ?? "")?.[1]);
  const { stderr, code } = await run("image-filter", [useFile("image-filter")]);
  assert.match(stderr, /is no PPM of the kind P6/);
  assert.notEqual(code, 0);
});

test("matrices: serial, threads and processes agree", async () => {
  const output = await good("matrices", ["60"]);
  for (const level of ["serial", "threads", "processes"]) assert.match(output, new RegExp(`^${level} .*equal$`, "m"));
  assert.equal((await run("matrices", ["1"])).code, 2);
});

test("background I/O: every line is on disk, in order", async () => {
  const path = join(folder, "log.txt");
  assert.match(await good("background-io", [path, "3000"]), /^3000 lines in (fewer|as many) writes; everything is on disk$/m);
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  assert.deepEqual(
    lines.map((line) => Number(/order (\d+)/.exec(line)?.[1])),
    Array.from({ length: 3_000 }, (_, n) => n),
  );
  assert.equal((await run("background-io")).code, 2);
});

test("producer and consumers: each file is counted once", async () => {
  const paths = ["soup", "bread"].map((word, n) => {
    const path = join(folder, `${word}.txt`);
    writeFileSync(path, `${word} and more ${word} `.repeat(100 * (n + 1)));
    return path;
  });
  const output = await good("producer-consumer", paths);
  assert.match(output, /^ {3}400 bread\n {3}300 more\n {3}200 soup\n2 files/m);
  assert.equal((await run("producer-consumer")).code, 2);
});

test("plug-ins: the good one answers, the others are stopped, the program goes on", async () => {
  const output = await good("untrusted-plugin");
  assert.match(output, /^shouts {2}answered ORDER UP!$/m);
  assert.match(output, /^spies {3}was stopped: Error ERR_ACCESS_DENIED$/m);
  assert.match(output, /^starts {2}was stopped: Error ERR_ACCESS_DENIED$/m);
  assert.match(output, /^loops {3}was stopped: TimeoutError/m);
  assert.match(output, /^grows {3}was stopped: WorkerLostError/m);
  assert.match(output, /^and this program goes on$/m);
});
