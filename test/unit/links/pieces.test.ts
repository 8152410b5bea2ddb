// The pieces of the links that need no worker: frames as bytes, inherited flags, the end of stderr.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inheritedArguments } from "../../../src/executors/pool/runtime-arguments.ts";
import { StderrTail } from "../../../src/executors/pool/stderr-tail.ts";
import { describe } from "../../../src/executors/pool/uncaught.ts";
import { FrameReader } from "../../../src/executors/process/frame-reader.ts";
import { FrameWriter, maxFrameBytes, type RawFrame } from "../../../src/executors/process/frame-writer.ts";
import { Vigil } from "../../../src/executors/process/vigil.ts";
import { encoded, plainList, plainValue } from "../../../src/wire/plain.ts";

const frames: readonly RawFrame[] = [
  { type: "ready" },
  { type: "settled", id: 1, state: "succeeded", runMs: 0.25, cpuMs: 1, payload: { bytes: new Uint8Array(0) } },
  { type: "settled", id: 2 ** 32 - 1, state: "cancelled", runMs: 0, cpuMs: undefined, payload: { bytes: new Uint8Array(300).fill(1) } },
  { type: "settled", id: 2 ** 32, state: "failed", runMs: 1, payload: { bytes: new Uint8Array([1]) } },
  { type: "started", id: 7 },
  { type: "started", id: 2 ** 40 },
  { type: "channels", payload: { bytes: new Uint8Array([0, 0, 0, 0, 4]) } },
  { type: "channels", payload: { bytes: new Uint8Array(10_000).fill(3) } },
  { type: "submit", id: 2, graceMs: Number.POSITIVE_INFINITY, nested: { name: "äöü" }, payload: { bytes: new Uint8Array([1, 2, 3]) } },
  run({ id: 3, payload: { bytes: new Uint8Array(20_000).fill(9) } }),
  run({ id: 4, claim: 0, taskName: "another name" }),
  run({ id: 5, claim: 2 ** 32 - 1, remainingMs: 12.5, many: "all" }),
  run({ id: 6, claim: 1, many: "some" }),
  run({ id: 6, fn: "g", taskName: "x".repeat(300), timeoutMs: 3 }),
  run({ id: 7, taskName: "not Latin-1: ✓" }),
  run({ id: 8, taskName: "x".repeat(10_000) }),
  run({ id: 10, payload: plainList([1, "two", null]) }),
  { type: "settled", id: 11, state: "succeeded", runMs: 1, payload: plainValue(-7.5) },
  { type: "progress", id: 12, payload: plainValue("three") },
  run({ id: 9, locals: ["a"], signals: [1], submission: 4 }),
  { type: "output", stream: "stdout", text: "x".repeat(200_000) },
  { type: "end" },
];
function run(fields: object): RawFrame {
  const head = { type: "run", url: "file:///x.js", fn: "f", taskNumber: 12, taskName: "f" };
  return { ...head, payload: { bytes: new Uint8Array([5]) }, ...fields };
}
function encodeFrames(list: readonly RawFrame[]): Uint8Array[] {
  const writer = new FrameWriter();
  for (const frame of list) writer.add(frame);
  return writer.take().map((piece) => new Uint8Array(piece));
}
const stream = Buffer.concat(encodeFrames(frames));
/** Fields that are absent and those that are `undefined` are the same to whoever reads them. */
const plain = (list: readonly RawFrame[]): unknown =>
  list.map(({ payload, ...fields }) => {
    const present = Object.entries(fields).filter(([, value]) => value !== undefined);
    return [Object.fromEntries(present), payload && Buffer.from(encoded(payload).bytes).toString("hex")];
  });

function drain(decoder: FrameReader): RawFrame[] {
  const found: RawFrame[] = [];
  for (let frame = decoder.next(); frame; frame = decoder.next()) found.push(frame);
  return found;
}

test("frames survive however the stream is cut", () => {
  for (const size of [1, 2, 3, 7, 64, 4_096, stream.byteLength]) {
    const decoder = new FrameReader();
    const found: RawFrame[] = [];
    for (let at = 0; at < stream.byteLength; at += size) {
      const chunk = Buffer.from(stream.subarray(at, at + size));
      decoder.push(chunk);
      chunk.fill(0);
      found.push(...drain(decoder));
    }
    assert.deepEqual(plain(found), plain(frames), `in chunks of ${size}`);
    assert.equal(decoder.partial, false);
  }
});

test("a decoder that is drained from inside a delivery keeps the order", () => {
  const decoder = new FrameReader();
  const order: unknown[] = [];
  const deliver = (depth: number): void => {
    for (let frame = decoder.next(); frame; frame = decoder.next()) {
      order.push(frame["id"]);
      if (depth === 0) {
        decoder.push(Buffer.concat(encodeFrames([{ type: "cancel", id: order.length + 10 }])));
        deliver(1);
      }
    }
  };
  decoder.push(Buffer.concat(encodeFrames([1, 2].map((id) => ({ type: "cancel", id })))));
  deliver(0);
  assert.deepEqual(order, [1, 2, 11]);
});

test("a stream that ends within a frame is partial", () => {
  const decoder = new FrameReader();
  decoder.push(stream.subarray(0, stream.byteLength - 1));
  assert.equal(drain(decoder).length, frames.length - 1);
  assert.equal(decoder.partial, true);
});

