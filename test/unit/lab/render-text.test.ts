import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import type { Comparison } from "../../../src/lab/report.ts";
import { keepEnd, table, wrap } from "../../../src/lab/text/layout.ts";
import { duration, factor, grouped, rate } from "../../../src/lab/text/units.ts";
import { renderText } from "../../../src/runtime/lab.ts";
import { madeReport, madeRow } from "./samples.ts";

const spans = Array.from({ length: 12 }, (_, item) => ({ item, worker: `threads-${item % 2}`, startMs: item * 10, endMs: item * 10 + 10 }));
const rows = [
  madeRow("serial", 1, [123_456, 123_000, 124_000, 123_400, 123_500], { loopStallMs: 98_765, failed: 3 }),
  madeRow("coroutine", 1000, [99_000, 99_000, 99_000, 99_000, 99_000]),
  madeRow("thread", 16, [12_345, 12_345, 12_345, 12_345, 12_345], { peakRssMB: 1234, speedup: 10 }),
  madeRow("process", 16, [54, 54, 54, 54, 54], { peakRssMB: 12_345, speedup: 2286, overheadUs: 123.4 }),
];
const report = madeReport(rows, { timelines: rows.map(({ level, size }) => ({ level, size, spans })) });

test("every line fits the width, and every figure is there at each", () => {
  for (const width of [60, 80, 100, 116, 120, 200]) {
    for (const color of [false, true]) {
      const text = renderText(report, { width, color });
      for (const line of text.split("\n")) assert.ok([...stripVTControlCharacters(line)].length <= width, `${width}: ${line}`);
      for (const title of ["wall", "items/s", "speed-up", "p50", "p99", "CPU", "overhead", "memory", "stall", "failed", "results"])
        assert.ok(text.includes(title), `${title} at ${width}`);
      if (width >= 80) assert.match(stripVTControlCharacters(text), /\|-+A1-+\|/);
    }
  }
});

test("one table where there is room, two where there is not", () => {
  const ordinary = madeReport([
    madeRow("serial", 1, [1012, 1015, 1018], { loopStallMs: 1001 }),
    madeRow("coroutine", 100, [1012, 1015, 1018]),
    madeRow("process", 16, [512, 515, 518], { peakRssMB: 212 }),
  ]);
  const tables = (width: number) => renderText(ordinary, { width }).match(/^ {2}level /gm)?.length;
  assert.deepEqual([tables(120), tables(80)], [1, 2]);
});

test("colour only when asked for, and the words are the same", () => {
  const plain = renderText(report, { width: 80 });
  assert.ok(!plain.includes("\u001b"));
  const coloured = renderText(report, { width: 80, color: true });
  assert.ok(coloured.includes("\u001b["));
  assert.equal(stripVTControlCharacters(coloured), plain);
});

test("a difference, failures and rows without figures are told in words", () => {
  const broken: Comparison = madeReport(
    [
      rows[0] as (typeof rows)[0],
      madeRow("thread", 2, [500, 500, 500], { equal: false }),
      madeRow("process", 2, [], { failure: "the program ended without a result (SIGKILL)", equal: false }),
    ],
    {
      difference: {
        level: "thread",
        size: 2,
        item: 4,
        input: "/a/b/c.js",
        path: "result.count",
        expected: "17",
        actual: "9",
        unstable: true,
      },
      failures: [{ level: "serial", size: 1, item: 2, input: "/a/bad.js", message: "SyntaxError: Unexpected token" }],
      interrupted: true,
    },
  );
  const text = renderText(broken, { width: 80 });
  assert.match(text, /Results differ, first at input 5: \/a\/b\/c\.js/);
  assert.match(text, /serial +result\.count = 17\n +threads × 2 +result\.count = 9/);
  assert.match(text, /not\s+deterministic/);
  assert.match(text, /3 of 100 items failed with serial; the first 1\n +\/a\/bad\.js: SyntaxError: Unexpected token/);
  assert.match(text, /processes × 2: the program ended without a result \(SIGKILL\)/);
  assert.match(text, /Interrupted: only the rounds that finished are counted\./);
});

test("a report read back from JSON renders without its detail", () => {
  const { detail: _, ...plain } = report;
  assert.match(renderText(JSON.parse(JSON.stringify(plain)) as Comparison), /Verdict: /);
  assert.throws(() => renderText({ kind: "verse" } as unknown as Comparison), { name: "TypeError", message: /"verse" is not known/ });
});

test("figures for people", () => {
  assert.deepEqual([0, 0.0004, 0.0123, 0.5, 9.999, 12.34, 999.7, 1234, 119_000, 240_000].map(duration), [
    "0 ms",
    "0.40 µs",
    "12.3 µs",
    "0.50 ms",
    "10.0 ms",
    "12.3 ms",
    "1.00 s",
    "1.23 s",
    "119 s",
    "4.00 min",
  ]);
  assert.deepEqual([1_234_567, 999, 12].map(grouped), ["1,234,567", "999", "12"]);
  assert.deepEqual([0.123, 9.99, 1234.6].map(rate), ["0.12", "9.99", "1,235"]);
  assert.deepEqual([0.5, 0.96, 1.84, 123.4].map(factor), ["0.50", "1.0", "1.8", "123"]);
});

test("layout: columns align, words wrap, long words are cut", () => {
  assert.deepEqual(
    table(
      [
        { title: "a", align: "left" },
        { title: "long", align: "right" },
      ],
      [
        ["x", "1"],
        ["yyy", "22"],
      ],
      2,
    ),
    ["a    long", "x       1", "yyy    22"],
  );
  assert.deepEqual(wrap("one two three", 7), ["one two", "three"]);
  assert.deepEqual(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
  assert.deepEqual(wrap("", 4), []);
  assert.deepEqual(wrap("never 12 ms on threads × 2", 14), ["never 12 ms on", "threads × 2"]);
  assert.deepEqual(wrap("never 12 ms", 8), ["never", "12 ms"]);
  assert.equal(keepEnd("/a/very/long/path.js", 8), "…path.js");
});
