// The pieces of the links that need no worker: frames as bytes, inherited flags, the end of stderr.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inheritedArguments } from "../../../src/executors/pool/runtime-arguments.ts";
import { StderrTail } from "../../../src/executors/pool/stderr-tail.ts";
import { describe } from "../../../src/executors/pool/uncaught.ts";
import { encodeFrame, FrameDecoder, maxFrameBytes, type RawFrame } from "../../../src/executors/process/frame-codec.ts";

const frames: readonly RawFrame[] = [
  { type: "ready" },
  { type: "settled", id: 1, payload: { bytes: new Uint8Array(0) } },
  { type: "submit", id: 2, graceMs: Number.POSITIVE_INFINITY, nested: { name: "äöü" }, payload: { bytes: new Uint8Array([1, 2, 3]) } },
  { type: "run", id: 3, payload: { bytes: new Uint8Array(20_000).fill(9) } },
  { type: "end" },
];
const stream = Buffer.concat(frames.flatMap((frame) => encodeFrame(frame)));

function drain(decoder: FrameDecoder): RawFrame[] {
  const found: RawFrame[] = [];
  for (let frame = decoder.next(); frame; frame = decoder.next()) found.push(frame);
  return found;
}

test("frames survive however the stream is cut", () => {
  for (const size of [1, 2, 3, 7, 64, 4_096, stream.byteLength]) {
    const decoder = new FrameDecoder();
    const found: RawFrame[] = [];
    for (let at = 0; at < stream.byteLength; at += size) {
      const chunk = Buffer.from(stream.subarray(at, at + size));
      decoder.push(chunk);
      chunk.fill(0);
      found.push(...drain(decoder));
    }
    assert.deepEqual(found, frames, `in chunks of ${size}`);
    assert.equal(decoder.partial, false);
  }
});

test("a decoder that is drained from inside a delivery keeps the order", () => {
  const decoder = new FrameDecoder();
  const order: unknown[] = [];
  const deliver = (depth: number): void => {
    for (let frame = decoder.next(); frame; frame = decoder.next()) {
      order.push(frame["id"]);
      if (depth === 0) {
        decoder.push(Buffer.concat(encodeFrame({ type: "cancel", id: order.length + 10 } as RawFrame)));
        deliver(1);
      }
    }
  };
  decoder.push(Buffer.concat([1, 2].flatMap((id) => encodeFrame({ type: "cancel", id } as RawFrame))));
  deliver(0);
  assert.deepEqual(order, [1, 2, 11]);
});

test("a stream that ends within a frame is partial", () => {
  const decoder = new FrameDecoder();
  decoder.push(stream.subarray(0, stream.byteLength - 1));
  assert.equal(drain(decoder).length, frames.length - 1);
  assert.equal(decoder.partial, true);
});

test("what is no frame is refused, and names what is wrong", () => {
  const body = (header: string, length = 4 + header.length, headerLength = header.length): Buffer => {
    const bytes = Buffer.alloc(8 + header.length);
    bytes.writeUInt32LE(length, 0);
    bytes.writeUInt32LE(headerLength, 4);
    bytes.write(header, 8);
    return bytes;
  };
  for (const [bytes, expected] of [
    [body("{}", maxFrameBytes + 1), /length of 1073741825 bytes/],
    [body("{}", 0), /length of 0 bytes/],
    [body("{}", 6, 7), /header of 7 bytes in 6 bytes/],
    [body("{}"), /no type/],
    [body("null"), /no type/],
    [body('{"type":1}'), /type is no string/],
    [body('{"type":"x","payload":9}'), /0 bytes of payload, announced 9/],
    [body('{"type":"x"}    ', 20, 12), /4 bytes of payload, announced undefined/],
    [body("{]"), /JSON/],
  ] as const) {
    assert.throws(() => new FrameDecoder().push(bytes), expected);
  }
});

test("frames above the limit and frames with attachments are refused before anything is sent", () => {
  const bytes = { byteLength: maxFrameBytes } as Uint8Array;
  assert.throws(() => encodeFrame({ type: "settled", payload: { bytes } } as RawFrame), /"settled" frame of \d+ bytes is above/);
  assert.throws(() => encodeFrame({ type: "run", payload: { bytes: new Uint8Array(1), attachments: [1] } } as RawFrame), TypeError);
});

test("a small frame is one piece, a large payload is not copied", () => {
  assert.equal(encodeFrame({ type: "x", payload: { bytes: new Uint8Array(100) } } as RawFrame).length, 1);
  const large = new Uint8Array(100_000);
  assert.equal(encodeFrame({ type: "x", payload: { bytes: large } } as RawFrame)[1], large);
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
