// Rounds: interleaved, and indifferent to those who fail.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Launch } from "../../bench/rounds/launch.ts";
import { type Measuring, measureCase } from "../../bench/rounds/rounds.ts";
import { takeSample } from "../../bench/rounds/sample.ts";
import type { Subject } from "../../bench/suites/suite.ts";
import { sampleCase, subject } from "./samples.ts";

const [a, b, c] = ["a", "b", "c"].map((name) => subject(name, "rival")) as [Subject, Subject, Subject];
const bench = sampleCase({ subjects: [a, b, c] });

/** Runs rounds in which a sample is what `take` makes of the subject's name; also says who was asked when. */
async function measure(rounds: number, take: (name: string) => number, changes: Partial<Measuring> = {}) {
  const asked: string[] = [];
  const launchOf = ({ name }: Subject): Launch => ({ label: name, command: () => ({ file: name, args: [], env: {} }) });
  const series = await measureCase(bench, {
    rounds,
    timeMs: 1,
    launchOf,
    take: async ({ file }) => {
      asked.push(file);
      return take(file);
    },
    signal: new AbortController().signal,
    onProgress: () => {},
    ...changes,
  });
  return { asked: asked.join(""), series: series.map(({ label, samples, note }) => ({ label, samples, note })) };
}

test("every subject is measured once a round, and each round begins with another", async () => {
  let calls = 0;
  const { asked, series } = await measure(4, () => ++calls);
  assert.equal(asked, "abcbcacababc");
  assert.deepEqual(
    series.map(({ samples }) => samples),
    [
      [1, 6, 8, 10],
      [2, 4, 9, 11],
      [3, 5, 7, 12],
    ],
  );
});

test("one that fails is left out from there on, and keeps what it had", async () => {
  let calls = 0;
  const { asked, series } = await measure(3, (name) => {
    if (name === "b" && ++calls === 2) throw new TypeError("broke");
    return 1;
  });
  assert.equal(asked, "abcbcaca");
  assert.deepEqual(series[1], { label: "b", samples: [1], note: "failed in round 2: broke" });
  assert.deepEqual(series[2], { label: "c", samples: [1, 1, 1], note: undefined });
});

test("one that is missing is never asked", async () => {
  const launchOf = ({ name }: Subject): Launch =>
    name === "a" ? { label: name, missing: "is not there" } : { label: name, command: () => ({ file: name, args: [], env: {} }) };
  const { asked, series } = await measure(1, () => 1, { launchOf });
  assert.equal(asked, "bc");
  assert.deepEqual(series[0], { label: "a", samples: [], note: "is not there" });
});

test("an abort ends the rounds", async () => {
  const controller = new AbortController();
  const taking = measure(
    2,
    (name) => {
      if (name === "b") controller.abort(new RangeError("enough"));
      return 1;
    },
    { signal: controller.signal },
  );
  await assert.rejects(taking, /enough/);
});

const program = (code: string) => ({ file: process.execPath, args: ["-e", code], env: { BENCH_SEEN: "yes" } });
const never = new AbortController().signal;

test("a sample is the value on the program's last line", async () => {
  assert.equal(await takeSample(program(`console.log("chatter"); console.log('{"value":1.5e3}')`), never), 1_500);
  const code = `console.log('{"value":' + Number(process.env.BENCH_SEEN === "yes" && !process.env.NODE_TEST_CONTEXT) + '}')`;
  assert.equal(await takeSample(program(code), never), 1);
});

test("a program that fails is quoted", async () => {
  await assert.rejects(takeSample(program(`throw new RangeError("no such workload")`), never), /RangeError: no such workload/);
  await assert.rejects(takeSample(program("process.exit(3)"), never), /ended with exit code 3/);
  await assert.rejects(takeSample(program("console.log('{\"value\":NaN}')"), never), /printed no value/);
  await assert.rejects(takeSample({ file: "brigade-no-such-program", args: [], env: {} }, never), /ENOENT/);
});

test("an abort ends the program", async () => {
  const controller = new AbortController();
  const taking = takeSample(program("setInterval(() => {}, 1000)"), controller.signal);
  controller.abort();
  await assert.rejects(taking, { name: "AbortError" });
});
