import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { describeMachine } from "../../../../src/lab/machine.ts";
import { matrixRows } from "../../../../src/lab/matrix/catalog.ts";
import { Cells } from "../../../../src/lab/matrix/cells.ts";
import { duration, memorySize } from "../../../../src/lab/text/units.ts";
import { type Matrix, renderText } from "../../../../src/runtime/lab.ts";

/** Every row with figures as wide as figures get. */
function wide(): Matrix {
  const cells = new Cells();
  for (const { experiment, figure, unit } of matrixRows) {
    for (const level of experiment.levels) {
      const value =
        unit === "survives" ? 1 : unit === "bytes" ? 123_456_789 : unit === "threads" ? 11 : unit === "share" ? 0.98 : 98_765.4321;
      const { observations } = cells.at(experiment, level);
      const [first] = observations;
      const words = unit === "survives" ? `only its own task fails, with ${level}` : unit === "threads" ? "kernel" : undefined;
      observations[0] = {
        figures: { ...first?.figures, [figure]: unit === "survives" || unit === "threads" ? [value] : [value, value * 1.5, value / 3] },
        words: { ...first?.words, ...(words === undefined ? {} : { [figure]: words }) },
        series: unit === "times" ? { [figure]: [1, 2, 4, 8, 16, 32, 64].map((size) => ({ size, value: size * 0.9 })) } : {},
      };
    }
  }
  const noChannel = matrixRows.find(({ id }) => id === "ipc-latency-channel");
  if (noChannel !== undefined) cells.at(noChannel.experiment, "process").observations.length = 0;
  if (noChannel !== undefined)
    cells.at(noChannel.experiment, "process").failure = "a channel cannot be had here, for reasons that take a line and a half to tell";
  return {
    kind: "matrix",
    machine: describeMachine(),
    rows: matrixRows.map((row) => cells.row(row)),
    versions: { brigade: "1.2.3", node: "20.0.0", v8: "11" },
    seed: 123_456,
    rounds: 5,
    quick: false,
    tookMs: 98_000,
    interrupted: false,
    remarks: ["The machine was busy."],
  };
}

test("every line fits the width, with and without colour, and the words are the same", () => {
  const matrix = wide();
  for (const width of [60, 72, 80, 100, 120, 200]) {
    const plain = renderText(matrix, { width });
    assert.equal(stripVTControlCharacters(renderText(matrix, { width, color: true })), plain);
    for (const line of plain.split("\n")) assert.ok([...line].length <= width, `${width}: ${line}`);
    for (const { title } of width >= 80 ? matrix.rows : []) assert.ok(plain.includes(`  ${title} `), `${title} at ${width}`);
  }
});

test("groups, figures, their spread, reasons, curves and conditions are all there", () => {
  const text = renderText(wide());
  assert.match(text, /^ {2}cost +coroutine +thread +process$/m);
  assert.match(text, /^ {2}make one, the first +98\.8 s ±\d+%/m);
  assert.match(text, /^ {2}round trip: channel .* – \[\d+\]$/m);
  assert.match(text, /^ {2}\[\d+\] a channel cannot be had here/m);
  assert.match(text, /^ {2}survive: an exception .*yes \[\d+\]/m);
  assert.match(text, /^ {2}who schedules .* kernel ×11$/m);
  assert.match(text, /^ {2}thread +0\.90× +1\.8× +3\.6×/m);
  const flat = text.replace(/\s+/g, " ");
  assert.match(flat, /5 rounds · 98\.0 s · seed 123456 · brigade 1\.2\.3/);
  assert.match(flat, /medians of 5 rounds.* The machine was busy\./);
  assert.doesNotMatch(text, /NaN|undefined/);
  assert.match(renderText({ ...wide(), interrupted: true }), /Interrupted: only what had finished is shown\./);
});

test("a matrix with no more than the contract asks for can be shown", () => {
  const bare: Matrix = {
    kind: "matrix",
    machine: describeMachine(),
    rows: [{ id: "x", title: "something", unit: "ms", values: { thread: 1 } }],
  };
  assert.match(renderText(bare), /something +1\.00 ms/);
});

test("units", () => {
  assert.deepEqual([0.000_045, 0.000_1, 0.05].map(duration), ["45.0 ns", "0.10 µs", "50.0 µs"]);
  assert.deepEqual([12, 2048, 5 * 2 ** 20, 3 * 2 ** 30].map(memorySize), ["12 B", "2.00 KB", "5.00 MB", "3.00 GB"]);
});
