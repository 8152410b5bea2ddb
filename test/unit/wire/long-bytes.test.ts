// Long bytes are copied once: beside the message where memory is shared, straight into it elsewhere.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NotSerializableError } from "../../../src/contract/errors.ts";
import { decode, type Encoded, encode } from "../../../src/wire/codec.ts";
import { copiedBytes } from "../../../src/wire/transfer.ts";

const here = { root: "result", sharesMemory: true } as const;
const elsewhere = { root: "result" } as const;
const length = 100_000;

function bytes(seed: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * seed) & 255);
}

/** As a port carries it: what is beside the bytes is moved. */
function moved(encoded: Encoded): Encoded {
  const transfer = (encoded.attachments ?? []).filter((one) => one instanceof ArrayBuffer);
  return structuredClone(encoded, { transfer });
}

describe("where memory is shared", () => {
  test("a copy lies beside the message, made when it was encoded, and becomes the value", () => {
    const sent = bytes(3);
    const encoded = encode({ sent, again: sent }, here);
    assert.equal(encoded.attachments?.length, 1);
    assert.equal(encoded.resendable, true);
    assert.ok(encoded.bytes.length < 100);
    assert.ok(copiedBytes(encoded) > length && copiedBytes(encoded) < length + 100);
    sent.fill(0);
    const [copy] = encoded.attachments as [ArrayBuffer];
    const arrived = decode(encoded) as { sent: Uint8Array; again: Uint8Array };
    assert.deepStrictEqual(arrived.sent, bytes(3));
    assert.equal(arrived.again, arrived.sent);
    assert.equal(arrived.sent.buffer, copy, "not copied again");
  });

  test("views over one buffer still share it, and the buffer keeps its length", () => {
    const { buffer } = bytes(5);
    const value = { whole: new Uint8Array(buffer), part: new Float64Array(buffer, 8, 4), view: new DataView(buffer, 1), buffer };
    const arrived = decode(moved(encode(value, here))) as typeof value;
    assert.deepStrictEqual(arrived, value);
    for (const one of [arrived.part, arrived.view, arrived.whole]) assert.equal(one.buffer, arrived.buffer);
  });

  test("a Buffer cut from a larger one brings its own bytes only", () => {
    const pool = Buffer.from(bytes(7).buffer);
    const value = { one: pool.subarray(0, 20_000), other: pool.subarray(20_000, 60_000), short: pool.subarray(1, 9), all: 1 };
    const arrived = decode(moved(encode(value, here))) as typeof value;
    assert.deepStrictEqual(arrived, value);
    assert.deepEqual([arrived.one.buffer.byteLength, arrived.other.buffer.byteLength], [20_000, 40_000]);
  });

  test("short ones and resizable ones lie in the message", () => {
    const create = ArrayBuffer as unknown as new (size: number, options: { maxByteLength: number }) => ArrayBuffer;
    const resizable = new create(length, { maxByteLength: 2 * length });
    const encoded = encode([new Uint8Array(100), resizable], here);
    assert.equal(encoded.attachments, undefined);
    assert.equal(encoded.resendable, false);
    const [short, long] = decode(encoded) as [Uint8Array, ArrayBuffer & { readonly maxByteLength: number }];
    assert.deepEqual([short.length, long.byteLength, long.maxByteLength], [100, length, 2 * length]);
  });

  test("shared memory may be sent again, what the caller has moved may not", () => {
    const shared = new SharedArrayBuffer(8);
    assert.equal(encode({ shared, copied: bytes(1) }, here).resendable, true);
    assert.equal(copiedBytes(encode({ shared: new SharedArrayBuffer(length) }, here)) < 100, true);
    const given = bytes(1);
    assert.equal(encode({ given, copied: bytes(2) }, { ...here, transfer: [given.buffer] }).resendable, false);
    assert.equal(given.length, 0);
  });
});

describe("elsewhere", () => {
  test("many pieces between other values arrive where they belong", () => {
    const value = Array.from({ length: 5 }, (_, index) => ({
      before: "x".repeat(index),
      bytes: bytes(index),
      after: [index, "y".repeat(9_000)],
    }));
    const { bytes: message, attachments } = encode(value, elsewhere);
    assert.equal(attachments, undefined);
    assert.equal(message.buffer.byteLength, message.byteLength, "long messages have memory of their own");
    assert.deepStrictEqual(decode({ bytes: message }), value);
    assert.deepStrictEqual(decode(encode([1], elsewhere)), [1], "nothing is left for the next message");
  });

  test("bytes that a getter moves away after they were met are refused", () => {
    const gone = bytes(1);
    const value = {
      gone,
      nested: {
        get thief() {
          return structuredClone(1, { transfer: [gone.buffer] });
        },
      },
    };
    assert.throws(
      () => encode(value, elsewhere),
      (error) => error instanceof NotSerializableError && /moved away/.test(String(error.cause)),
    );
    assert.deepStrictEqual(decode(encode({ fine: bytes(2) }, elsewhere)), { fine: bytes(2) });
  });
});
