import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { NotSerializableError } from "../../../src/contract/errors.ts";
import { decode, encode } from "../../../src/wire/codec.ts";
import { pagePath, renderPage } from "../../survival-page.ts";
import { sections } from "./survival-cases.ts";
import type { SurvivalCase } from "./survival-table.ts";

type Check = (arrived: unknown, sent: unknown) => void;

function cross(row: SurvivalCase, sharesMemory: boolean): void {
  const sent = row.make();
  const transfer = (row.transfer as ((value: unknown) => readonly ArrayBuffer[]) | undefined)?.(sent);
  const encoded = encode(sent, { root: "result", sharesMemory, transfer });
  const arrived = decode(encoded);
  if (typeof sent === "object") assert.notEqual(arrived, sent);
  if (row.check !== undefined) (row.check as Check)(arrived, sent);
  else assert.deepStrictEqual(arrived, sent);
}

for (const { title, cases } of sections) {
  describe(`survival: ${title}`, () => {
    for (const row of cases) {
      test(`${row.value} → ${row.refusedAt === undefined ? row.arrives : `refused at ${row.refusedAt}`}`, () => {
        if (row.refusedAt !== undefined) {
          const value = row.make();
          assert.throws(
            () => encode(value, { root: "result" }),
            (error) => error instanceof NotSerializableError && error.path === row.refusedAt && error.message.includes(error.path),
          );
          return;
        }
        cross(row, true);
        if (row.sharesMemory !== true) cross(row, false);
      });
    }
  });
}

test("docs/values.md is what the table says; `node build/test/survival-page.js --write` renews it", () => {
  assert.equal(readFileSync(pagePath(), "utf8").replaceAll("\r\n", "\n"), renderPage());
});
