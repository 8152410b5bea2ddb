import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Channel, type Executor, openProcesses } from "../../../../src/runtime/index.ts";
import * as tasks from "./tasks.ts";

let processes: Executor & AsyncDisposable;
before(() => {
  processes = openProcesses({ size: 2 });
});
after(() => processes[Symbol.asyncDispose]());

describe("both ways", () => {
  for (const capacity of [0, 1, 5, Number.POSITIVE_INFINITY]) {
    test(`to a process and back, capacity ${capacity}`, async () => {
      const [there, back] = [new Channel<number>(capacity), new Channel<number>(capacity)];
      const working = processes.run(tasks.double, there, back);
      const got: number[] = [];
      const reading = (async () => {
        for await (const value of back) got.push(value);
      })();
      for (let n = 0; n < 300; n++) await there.send(n);
      there.close();
      await Promise.all([reading, working]);
      assert.deepEqual(got, Array.from({ length: 300 }, (_, n) => 2 * n));
    });
  }
});
