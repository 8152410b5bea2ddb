import assert from "node:assert/strict";
import { anatomy } from "../anatomy.ts";
import { isInPlace } from "../capabilities.ts";
import type { Case, Subject } from "../case.ts";
import { failureOf } from "../ground.ts";
import { ExportedError, errors, fail, failAsync, failNested, RegisteredError } from "../tasks-faults.ts";

const fidelity = Object.entries(errors).map(
  ([name, make]): Case => ({
    name: `${name}: class, message, properties, cause`,
    async run({ shared }) {
      for (const fn of [fail, failAsync]) {
        const error = await failureOf(shared.run(fn, name));
        assert.deepEqual(anatomy(error), anatomy(make()));
        assert.ok((error as Error).stack?.includes((error as Error).message), "its stack begins with itself");
      }
    },
  }),
);

export const errorCases: Subject = {
  name: "errors",
  cases: [
    ...fidelity,
    {
      name: "an exported and a registered class come back as themselves",
      async run({ shared }) {
        const exported = await failureOf(shared.run(fail, "exported"));
        assert.ok(exported instanceof ExportedError);
        assert.ok(exported instanceof RangeError);
        assert.equal(exported.summary, "exported!");
        const registered = await failureOf(shared.run(fail, "registered"));
        assert.ok(registered instanceof RegisteredError);
        assert.equal(registered.status, 404);
      },
    },
    {
      name: "the stack shows where it was thrown, and ends with the caller's frames",
      needs: ["copies"],
      async run({ shared, place }) {
        const error = (await failureOf(shared.run(fail, "Error"))) as Error;
        const lines = error.stack?.split("\n") ?? [];
        const thrown = lines.findIndex((line) => line.includes("tasks-faults"));
        const called = lines.findIndex((line) => /suite[\\/]errors/.test(line));
        assert.ok(thrown > 0, error.stack);
        if (!isInPlace(place)) assert.ok(called > thrown, error.stack);
        assert.ok(called < 0 || !lines.slice(called).some((line) => /executors[\\/]pool/.test(line)), "brigade's own frames are left out");
      },
    },
    {
      name: "an error that crosses twice is still itself",
      async run(ground) {
        const executor = ground.open({ size: 2 });
        for (const name of ["exported", "cause", "AggregateError", "own properties"]) {
          const error = await failureOf(executor.run(failNested, executor, name));
          assert.deepEqual(anatomy(error), anatomy(errors[name]?.()));
        }
      },
    },
  ],
};
