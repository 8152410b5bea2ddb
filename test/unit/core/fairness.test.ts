// A crowd of ready tasks must not keep the event loop's timers and sockets waiting. Margins are wide: these are two orders of magnitude
// below what starving looks like (see docs/guide), not a measurement.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkpoint } from "../../../src/core/checkpoint.ts";
import { openTaskGroup } from "../../../src/core/group.ts";
import { coroutines } from "../../../src/runtime/executors.ts";

/** Turns of the event loop that happen until `until` says that it is over. */
async function turnsUntil(until: () => boolean): Promise<number> {
  let turns = 0;
  while (!until()) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    turns++;
  }
  return turns;
}

test("tasks that are ready start in slices: the event loop turns meanwhile", async () => {
  const count = 200_000;
  let begun = 0;
  const group = openTaskGroup();
  const work = async () => {
    begun++;
    await undefined;
  };
  for (let n = 0; n < count; n++) group.run(work);
  const turns = await turnsUntil(() => begun === count);
  await group.join();
  assert.equal(turns > 5, true, `${turns} turns while ${count} tasks were started`);
});

test("a chain of submissions, each from the last, is no way around it", async () => {
  let length = 0;
  let over = false;
  const chain = async () => {
    while (length < 50_000) {
      length++;
      await coroutines.run(() => {});
    }
    over = true;
  };
  const running = chain();
  const turns = await turnsUntil(() => over);
  await running;
  assert.equal(turns > 5, true, `${turns} turns`);
});

test("checkpoints in a loop give turns by time, and work after an idle time begins at once", async () => {
  let over = false;
  const looping = (async () => {
    for (let n = 0; n < 500_000; n++) await checkpoint();
    over = true;
  })();
  const turns = await turnsUntil(() => over);
  await looping;
  assert.equal(turns > 5, true, `${turns} turns`);
  await new Promise<void>((resolve) => setTimeout(resolve, 20));
  const order: string[] = [];
  setImmediate(() => order.push("turn"));
  await coroutines.run(() => order.push("task"));
  assert.deepEqual(order, ["task"]);
});

test("a checkpoint after milliseconds of work gives a turn, however few checkpoints there are", async () => {
  let over = false;
  const working = (async () => {
    for (let n = 0; n < 12; n++) {
      const endMs = performance.now() + 8;
      while (performance.now() < endMs);
      await checkpoint();
    }
    over = true;
  })();
  const turns = await turnsUntil(() => over);
  await working;
  assert.equal(turns >= 6, true, `${turns} turns in 12 pieces of 8 ms`);
});
