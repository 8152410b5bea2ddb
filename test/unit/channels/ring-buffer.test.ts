// The ring buffer: order, growth, and that it holds nothing it should not.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RingBuffer } from "../../../src/channels/ring-buffer.ts";
import { collectGarbage } from "./support.ts";

test("values come out in the order in which they went in", () => {
  const buffer = new RingBuffer<number>();
  for (let n = 0; n < 5; n++) buffer.push(n);
  assert.equal(buffer.length, 5);
  assert.deepEqual(
    Array.from({ length: 5 }, () => buffer.shift()),
    [0, 1, 2, 3, 4],
  );
  assert.equal(buffer.length, 0);
});

test("it grows where it has wrapped around without losing the order", () => {
  const buffer = new RingBuffer<number>();
  for (let n = 0; n < 6; n++) buffer.push(n);
  for (let n = 0; n < 4; n++) assert.equal(buffer.shift(), n);
  for (let n = 6; n < 30; n++) buffer.push(n);
  for (let n = 4; n < 30; n++) assert.equal(buffer.shift(), n);
});

test("undefined is a value like any other", () => {
  const buffer = new RingBuffer<number | undefined>();
  buffer.push(undefined);
  buffer.push(1);
  assert.equal(buffer.length, 2);
  assert.equal(buffer.shift(), undefined);
  assert.equal(buffer.shift(), 1);
});

test("a cleared buffer is empty and usable", () => {
  const buffer = new RingBuffer<number>();
  for (let n = 0; n < 20; n++) buffer.push(n);
  buffer.clear();
  assert.equal(buffer.length, 0);
  buffer.push(1);
  assert.equal(buffer.shift(), 1);
});

test("what was taken is not held, neither by its slot nor after a burst", async () => {
  const buffer = new RingBuffer<object>();
  const refs: WeakRef<object>[] = [];
  (() => {
    for (let n = 0; n < 3000; n++) {
      const value = { n };
      refs.push(new WeakRef(value));
      buffer.push(value);
    }
    for (let n = 0; n < 2999; n++) buffer.shift();
  })();
  await collectGarbage();
  // One value is left in, so the array is the large one.
  assert.equal(refs.filter((ref) => ref.deref() !== undefined).length, 1);
  assert.equal((buffer.shift() as { n: number }).n, 2999);
});

test("it behaves as an array does", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer(), { nil: undefined }), { maxLength: 200 }), (steps) => {
      const buffer = new RingBuffer<number>();
      const model: number[] = [];
      for (const step of steps) {
        if (step !== undefined) {
          buffer.push(step);
          model.push(step);
        } else if (model.length > 0) assert.equal(buffer.shift(), model.shift());
        assert.equal(buffer.length, model.length);
      }
      for (const value of model) assert.equal(buffer.shift(), value);
    }),
  );
});
