// Long bytes and answers that go beside the pipe: which stretch of a file is whose, what is read back, and what a child may name.
import assert from "node:assert/strict";
import { closeSync, fstatSync, ftruncateSync, writeSync } from "node:fs";
import { after, test } from "node:test";
import fc from "fast-check";
import { FrameReader } from "../../../src/executors/process/frame-reader.ts";
import { FrameWriter, type RawFrame } from "../../../src/executors/process/frame-writer.ts";
import { Journal, JournalReader, openJournalFile } from "../../../src/executors/process/journal.ts";
import { type ByteFiles, LongBytes, leastPlaced, openByteFiles } from "../../../src/executors/process/long-bytes.ts";
import { Spans } from "../../../src/executors/process/spans.ts";

const linux = process.platform === "linux";
const skip = linux ? false : "files in memory are Linux's";
const kilobyte = 1024;

/** Both sides of a link, and the file from the near side to the far one. */
function bothSides(): { near: LongBytes; far: LongBytes; file: number } {
  const { toChild, fromChild, most } = openByteFiles() as ByteFiles;
  assert.ok(most > 2 ** 20);
  const near = new LongBytes(toChild, fromChild, most);
  const far = new LongBytes(fromChild, toChild, most);
  after(() => near.close());
  return { near, far, file: toChild };
}

const patterned = (length: number, seed: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (index * 31 + seed) & 255);

test("spans never overlap, stay within the file, and leave nothing behind", () => {
  const most = 64 * 4096;
  const step = fc.oneof(
    fc.record({ take: fc.integer({ min: 1, max: most / 4 }) }),
    fc.record({ give: fc.nat({ max: 20 }) }),
  ) as fc.Arbitrary<{ readonly take?: number; readonly give?: number }>;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const spans = new Spans(most);
      const held: { start: number; bytes: number }[] = [];
      for (const { take, give } of steps) {
        if (take !== undefined) {
          const start = spans.take(take);
          if (start === undefined) continue;
          assert.ok(start >= 0 && start + take <= most);
          for (const other of held) assert.ok(start + take <= other.start || other.start + other.bytes <= start, "they overlap");
          held.push({ start, bytes: take });
        } else if (held.length > 0) {
          const [gone] = held.splice((give as number) % held.length, 1);
          assert.equal(spans.giveBack(gone?.start as number), true);
          assert.equal(spans.giveBack(gone?.start as number), false, "twice");
        }
        assert.equal(spans.isEmpty, held.length === 0);
      }
      for (const { start } of held) spans.giveBack(start);
      assert.equal(spans.end, 0);
      // What was given back is one piece again.
      assert.equal(spans.take(most), 0);
    }),
  );
});

test("what is put is read on the other side, in memory of its own, and its place is used again", { skip }, () => {
  const { near, far } = bothSides();
  const bytes = patterned(300 * kilobyte, 1);
  const place = near.put(bytes) as number;
  const other = near.put(patterned(100 * kilobyte, 2)) as number;
  assert.notEqual(place, other);
  const read = far.read(place, bytes.byteLength);
  assert.equal(read.byteLength, bytes.byteLength);
  assert.deepEqual(new Uint8Array(read), bytes);
  assert.equal(structuredClone(read, { transfer: [read] }).byteLength, bytes.byteLength);
  assert.deepEqual([read.byteLength, far.owes], [0, true]);
  assert.deepEqual([far.takeRead(), far.owes], [[place], false]);
  near.giveBack(place);
  assert.equal(near.put(bytes), place);
});

test("short bytes, and what has no room, go by the pipe", { skip }, () => {
  const { near, file } = bothSides();
  assert.equal(near.put(new Uint8Array(leastPlaced - 1)), undefined);
  // Never written, so it costs no memory here.
  assert.equal(near.put(new Uint8Array(2 ** 28 + 1)), undefined);
  assert.equal(fstatSync(file).size, 0);
});

