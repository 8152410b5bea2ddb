// SlotRing against a plain queue: any mix of steps, any sizes of records, slots and rings.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Obituary } from "../../../src/memory/obituary.ts";
import { CLOSED, DONE, NO_ROUNDS, NOT_NOW, type RingShape, SlotRing } from "../../../src/memory/slot-ring.ts";

type Step = { readonly send: number } | { readonly fill: number } | "take" | "keep" | "giveBack" | "close";

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ send: fc.nat(30) }) },
  { weight: 6, arbitrary: fc.constant("take" as const) },
  { weight: 2, arbitrary: fc.constant("keep" as const) },
  { weight: 1, arbitrary: fc.record({ fill: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.constant("giveBack" as const) },
  { weight: 1, arbitrary: fc.constant("close" as const) },
);

const fresh = (slots: number, slotBytes: number): SlotRing => {
  const measures = { slots, slotBytes, lastBytes: 8 };
  // Not at the beginning of the buffer, as in an arena.
  const shape: RingShape = { buffer: new SharedArrayBuffer(SlotRing.size(measures) + 24), offset: 16, ...measures };
  return new SlotRing(shape, 1, new Obituary(new Int32Array(new SharedArrayBuffer(4))));
};

test("a ring of slots against a queue", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 200 }),
      fc.integer({ min: 1, max: 7 }),
      fc.constantFrom(4, 8, 12),
      (steps, slots, slotBytes) => {
        const ring = fresh(slots, slotBytes);
        const queue: Uint8Array[] = [];
        const kept: number[] = [];
        let closed = false;
        let seed = 0;
        const slotsOf = (bytes: Uint8Array) => Math.max(1, Math.ceil(bytes.length / slotBytes));
        const free = () => slots - kept.length - queue.reduce((sum, each) => sum + slotsOf(each), 0);
        const record = (length: number) => {
          seed++;
          return Uint8Array.from({ length }, (_, index) => (seed * 31 + index) & 255);
        };
        for (const each of steps) {
          if (each === "take") {
            const expected: Uint8Array | number = queue.shift() ?? (closed ? CLOSED : NOT_NOW);
            assert.deepEqual(ring.take(false), expected);
          } else if (each === "keep") {
            const place = ring.keep(NO_ROUNDS);
            if (closed) assert.equal(place, CLOSED);
            else if (free() < 1) assert.equal(place, NOT_NOW);
            else {
              assert.ok(place > CLOSED && !kept.includes(place));
              kept.push(place);
            }
          } else if (each === "giveBack") {
            const place = kept.shift();
            if (place !== undefined) assert.equal(ring.fill(place, undefined), closed ? CLOSED : DONE);
          } else if (each === "close") {
            ring.close(Uint8Array.of(9));
            closed = true;
          } else if ("fill" in each) {
            const place = kept.pop();
            if (place === undefined) continue;
            const bytes = record(each.fill);
            assert.equal(ring.fill(place, bytes), closed ? CLOSED : DONE);
            if (!closed) queue.push(bytes);
          } else {
            const bytes = record(each.send);
            const room = free() >= slotsOf(bytes);
            assert.equal(ring.offer(bytes, NO_ROUNDS), closed ? CLOSED : room ? DONE : NOT_NOW);
            if (!closed && room) queue.push(bytes);
          }
          assert.equal(ring.length, queue.length);
        }
        while (queue.length > 0) assert.deepEqual(ring.take(false), queue.shift());
        assert.deepEqual(ring.last, closed ? Uint8Array.of(9) : undefined);
      },
    ),
    { numRuns: 500 },
  );
});

test("an expired wait says so, and leaves the ring as it was", () => {
  const ring = fresh(1, 4);
  assert.equal(
    ring.waitSync(ring.filled, 5, () => ring.take(true)),
    NOT_NOW,
  );
  assert.equal(ring.offer(Uint8Array.of(1), 0), DONE);
  assert.equal(
    ring.waitSync(ring.freed, 5, (rounds) => ring.offer(Uint8Array.of(2), rounds + 9)),
    NOT_NOW,
  );
  assert.deepEqual(ring.take(false), Uint8Array.of(1));
  // Nobody who gave up overdue keeps others out.
  assert.equal(ring.offer(Uint8Array.of(3), NO_ROUNDS), DONE);
});
