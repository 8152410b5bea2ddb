// Errors outside any task end their worker, which fails what runs there and nothing else.
import assert from "node:assert/strict";
import type { Fault } from "../fault.ts";
import { failureOf, until, within } from "../ground.ts";
import { echo } from "../tasks.ts";
import { strayAfterwards, strayException, strayRejection } from "../tasks-faults.ts";
import { assertLost } from "./deaths.ts";

export const strayFaults: readonly Fault[] = [
  {
    name: "an unhandled rejection beside the task",
    needs: ["strayContainment"],
    async inject({ open, follow, neighbour }) {
      const executor = open({ size: 2 });
      const untouched = await neighbour(executor);
      const error = await failureOf(follow(executor.run(strayRejection)));
      assertLost(error, {}, /stray/);
      assert.ok(error.cause instanceof RangeError);
      await untouched();
      return executor;
    },
  },
  {
    name: "an unhandled rejection after the result",
    needs: ["strayContainment"],
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      assert.equal(await within(follow(executor.run(strayAfterwards)), "it settles"), "kept");
      await until(() => executor.statistics().lost === 1, "its worker is lost");
      return executor;
    },
  },
  {
    name: "an exception in a timer",
    needs: ["strayContainment"],
    async inject({ open, follow, neighbour }) {
      const executor = open({ size: 2 });
      const untouched = await neighbour(executor);
      const error = await failureOf(follow(executor.run(strayException)));
      assertLost(error, {}, /stray/);
      assert.ok(error.cause instanceof RangeError);
      await untouched();
      return executor;
    },
  },
  ...["undefined", "a function", "a null-prototype object", "a throwing message", "a hostile proxy"].map(
    (thrown): Fault => ({
      name: `an exception in a timer: ${thrown}`,
      needs: ["strayContainment"],
      async inject({ open, follow }) {
        const executor = open({ size: 1 });
        assertLost(await failureOf(follow(executor.run(strayException, thrown))));
        assert.equal(await follow(executor.run(echo, 1)), 1);
        return executor;
      },
    }),
  ),
];