test("the memory of an idle file is given back", { skip }, async () => {
  const { near, file } = bothSides();
  const place = near.put(new Uint8Array(leastPlaced).fill(1)) as number;
  assert.equal(fstatSync(file).size, leastPlaced);
  near.giveBack(place);
  assert.equal(fstatSync(file).size, leastPlaced, "kept for a while");
  const end = performance.now() + 20_000;
  while (fstatSync(file).size > 0) {
    assert.ok(performance.now() < end, "still there after 20 s");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

test("a place that was not written, a length that cannot be, a file cut short: each is an error of the child", { skip }, () => {
  const { near, far, file } = bothSides();
  const place = near.put(patterned(leastPlaced, 3)) as number;
  for (const [at, length] of [
    [place + 1, leastPlaced],
    [2 ** 40, 1],
    [-1, 10],
    [0.5, 10],
    [Number.NaN, 10],
    [0, 0],
    [0, Number.POSITIVE_INFINITY],
    [0, 2 ** 31],
  ] as const)
    assert.throws(() => far.read(at, length), RangeError, `${length} at ${at}`);
  assert.equal(far.owes, false);
  ftruncateSync(file, 10);
  assert.throws(() => far.read(place, leastPlaced), /there are 10/);
  assert.throws(() => near.giveBack(place + 4096), /nothing lies at/);
});

test("frames bring their long bytes along, by the pipe and beside it, however the stream is cut", { skip }, () => {
  const { near, far } = bothSides();
  const writer = new FrameWriter();
  writer.places = near;
  const [short, long, last] = [patterned(20 * kilobyte, 4), patterned(200 * kilobyte, 5), patterned(leastPlaced, 6)];
  const view = Uint8Array.from(short);
  const settled = (id: number, attachments: readonly unknown[]): RawFrame => ({
    type: "settled",
    id,
    state: "succeeded",
    runMs: 0,
    payload: { bytes: new Uint8Array([9, 9]), attachments, stays: true },
  });
  writer.add(settled(1, [view, long.buffer]));
  const progress: RawFrame = { type: "progress", id: 2, payload: { bytes: new Uint8Array([1]), attachments: [last], stays: true } };
  writer.add(progress);
  writer.add(settled(3, []));
  // What lies in a view is the caller's again as soon as the frame has been added.
  view.fill(0);
  const stream = Buffer.concat(writer.take());
  assert.ok(stream.byteLength < 21 * kilobyte, "the long ones are not in the pipe");
  for (const size of [1, 7, 4_096, stream.byteLength]) {
    const reader = new FrameReader();
    reader.places = far;
    for (let at = 0; at < stream.byteLength; at += size) reader.push(Buffer.from(stream.subarray(at, at + size)));
    const attachments = [reader.next(), reader.next(), reader.next()].map((frame) =>
      frame?.payload?.attachments?.map((one) => new Uint8Array(one as ArrayBuffer)),
    );
    assert.deepEqual(attachments, [[short, long], [last], undefined], `in chunks of ${size}`);
    assert.equal(reader.partial, false);
  }
});

test("without a file all of it goes by the pipe, however the stream is cut", () => {
  const writer = new FrameWriter();
  const [first, second] = [patterned(20 * kilobyte, 4), patterned(200 * kilobyte, 5)];
  const payload = { bytes: new Uint8Array([9]), attachments: [first.buffer, second], stays: true };
  const settled: RawFrame = { type: "settled", id: 1, state: "succeeded", runMs: 0, payload };
  writer.add(settled);
  const pieces = writer.take();
  assert.ok(
    pieces.some(({ buffer }) => buffer === first.buffer),
    "what belongs to the message is not copied",
  );
  assert.ok(!pieces.some(({ buffer }) => buffer === second.buffer), "what does not is");
  const stream = Buffer.concat(pieces);
  for (const size of [1, 4, 5, 4_096, stream.byteLength]) {
    const reader = new FrameReader();
    for (let at = 0; at < stream.byteLength; at += size) {
      assert.equal(reader.partial, at > 0);
      reader.push(Buffer.from(stream.subarray(at, at + size)));
    }
    const attachments = reader.next()?.payload?.attachments as readonly ArrayBuffer[];
    assert.deepEqual(
      attachments.map((one) => new Uint8Array(one)),
      [first, second],
      `in chunks of ${size}`,
    );
  }
});

test("long bytes that belong to no frame, and places where there is no file, are refused", { skip }, () => {
  const frame = (kind: number, rest: Buffer): Buffer => {
    const head = Buffer.alloc(5);
    head.writeUInt32LE(1 + rest.byteLength, 0);
    head[4] = kind;
    return Buffer.concat([head, rest]);
  };
  const place = Buffer.alloc(16);
  place.writeDoubleLE(10, 8);
  assert.throws(() => new FrameReader().push(frame(6, place)), /there is no file/);
  assert.throws(() => new FrameReader().push(frame(6, Buffer.alloc(4))), /too few for the head/);
  const reader = new FrameReader();
  reader.push(frame(5, Buffer.alloc(100)));
  assert.equal(reader.partial, true);
  assert.throws(() => reader.push(frame(4, Buffer.alloc(4))), /nothing that they could belong to/);
  const { far } = bothSides();
  const placed = new FrameReader();
  placed.places = far;
  assert.throws(() => placed.push(frame(6, place)), /there are 0/);
  assert.throws(() => placed.push(frame(7, Buffer.alloc(8))), /nothing lies at 0/);
  place.writeDoubleLE(Number.NaN, 8);
  assert.throws(() => placed.push(frame(6, place)), RangeError);
});

test("a journal holds what has not left, whatever was noted and left before", { skip }, () => {
  const steps = fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 40_000 }), leaves: fc.boolean() }), { maxLength: 40 });
  fc.assert(
    fc.property(steps, (list) => {
      const file = openJournalFile() as number;
      try {
        const journal = new Journal(file);
        let left = 0;
        let waiting = new Uint8Array(0);
        for (const { bytes, leaves } of list) {
          waiting = new Uint8Array([...waiting, ...patterned(bytes, left + waiting.length)]);
          if (leaves) {
            left += waiting.length;
            waiting = new Uint8Array(0);
          } else assert.equal(journal.note(waiting, left), true);
          // The process may end here: all that has left has been read.
          const reader = new JournalReader(file);
          reader.arrived(Buffer.alloc(left));
          assert.deepEqual(new Uint8Array(reader.last()), waiting);
          assert.equal(reader.last().byteLength, 0);
          if (waiting.length > 100_000) [left, waiting] = [left + waiting.length, new Uint8Array(0)];
        }
        assert.ok(fstatSync(file).blocks * 512 < 2 ** 20, "what is over is given back");
      } finally {
        closeSync(file);
      }
    }),
    { numRuns: 20 },
  );
});

