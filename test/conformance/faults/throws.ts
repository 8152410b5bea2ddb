// Whatever can be thrown is the task's failure, and nothing more.
import assert from "node:assert/strict";
import { NotSerializableError } from "../../../src/runtime/index.ts";
import type { Fault } from "../fault.ts";
import { assertError, failureOf, within } from "../ground.ts";
import { oddities, rejectOddity, reportUnclonable, throwingThen, throwOddity, twofoldThen } from "../tasks-faults.ts";

/** What cannot be copied comes back as an error that says so. */
const refused = (what: RegExp) => (thrown: unknown, copied: boolean) => {
  if (copied) assertError(thrown, NotSerializableError, "ERR_BRIGADE_NOT_SERIALIZABLE", what);
};

/** What must come back. */
const expected: Readonly<Record<string, (thrown: unknown, copied: boolean) => void>> = {
  "a function": refused(/a function/),
  "a symbol": refused(/a symbol/),
  "a hostile proxy": refused(/cannot be read/),
  "a revoked proxy": refused(/cannot be read/),
  "a promise": refused(/cannot/),
  "a frozen global": refused(/cannot/),
  "a proxy": (thrown) => assert.deepEqual(thrown, { odd: true }),
  undefined: (thrown) => assert.equal(thrown, undefined),
  null: (thrown) => assert.equal(thrown, null),
  "a string": (thrown) => assert.equal(thrown, "just text"),
  "a number": (thrown) => assert.ok(Number.isNaN(thrown)),
  "a bigint": (thrown) => assert.equal(thrown, 10n),
  "a null-prototype object": (thrown) => {
    assert.equal(Object.getPrototypeOf(thrown), null);
    assert.equal((thrown as { odd?: unknown }).odd, true);
  },
  "a throwing message": (thrown) => assert.ok(thrown instanceof Error),
  "a throwing name": (thrown) => assert.ok(thrown instanceof TypeError),
  "a frozen error": (thrown) => {
    assert.ok(thrown instanceof RangeError);
    assert.equal(thrown.message, "frozen");
  },
  "an own __proto__": (thrown) => {
    assert.ok(thrown instanceof Error);
    assert.equal((thrown as { polluted?: unknown }).polluted, undefined);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  },
  "a huge message": (thrown) => assert.equal((thrown as Error).message.length, 4_000_000),
};

const throws = Object.keys(oddities).map(
  (name): Fault => ({
    name: `throws ${name}`,
    async inject({ shared: executor, follow, has }) {
      const { lost } = executor.statistics();
      for (const fn of [throwOddity, rejectOddity]) {
        const task = follow(executor.run(fn, name));
        // Wrapped: what is awaited is asked for its `then`, and some of these refuse.
        const caught = await within(
          task.then(
            () => undefined,
            (error: unknown) => ({ error }),
          ),
          "it settles",
        );
        assert.ok(caught);
        assert.equal(task.state, "failed");
        assert.equal(task.abandoned, false);
        expected[name]?.(caught.error, has("copies"));
      }
      assert.equal(executor.statistics().lost, lost, "its worker lives on");
      return executor;
    },
  }),
);

export const thrownFaults: readonly Fault[] = [
  ...throws,
  {
    name: "returns a thenable whose then throws",
    async inject({ shared: executor, follow }) {
      const error = await failureOf(follow(executor.run(throwingThen) as never));
      assert.ok(error instanceof RangeError);
      return executor;
    },
  },
  {
    name: "returns a thenable that settles three times",
    async inject({ shared: executor, follow }) {
      assert.equal(await within(follow(executor.run(twofoldThen) as never), "it settles"), 1);
      return executor;
    },
  },
  {
    name: "reports what cannot travel",
    needs: ["copies"],
    async inject({ shared: executor, follow }) {
      for (const name of ["a function", "a throwing getter", "a revoked proxy"]) {
        assert.equal(((await failureOf(follow(executor.run(reportUnclonable, name)))) as Error).name, "NotSerializableError");
      }
      return executor;
    },
  },
];
