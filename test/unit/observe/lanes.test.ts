import assert from "node:assert/strict";
import { test } from "node:test";
import { itemLabel, type LaneSpan, renderLanes } from "../../../src/observe/lanes.ts";

const span = (worker: string, label: string, startMs: number, endMs: number): LaneSpan => ({ worker, label, key: 0, startMs, endMs });

test("the seeds' picture: tasks side by side on one lane, or one lane per worker", () => {
  const lines = renderLanes(
    [
      {
        title: "coroutine",
        spans: [span("loop", "A1", 0, 8), span("loop", "B1", 8, 16), span("loop", "A2", 16, 24), span("loop", "B2", 24, 32)],
      },
      { title: "thread", spans: [span("t1", "A1", 0, 8), span("t1", "A2", 8, 16), span("t2", "B1", 0, 8), span("t2", "B2", 8, 16)] },
    ],
    { width: 11 + 33 },
  );
  assert.deepEqual(lines, [
    "coroutine  |--A1---|--B1---|--A2---|--B2---|",
    "thread     |--A1---|--A2---|",
    "           |--B1---|--B2---|",
    "           0                           32 ms",
  ]);
});

test("what overlaps on one worker stands below, and too many at once are counted", () => {
  const spans = Array.from({ length: 9 }, (_, i) => span("loop", itemLabel(i), 0, 100));
  const lines = renderLanes([{ title: "io", spans }], { width: 40, maxLanes: 3 });
  assert.equal(lines.length, 5);
  assert.match(lines[0] ?? "", /^io {2}\|-+A1-+\|$/);
  assert.match(lines[2] ?? "", /C1/);
  assert.equal(lines[3], "    … and 6 more at the same time");
});

test("gaps are blank, labels need room, and what is narrower than a column is one border", () => {
  const lines = renderLanes([{ title: "x", spans: [span("w", "A1", 0, 10), span("w", "B1", 50, 100), span("w", "C1", 100, 100.01)] }], {
    width: 3 + 21,
  });
  assert.match(lines[0] ?? "", /^x {2}\|-\| {7}\|-+B1-+\|/);
  assert.ok(!(lines[0] ?? "").includes("A1"));
});

test("no line is wider than asked, whatever the spans", () => {
  for (const width of [40, 60, 80, 120]) {
    for (let seed = 1; seed <= 40; seed++) {
      let at = 0;
      const spans = Array.from({ length: 30 }, (_, i) => {
        const from = at + ((seed * (i + 3) * 7919) % 13) / 5;
        at = from + ((seed * (i + 1) * 104_729) % 17) / 3;
        return span(`w${i % 2}`, itemLabel(i), from, at);
      });
      for (const line of renderLanes([{ title: "threads × 2", spans }], { width }))
        assert.ok(line.length <= width, `${line.length} > ${width}: ${line}`);
    }
  }
});

test("colour is asked for, never assumed; nothing to draw is no lines", () => {
  const group = [{ title: "t", spans: [{ ...span("w", "A1", 0, 10), key: 7 }] }];
  const painted = renderLanes(group, { width: 30, paint: (text, key) => `<${key}:${text}>`, quiet: (text) => `(${text})` });
  assert.match(painted[0] ?? "", /^t {2}\(\|\)<7:-+A1-+>\(\|\)$/);
  assert.ok(renderLanes(group, { width: 30 }).every((line) => !line.includes("\u001b")));
  assert.deepEqual(renderLanes([]), []);
  assert.deepEqual(renderLanes([{ title: "t", spans: [] }]), []);
});

test("labels run A1 … Z1, A2 …", () => {
  assert.deepEqual([0, 1, 25, 26, 53].map(itemLabel), ["A1", "B1", "Z1", "A2", "B3"]);
});