test("a look at the journal of a child that lives is believed only if nothing has left meanwhile, and repeats nothing", { skip }, () => {
  const file = openJournalFile() as number;
  const [journal, reader] = [new Journal(file), new JournalReader(file)];
  after(() => closeSync(file));
  const stream = patterned(100, 0);
  const left = Buffer.from(stream.subarray(0, 40));
  journal.note(stream.subarray(40, 60), 40);
  let inPipe: Buffer[] = [left];
  const readPipe = (): void => {
    for (const chunk of inPipe) assert.equal(reader.arrived(chunk), chunk);
    inPipe = [];
  };
  assert.deepEqual(new Uint8Array(reader.look(readPipe)), stream.subarray(40, 60));
  // The same by the pipe, and more behind it.
  const rest = Buffer.from(stream.subarray(40, 70));
  assert.deepEqual(new Uint8Array(reader.arrived(rest)), stream.subarray(60, 70));
  journal.note(stream.subarray(70, 80), 70);
  let looks = 0;
  const leavesMeanwhile = (): void => {
    if (++looks === 2) reader.arrived(Buffer.from(stream.subarray(70, 90)));
  };
  assert.equal(reader.look(leavesMeanwhile).byteLength, 0);
  assert.equal(reader.look(() => {}).byteLength, 0);
});

test("a journal that cannot be written says so, from then on", { skip }, () => {
  const file = openJournalFile() as number;
  const journal = new Journal(file);
  assert.equal(journal.note(new Uint8Array([1, 2]), 0), true);
  assert.equal(journal.note(new Uint8Array([1, 2]), 0), true, "all of it is there");
  closeSync(file);
  assert.equal(journal.note(new Uint8Array([1, 2, 3]), 0), false);
  const again = openJournalFile() as number;
  assert.equal(journal.note(new Uint8Array([1, 2, 3, 4]), 0), false);
  assert.equal(writeSync(again, "x"), 1);
  closeSync(again);
});
