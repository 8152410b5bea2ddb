// The ring: every record comes out once, whole and in order, whatever the sizes and whoever is ahead.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { allocateRing, RingReader, RingWriter } from "../../../src/memory/ring.ts";

/** Writes one record; false when it is refused. */
function write(writer: RingWriter, record: Uint8Array, room = record.length): boolean {
  const at = writer.open(room);
  if (at < 0) return false;
  assert.ok(writer.limit - at >= record.length);
  writer.bytes.set(record, at);
  writer.publish(at + record.length);
  return true;
}

function read(reader: RingReader): Uint8Array | undefined {
  return reader.next() ? reader.bytes.slice(reader.start, reader.end) : undefined;
}

const record = (length: number, seed: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (seed + index) & 255);

test("a ring against a plain queue, any mix of writes and reads", () => {
  const step = fc.oneof(
    fc.record({ write: fc.nat(300), spare: fc.nat(40) }),
    fc.constant("read" as const),
    fc.constant("abandon" as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), fc.constantFrom(64, 256, 1024), (steps, capacity) => {
      const ring = allocateRing(capacity);
      const [writer, reader] = [new RingWriter(ring), new RingReader(ring)];
      const queue: Uint8Array[] = [];
      let seed = 0;
      for (const each of steps) {
        if (each === "read") {
          assert.equal(reader.isEmpty, queue.length === 0);
          assert.deepEqual(read(reader), queue.shift());
        } else if (each === "abandon") {
          // A record that was begun and never published: nobody sees it.
          const at = writer.open(8);
          if (at >= 0) writer.bytes.fill(0xee, at, at + 8);
        } else {
          const bytes = record(each.write, ++seed);
          const room = bytes.length + each.spare;
          let taken = write(writer, bytes, room);
          // The reader lets go of what it took last when it asks again.
          if (!taken && queue.length === 0) {
            assert.equal(read(reader), undefined);
            taken = write(writer, bytes, room);
            assert.equal(taken, room <= writer.longest, "an empty ring takes whatever is not too long");
          }
          if (taken) queue.push(bytes);
        }
      }
      while (queue.length > 0) assert.deepEqual(read(reader), queue.shift());
      assert.equal(read(reader), undefined);
    }),
    { numRuns: 300 },
  );
});

test("the counters wrap at 2^32 without a trace", () => {
  const ring = allocateRing(64);
  // Both counters stand just before the wrap, as after four gigabytes of records.
  const words = new Int32Array(ring, 0, 32);
  words[0] = -64;
  words[16] = -64;
  const [writer, reader] = [new RingWriter(ring), new RingReader(ring)];
  for (let n = 0; n < 40; n++) {
    assert.ok(write(writer, record(12, n)));
    assert.deepEqual(read(reader), record(12, n));
  }
});

test("a full ring refuses, and takes again what the reader has let go of", () => {
  const ring = allocateRing(64);
  const [writer, reader] = [new RingWriter(ring), new RingReader(ring)];
  for (let n = 0; n < 4; n++) assert.ok(write(writer, record(12, n)));
  assert.equal(write(writer, record(0, 9)), false);
  assert.deepEqual(read(reader), record(12, 0));
  assert.equal(write(writer, record(12, 4)), false, "the reader may still be looking at what it took last");
  for (let n = 1; n < 4; n++) assert.deepEqual(read(reader), record(12, n));
  assert.equal(read(reader), undefined);
  assert.ok(write(writer, record(12, 4)));
});

test("what is too long is refused by an empty ring too, and leaves it usable", () => {
  const ring = allocateRing(256);
  const [writer, reader] = [new RingWriter(ring), new RingReader(ring)];
  assert.equal(writer.longest, 60);
  assert.equal(writer.open(61), -1);
  assert.ok(write(writer, record(60, 1)));
  assert.deepEqual(read(reader), record(60, 1));
  assert.throws(() => allocateRing(100), RangeError);
});

test("an unread record is never overwritten at the wrap", () => {
  const ring = allocateRing(128);
  const [writer, reader] = [new RingWriter(ring), new RingReader(ring)];
  const queue: number[] = [];
  let seed = 0;
  for (let round = 0; round < 500; round++) {
    while (write(writer, record(20 + (seed % 9), seed))) queue.push(seed++);
    for (let n = 0; n < 1 + (round % 3); n++) {
      const expected = queue.shift();
      if (expected !== undefined) assert.deepEqual(read(reader), record(20 + (expected % 9), expected));
    }
  }
});

test("two threads: a hundred thousand records of all sizes through a small ring", async () => {
  const total = 100_000;
  const ring = allocateRing(4096);
  const module = new URL("../../../src/memory/ring.js", import.meta.url).href;
  const source = `
    const { workerData } = require("node:worker_threads");
    import(${JSON.stringify(module)}).then(({ RingWriter }) => {
      const writer = new RingWriter(workerData);
      for (let n = 0; n < ${total}; ) {
        const length = 4 + (n * 7919) % 200;
        const at = writer.open(length);
        if (at < 0) continue;
        writer.bytes.fill(n & 255, at, at + length);
        new DataView(writer.bytes.buffer, writer.bytes.byteOffset + at).setInt32(0, n, true);
        writer.publish(at + length);
        n++;
      }
    });`;
  const worker = new Worker(source, { eval: true, workerData: ring });
  const exit = new Promise((resolve) => worker.on("exit", resolve));
  const reader = new RingReader(ring);
  let seen = 0;
  while (seen < total) {
    if (!reader.next()) {
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    const bytes = reader.bytes.subarray(reader.start, reader.end);
    assert.equal(bytes.length, 4 + ((seen * 7919) % 200));
    const number = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
    if (number !== seen || bytes.at(-1) !== (bytes.length > 4 ? seen & 255 : bytes.at(-1))) assert.fail(`record ${seen} is ${number}`);
    seen++;
  }
  await exit;
});
