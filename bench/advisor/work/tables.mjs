// Tables and records: CSV into rows, records against a schema.
import { readFileSync } from "node:fs";
import Ajv from "ajv";
import { parse } from "csv-parse/sync";

const validate = new Ajv.default().compile({
  type: "object",
  required: ["id", "name"],
  properties: { id: { type: "integer" }, name: { type: "string", minLength: 1 }, tags: { type: "array", items: { type: "string" } } },
});

/** @param {string} path */
export function csvFile(path) {
  return parse(readFileSync(path), { columns: true }).length;
}

/** @param {unknown} record */
export function ajvRecord(record) {
  return validate(record);
}
