// What cannot travel fails its task, and only that.
import assert from "node:assert/strict";
import { NotSerializableError } from "../../../src/runtime/index.ts";
import type { Fault } from "../fault.ts";
import { assertError, failureOf, within } from "../ground.ts";
import { depthOf, echo, nestedArrays, polluted } from "../tasks.ts";
import { giveUnclonable, unclonables } from "../tasks-faults.ts";

const unclonable = Object.keys(unclonables).flatMap((name): Fault[] => [
  {
    name: `argument: ${name}`,
    needs: ["copies"],
    async inject({ shared: executor, follow }) {
      const error = await failureOf(follow(executor.run(echo, { user: unclonables[name]?.() })));
      assertError(error, NotSerializableError, "ERR_BRIGADE_NOT_SERIALIZABLE");
      assert.match(error.path, /^arguments\[0\]\.user\.deep\[0\]/);
      return executor;
    },
  },
  {
    name: `result: ${name}`,
    needs: ["copies"],
    async inject({ shared: executor, follow }) {
      const { lost } = executor.statistics();
      const error = await failureOf(follow(executor.run(giveUnclonable, name)));
      assertError(error, NotSerializableError, "ERR_BRIGADE_NOT_SERIALIZABLE");
      assert.match(error.path, /^result\.deep\[0\]/);
      assert.equal(executor.statistics().lost, lost, "its worker lives on");
      return executor;
    },
  },
]);

export const valueFaults: readonly Fault[] = [
  ...unclonable,
  {
    name: "values nested a hundred thousand deep",
    async inject({ shared: executor, follow }) {
      assert.equal(await within(follow(executor.run(depthOf, nestedArrays(100_000))), "there"), 100_000);
      assert.equal(depthOf(await within(follow(executor.run(nestedArrays, 100_000)), "and back")), 100_000);
      return executor;
    },
  },
  {
    name: "__proto__ keys",
    async inject({ shared: executor, follow }) {
      const plain = JSON.parse('{"__proto__": {"polluted": "yes"}, "constructor": {"prototype": {"polluted": "yes"}}}') as object;
      const seen = await within(follow(executor.run(polluted, { plain })), "it settles");
      assert.deepEqual(seen, { ownKeys: ["__proto__", "constructor"], prototype: true, global: "clean" });
      const back = (await follow(executor.run(echo, plain))) as object;
      assert.deepEqual(Object.keys(back), ["__proto__", "constructor"]);
      assert.equal(Object.getPrototypeOf(back), Object.prototype);
      return executor;
    },
  },
];
