// VersionCell on one thread: what is stored is loaded, of any length, also when the count of versions wraps.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Obituary } from "../../../src/memory/obituary.ts";
import { VersionCell } from "../../../src/memory/version-cell.ts";

test("a cell against a variable", () => {
  const value = fc.uint8Array({ maxLength: 11 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("store", "exchange", "stale"), value)),
      fc.constantFrom(0, -3, 2 ** 31 - 2),
      (steps, first) => {
        const words = new Int32Array(new SharedArrayBuffer(4 * (3 + VersionCell.size(11))));
        words[3 + 1] = first;
        const cell = new VersionCell(words, 3, 11, 1, new Obituary(new Int32Array(new SharedArrayBuffer(4))));
        let model = new Uint8Array(0);
        for (const [kind, bytes] of steps) {
          const { number } = cell.load();
          if (kind === "stale") assert.equal(cell.store(bytes, (number - 1) | 0), false);
          else {
            if (kind === "store") assert.equal(cell.store(bytes, number), true);
            else assert.deepEqual(cell.exchange(bytes), model);
            model = bytes;
          }
          assert.deepEqual(cell.load().bytes, model);
        }
      },
    ),
    { numRuns: 300 },
  );
});
