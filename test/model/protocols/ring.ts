// The ring of one writer and one reader: every record whole and in order, over the end of the ring, full and empty.
import assert from "node:assert/strict";
import type * as Module from "../../../src/memory/ring.ts";
import { type Protocol, scenario } from "../protocol.ts";

const capacity = 64;
/** Of records with the greatest length five do not fit, so the last is put at the beginning and four bytes are skipped. */
const longest = 12;
/** More often than this nobody asks in vain; a mutant that has stopped to look at memory asks for ever, without a step. */
const mostTries = 500;

function until(done: () => boolean): void {
  for (let tries = 0; !done(); tries++) assert.ok(tries < mostTries, "waits for ever");
}
const headAt = 0;
const tailAt = 16;

export const ring: Protocol = {
  name: "ring",
  file: "memory/ring",
  scenarios({ allocateRing, RingWriter, RingReader }: typeof Module) {
    /** Only the first and the last byte of a record are written: between them nothing can go wrong alone. */
    const write = (writer: Module.RingWriter, length: number, mark: number): boolean => {
      const at = writer.open(length);
      if (at < 0) return false;
      assert.ok(writer.limit === at + length);
      writer.bytes[at] = mark;
      writer.bytes[at + length - 1] = mark;
      writer.publish(at + length);
      return true;
    };
    const take = (reader: Module.RingReader, length: number, mark: number): boolean => {
      if (!reader.next()) return false;
      assert.deepEqual([reader.end - reader.start, reader.bytes[reader.start], reader.bytes[reader.end - 1]], [length, mark, mark]);
      return true;
    };
    /** A ring through which so many records have gone before, at a count near its end when asked. */
    const after =
      (lengths: readonly number[], count = 0) =>
      (): SharedArrayBuffer => {
        const buffer = allocateRing(capacity);
        const words = new Int32Array(buffer, 0, 32);
        words[headAt] = count;
        words[tailAt] = count;
        const [writer, reader] = [new RingWriter(buffer), new RingReader(buffer)];
        for (const length of lengths) {
          assert.ok(write(writer, length, 99));
          assert.ok(take(reader, length, 99));
        }
        assert.equal(reader.next(), false);
        return buffer;
      };
    const writeAll = (lengths: readonly number[]) => (buffer: SharedArrayBuffer) => {
      const writer = new RingWriter(buffer);
      lengths.forEach((length, index) => {
        until(() => write(writer, length, index + 1));
      });
    };
    const readAll = (lengths: readonly number[]) => (buffer: SharedArrayBuffer) => {
      const reader = new RingReader(buffer);
      lengths.forEach((length, index) => {
        until(() => take(reader, length, index + 1));
      });
      assert.equal(reader.next(), false);
    };
    /** Looks whether there is anything before it asks for it. */
    const readIfAny = (lengths: readonly number[]) => (buffer: SharedArrayBuffer) => {
      const reader = new RingReader(buffer);
      lengths.forEach((length, index) => {
        until(() => !reader.isEmpty);
        assert.ok(take(reader, length, index + 1));
      });
    };
    const writeWithAbandoned = (lengths: readonly number[]) => (buffer: SharedArrayBuffer) => {
      const writer = new RingWriter(buffer);
      lengths.forEach((length, index) => {
        const at = writer.open(longest);
        if (at >= 0) writer.bytes[at] = 77;
        until(() => write(writer, length, index + 1));
      });
    };
    const whenRoom = (lengths: readonly number[]) => (buffer: SharedArrayBuffer) => {
      const writer = new RingWriter(buffer);
      lengths.forEach((length, index) => {
        until(() => writer.hasRoom);
        assert.ok(write(writer, length, index + 1));
      });
    };
    const drained = (buffer: SharedArrayBuffer) => {
      const words = new Int32Array(buffer, 0, 32);
      assert.equal(words[headAt], words[tailAt]);
    };
    const over = [8, 8, 8];
    const tight = [8, 8, 8, longest, 8];
    const many = [longest, longest, longest, longest, longest, 8];
    return [
      scenario("two records", 5, after([]), [writeAll([1, 4]), readAll([1, 4])], drained),
      scenario("over the end, with a rest to skip", 4, after([8, 8, 8]), [writeAll(over), readAll(over)], drained),
      scenario("over the end, without one", 4, after([12, 12, 12]), [writeAll([12, 12]), readAll([12, 12])], drained),
      scenario("full, and full again", 3, after([]), [writeAll(many), readAll(many)], drained),
      scenario("full over a rest", 3, after([8, 8]), [writeAll(many), readAll(many)], drained),
      scenario("room for the record, not for the rest", 3, after([4]), [writeAll(tight), readAll(tight)], drained),
      scenario("who looks first", 3, after([8, 8, 8]), [writeAll(over), readIfAny(over)], () => {}),
      scenario("who waits for the greatest room", 3, after([8, 8]), [whenRoom(many), readAll(many)], drained),
      scenario("records that were begun and left", 3, after([8, 8, 8]), [writeWithAbandoned(over), readAll(over)], drained),
      scenario("counts that wrap", 3, after([8, 8], -32), [writeAll(many), readAll(many)], drained),
    ];
  },
  mutants: [
    {
      name: "TAIL before the length",
      from: "this.#lengths[this.#at >> 2] = length;\n        this.#tail = (this.#tail + spaceFor(length)) | 0;\n        store(this.#words, TAIL, this.#tail);",
      to: "this.#tail = (this.#tail + spaceFor(length)) | 0;\n        store(this.#words, TAIL, this.#tail);\n        this.#lengths[this.#at >> 2] = length;",
    },
    {
      name: "TAIL before the bytes",
      from: "return this.#at + lengthBytes;",
      to: "this.#lengths[this.#at >> 2] = length; store(this.#words, TAIL, (this.#tail + spaceFor(length)) | 0); return this.#at + lengthBytes;",
    },
    { name: "no mark where the rest is skipped", from: "this.#lengths[at >> 2] = SKIP;", to: "" },
    {
      name: "the mark is published before a record is behind it",
      from: "this.#tail = (this.#tail + skipped) | 0;",
      to: "this.#tail = (this.#tail + skipped) | 0; store(this.#words, TAIL, this.#tail);",
    },
    {
      name: "the mark is not counted",
      from: "this.#tail = (this.#tail + skipped) | 0;",
      to: "this.#tail = (this.#tail + skipped - 4) | 0;",
    },
    { name: "the rest needs no room", from: "if (this.#free() < skipped + space) {", to: "if (this.#free() < space) {" },
    { name: "the rest needs no room, looked at again", from: "if (this.#free() < skipped + space)\n                return -1;", to: "" },
    {
      name: "four bytes more than there are",
      from: "return this.#capacity - ((this.#tail - this.#head) | 0);",
      to: "return this.#capacity + 4 - ((this.#tail - this.#head) | 0);",
    },
    {
      name: "the writer never looks again how far the reader is",
      from: "this.#head = load(this.#words, HEAD);\n            if (this.#free() < skipped + space)",
      to: "if (this.#free() < skipped + space)",
    },
    {
      name: "hasRoom never looks again",
      from: "this.#head = load(this.#words, HEAD);\n        return this.#free() >= this.#capacity / 2;",
      to: "return false;",
    },
    {
      name: "hasRoom asks for a quarter",
      from: "this.#head = load(this.#words, HEAD);\n        return this.#free() >= this.#capacity / 2;",
      to: "this.#head = load(this.#words, HEAD);\n        return this.#free() >= this.#capacity / 8;",
    },
    {
      name: "HEAD ahead of what is read",
      from: "this.#head = (this.#head + spaceFor(length)) | 0;",
      to: "this.#head = (this.#head + spaceFor(length)) | 0; this.#release();",
    },
    {
      name: "HEAD is not published when the ring is empty",
      from: "this.#release();\n            this.#tail = load(this.#words, TAIL);",
      to: "this.#tail = load(this.#words, TAIL);",
    },
    { name: "the mark is read as a record", from: "if (length === SKIP) {", to: "if (false) {" },
    { name: "the reader forgets the rest", from: "this.#head = (this.#head + this.#capacity - at) | 0;", to: "" },
    {
      name: "TAIL is looked at once",
      from: "this.#tail = load(this.#words, TAIL);\n            if (this.#head === this.#tail)",
      to: "if (this.#head === this.#tail)",
    },
    {
      name: "isEmpty says no to whoever has read all it knew of",
      from: "this.#head === this.#tail && load(this.#words, TAIL) === this.#head",
      to: "this.#head !== this.#tail && load(this.#words, TAIL) === this.#head",
    },
  ],
};
