// Frames on a byte stream: however the bytes are cut, the same frames; and whatever the bytes are, an error or a frame, and no memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { END, FrameCutter, piecesOf, STOP, VALUE } from "../../../src/ipc/framing.ts";

const joined = (frames: readonly { readonly kind: number; readonly payload: Uint8Array | undefined }[]): Buffer =>
  Buffer.concat(frames.flatMap(({ kind, payload }) => [...piecesOf(kind, payload)]));

function cutAll(bytes: Uint8Array, cuts: readonly number[], mostBytes: number) {
  const cutter = new FrameCutter(mostBytes);
  const found: { kind: number; payload: string }[] = [];
  let at = 0;
  for (const cut of [...cuts, Number.POSITIVE_INFINITY]) {
    cutter.push(bytes.slice(at, Math.min(bytes.byteLength, at + cut)));
    at += cut;
    for (let frame = cutter.next(); frame !== undefined; frame = cutter.next()) {
      found.push({ kind: frame.kind, payload: Buffer.from(frame.payload).toString("hex") });
    }
    if (at >= bytes.byteLength) break;
  }
  return { found, partial: cutter.partial };
}

const frame = fc.record({ kind: fc.integer({ min: VALUE, max: STOP }), payload: fc.uint8Array({ maxLength: 40 }) });

test("frames are the same however the stream is cut", () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 12 }), fc.array(fc.integer({ min: 1, max: 50 })), (frames, cuts) => {
      const { found, partial } = cutAll(joined(frames), cuts, 40);
      assert.deepEqual(
        found,
        frames.map(({ kind, payload }) => ({ kind, payload: Buffer.from(payload).toString("hex") })),
      );
      assert.equal(partial, false);
    }),
  );
});

test("a stream that ends inside a frame says so", () => {
  fc.assert(
    fc.property(frame, fc.nat(), (one, where) => {
      const bytes = joined([one]);
      const { found, partial } = cutAll(bytes.subarray(0, where % bytes.byteLength), [3, 1, 7], 40);
      assert.equal(found.length, 0);
      assert.equal(partial, where % bytes.byteLength > 0);
    }),
  );
});

test("whatever comes is a frame within the bound, or refused", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.integer({ min: 1, max: 20 })), (bytes, cuts) => {
      try {
        for (const { payload } of cutAll(bytes, cuts, 32).found) assert.ok(payload.length <= 64);
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error));
      }
    }),
  );
});

test("a length beyond the bound is refused before anything of it has come", () => {
  const cutter = new FrameCutter(1_000);
  cutter.push(Buffer.from([0xff, 0xff, 0xff, 0x7f, VALUE]));
  assert.throws(() => cutter.next(), /2147483646 bytes \(1000 are allowed\)/);
});

test("long payloads are not copied on the way out", () => {
  const payload = new Uint8Array(100_000);
  assert.equal(piecesOf(VALUE, payload)[1], payload);
  assert.equal(piecesOf(END, undefined).length, 1);
});