test("what is no frame is refused, and names what is wrong", () => {
  const bytesOf = (length: number, ...rest: number[]): Buffer => {
    const bytes = Buffer.from([0, 0, 0, 0, ...rest]);
    bytes.writeUInt32LE(length, 0);
    return bytes;
  };
  const record = (header: string, length = 6 + header.length, headerLength = header.length, hasPayload = 0): Buffer =>
    Buffer.concat([bytesOf(length, 1, hasPayload, headerLength, 0, 0, 0), Buffer.from(header)]);
  const zeros = (count: number): number[] => new Array<number>(count).fill(0);
  for (const [bytes, expected] of [
    [record("{}", maxFrameBytes + 1), /length of 1073741825 bytes/],
    [record("{}", 0), /length of 0 bytes/],
    [record("{}", 8, 7), /5 bytes too few for the head of a "record"/],
    [record("{}"), /no type/],
    [record("null"), /no type/],
    [record('{"type":1}'), /type is no string/],
    [record('{"type":"x"}', 18, 12, 9), /0 bytes of payload, announced 9/],
    [record('{"type":"x"}    ', 22, 12), /4 bytes of payload, announced 0/],
    [record("{]"), /JSON/],
    [bytesOf(5, 77, ...zeros(4)), /kind is 77/],
    [bytesOf(5, 3, ...zeros(4)), /too few for the head of a "settled"/],
    [bytesOf(22, 3, 9, ...zeros(20)), /state 9/],
    [bytesOf(5, 2, ...zeros(4)), /too few for the head of a "run"/],
    [bytesOf(30, 2, 0, 5, 0, ...zeros(26)), /no name/],
    [bytesOf(18, 2, 8, 0, 0, ...zeros(12), 9, 9), /too few for the head of a "run"/],
  ] as const) {
    assert.throws(() => new FrameReader().push(bytes), expected);
  }
});

test("frames above the limit and frames with attachments are refused, and nothing of them is sent", () => {
  const writer = new FrameWriter();
  const bytes = { byteLength: maxFrameBytes } as Uint8Array;
  assert.throws(() => writer.add({ type: "settled", id: 1, payload: { bytes } } as RawFrame), /"settled" frame of \d+ bytes is above/);
  assert.throws(() => writer.add(run({ payload: { bytes } })), /"run" frame of \d+ bytes is above/);
  assert.throws(() => writer.add(run({ payload: { bytes: new Uint8Array(1), attachments: [1] } })), TypeError);
  assert.equal(writer.isEmpty, true);
  writer.add(run({}));
  const reader = new FrameReader();
  reader.push(Buffer.concat(writer.take()));
  assert.equal(reader.next()?.["fn"], "f", "a name that was not sent has no number");
});

test("small frames are one piece, a large payload is not copied", () => {
  const writer = new FrameWriter();
  for (let id = 0; id < 100; id++) writer.add(run({ id, payload: { bytes: new Uint8Array(100) } }));
  assert.equal(writer.take().length, 1);
  writer.recycle();
  const large = new Uint8Array(100_000);
  writer.add(run({ payload: { bytes: large } }));
  writer.add({ type: "end" });
  const pieces = writer.take();
  assert.deepEqual([pieces.length, pieces[1] === large], [3, true]);
});

test("room is used again only when all that lies in it was taken", () => {
  const writer = new FrameWriter();
  writer.add({ type: "first" });
  const [first] = writer.take();
  writer.add({ type: "again" });
  writer.recycle();
  assert.match(Buffer.from(first as Uint8Array).toString("latin1"), /first/);
  assert.match(Buffer.concat(writer.take()).toString("latin1"), /again/);
});

test("workers inherit flags, except those of the entry", () => {
  for (const [given, expected] of [
    [
      ["--import", "tsx", "-r", "./x.cjs", "--enable-source-maps"],
      ["--import", "tsx", "-r", "./x.cjs", "--enable-source-maps"],
    ],
    [["--input-type=module", "-e", "--not-a-flag", "--conditions=dev"], ["--conditions=dev"]],
    [
      ["--input-type", "module", "--eval=1", "-C", "dev"],
      ["-C", "dev"],
    ],
    [["-p", "1 + 1", "--expose-gc"], ["--expose-gc"]],
    [["--inspect-brk=127.0.0.1:0", "--inspect", "--inspect-port", "9333", "--no-warnings"], ["--no-warnings"]],
    [["--test", "--test-reporter", "spec", "--test-isolation=none", "--watch", "--watch-path", "./src", "--title=x"], ["--title=x"]],
    [["--experimental-test-coverage", "--max-old-space-size=300"], ["--max-old-space-size=300"]],
  ] as const) {
    assert.deepEqual(inheritedArguments(given), expected);
  }
});

test("of stderr the end is kept", () => {
  const tail = new StderrTail();
  tail.append("x".repeat(5_000));
  tail.append("the end");
  assert.equal(tail.toString(), `${"x".repeat(4_089)}the end`);
});

test("anything can be described", () => {
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new RangeError("no");
      },
    },
  );
  for (const value of [undefined, null, 1n, Symbol("s"), () => 1, hostile, Object.create(null)])
    assert.equal(typeof describe(value), "string");
});

test("silence is asked about again and again, and forgotten at a sign of life", async () => {
  let asked = 0;
  const vigil = new Vigil({
    pid: process.pid,
    hasWork: true,
    onSilent: () => asked++,
    onStopped: () => assert.fail("this process runs"),
  });
  const tendUntil = async (count: number): Promise<void> => {
    const end = performance.now() + 20_000;
    while (asked < count) {
      assert.ok(performance.now() < end, `asked ${asked} times`);
      vigil.tend();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  await tendUntil(4);
  vigil.heard();
  vigil.tend();
  assert.equal(asked, 4, "what has spoken is not silent");
  await tendUntil(5);
  vigil.end();
});
