import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { latencyShares } from "../../../../src/lab/compare/latency-shares.ts";
import { busyBetween, endOf, firstAbove, groupOf, mostBetween, spanAt } from "../../../../src/lab/html/browser/model.ts";
import { moved, within, zoomed } from "../../../../src/lab/html/browser/window.ts";
import { linear, logarithmic, roundTicks } from "../../../../src/lab/html/charts/scale.ts";
import type { LaneData } from "../../../../src/lab/html/lanes.ts";
import { between } from "../../../../src/lab/html/parts.ts";
import { inUnit } from "../../../../src/lab/html/units.ts";

function data(spans: readonly (readonly [worker: number, start: number, length: number])[]): LaneData {
  return {
    title: "threads × 2",
    level: "thread",
    workers: ["a", "b"],
    worker: spans.map(([worker]) => worker),
    item: spans.map((_, i) => i),
    start: spans.map(([, start]) => start),
    length: spans.map(([, , length]) => length),
  };
}

const spansOf = fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 400 })), {
  maxLength: 60,
});

test("every span stands in one lane of its worker, in order, and none overlaps another there", () => {
  fc.assert(
    fc.property(spansOf, (spans) => {
      const { lanes, crowd } = groupOf(data(spans));
      if (crowd) return;
      assert.deepEqual(
        lanes.flatMap(({ items }) => [...items]).sort((a, b) => a - b),
        spans.map((_, i) => i),
      );
      for (const { worker, starts, ends, items } of lanes) {
        for (let i = 0; i < starts.length; i++) {
          assert.equal(worker, spans[items[i] ?? 0]?.[0] === 0 ? "a" : "b");
          if (i > 0) assert.ok((starts[i] ?? 0) >= (ends[i - 1] ?? 0) - 1);
        }
      }
    }),
  );
});

test("busy time is the sum of what lies between, however it is cut", () => {
  fc.assert(
    fc.property(spansOf, fc.integer({ min: 0, max: 6_000 }), fc.integer({ min: 0, max: 6_000 }), (spans, a, b) => {
      const [from, to] = a < b ? [a, b] : [b, a];
      for (const lane of groupOf(data(spans)).lanes) {
        const plain = [...lane.starts].reduce(
          (sum, start, i) => sum + Math.max(0, Math.min(to, lane.ends[i] ?? 0) - Math.max(from, start)),
          0,
        );
        // Spans that touch may overlap by the µs of rounding.
        assert.ok(Math.abs(busyBetween(lane, from, to) - plain) <= lane.starts.length, `${busyBetween(lane, from, to)} and ${plain}`);
      }
    }),
  );
});

test("many at once become a crowd, and the most at once is exact", () => {
  const spans = Array.from({ length: 500 }, (_, i) => [0, i * 3, 900] as const);
  const { lanes, crowd } = groupOf(data(spans));
  assert.equal(lanes.length, 0);
  assert.ok(crowd);
  const at = (time: number) => spans.filter(([, start, length]) => start <= time && time < start + length).length;
  for (const [from, to] of [
    [0, 2],
    [100, 101],
    [700, 1_400],
    [2_000, 2_010],
  ] as const) {
    const times = Array.from({ length: (to - from) * 2 + 1 }, (_, i) => from + i / 2);
    assert.equal(mostBetween(crowd, from, to), Math.max(...times.map(at)), `${from}–${to}`);
  }
  assert.equal(crowd.most, 300);
  assert.equal(endOf([groupOf(data(spans))]), 499 * 3 + 900);
});

test("a span is found where it is, and not in the gap", () => {
  const lane = groupOf(
    data([
      [0, 0, 10],
      [0, 20, 10],
    ] as const),
  ).lanes[0];
  assert.ok(lane);
  assert.deepEqual(
    [spanAt(lane, 5, 0), spanAt(lane, 15, 0), spanAt(lane, 18, 3), spanAt(lane, 25, 0), spanAt(lane, 99, 0)],
    [0, undefined, 1, 1, undefined],
  );
  assert.equal(firstAbove(new Float64Array([1, 2, 2, 3]), 2), 3);
});

test("a window stays within the whole, and zooming keeps what is pointed at", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.double({ min: 0.2, max: 5, noNaN: true }), share, fc.double({ min: -2, max: 2, noNaN: true })), {
        maxLength: 30,
      }),
      (moves) => {
        const end = 1e6;
        let view = within(0, end, end);
        for (const [factor, at, by] of moves) {
          const fixed = view.from + (view.to - view.from) * at;
          const next = zoomed(view, factor, at, end);
          if (next.from > 1e-6 && next.to < end - 1e-6) assert.ok(Math.abs(next.from + (next.to - next.from) * at - fixed) < 1e-3);
          view = moved(next, by, end);
          assert.ok(view.from >= 0 && view.to <= end + 1e-6 && view.to - view.from >= 1 - 1e-6, JSON.stringify(view));
        }
      },
    ),
  );
});

test("ticks are round and lie within", () => {
  assert.deepEqual(roundTicks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(roundTicks(3, 3, 5), [3]);
  assert.deepEqual(linear(0, 10, 0, 100).at(5), 50);
  assert.deepEqual(logarithmic(1, 100, 0, 100).at(10), 50);
  assert.deepEqual(logarithmic(1, 100, 0, 100).at(0), 0);
});

test("ranges say a common unit once", () => {
  assert.equal(between("1.00 ms", "2.00 ms"), "1.00–2.00 ms");
  assert.equal(between("900 µs", "2.00 ms"), "900 µs–2.00 ms");
  assert.equal(between("1.0×", "1.2×"), "1.0–1.2×");
  assert.equal(between("1,000", "2,000"), "1,000–2,000");
  assert.equal(between("5 MB", "5 MB"), "");
});

test("units are those that people read", () => {
  assert.equal(inUnit(84, "ns"), "84.0 ns");
  assert.equal(inUnit(2_000_000, "ns"), "2.00 ms");
  assert.equal(inUnit(812, "bytes"), "812 B");
  assert.equal(inUnit(5_242_880, "bytes"), "5.00 MB");
  assert.equal(inUnit(0.5, "share"), "50.0 %");
  assert.equal(inUnit(1, "survives"), "survives");
  assert.equal(inUnit(1234, "MB/s"), "1.23 GB/s");
  assert.equal(inUnit(1124, "ns/KB"), "1.12 µs");
  assert.equal(inUnit(1.01, "per switch"), "1.01");
  assert.equal(inUnit(-41_510, "ns/KB"), "−41.5 µs");
  assert.equal(inUnit(Number.NaN, "ms"), "–");
});

test("latency shares rise, begin at the fastest, and claim no more than the items can tell", () => {
  for (const items of [1, 2, 10, 100, 5_000, 1_000_000]) {
    const shares = latencyShares(items);
    assert.equal(shares[0], 0);
    assert.ok(shares.every((share, i) => i === 0 || share > (shares[i - 1] ?? 0)));
    assert.ok((shares.at(-1) ?? 1) <= Math.max(0.95, 1 - 1 / items) + 1e-9);
  }
});
