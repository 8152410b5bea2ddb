import assert from "node:assert/strict";
import { test } from "node:test";
import { portable } from "../../../src/wire/portable.ts";

test("an arrow function is known by the name it was given; one that has a name keeps it", () => {
  const arrow = portable(import.meta, "arrow", () => 1);
  assert.equal(arrow.name, "arrow");
  const named = portable(import.meta, "alias", function own() {});
  assert.equal(named.name, "own");
  const frozen = portable(
    import.meta,
    "frozen",
    Object.freeze(() => 2),
  );
  assert.equal(frozen(), 2);
});
