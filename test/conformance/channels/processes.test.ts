// The suite of channels, run by a child process and by a worker thread on channels whose home is in this one.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Executor, openProcesses } from "../../../src/runtime/index.ts";
import { cases } from "./cases.ts";
import { farCases } from "./far-cases.ts";
import { flavoursAbove } from "./flavours.ts";

let processes: Executor & AsyncDisposable;
before(() => {
  processes = openProcesses({ size: 1 });
});
after(() => processes[Symbol.asyncDispose]());

for (const { name: flavour } of flavoursAbove) {
  describe(`channel conformance: ${flavour}`, { concurrency: 1 }, () => {
    let ends: Awaited<ReturnType<typeof farCases>>;
    before(async () => {
      ends = await processes.run(farCases, flavour);
    });
    for (const [index, { name }] of cases.entries()) {
      test(name, (context) => {
        const end = ends[index];
        assert.equal(end?.name, name);
        if (end.skipped !== undefined) context.skip(end.skipped);
        assert.equal(end.error, undefined);
      });
    }
  });
}
