// The suite's own instruments: a ledger that cannot find a loss and a capability that nobody needs would prove nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome, Task } from "../../src/runtime/index.ts";
import { type Capability, lacking, levels, skipReason } from "./capabilities.ts";
import { faults } from "./faults.ts";
import { Ledger } from "./ledger.ts";
import { subjects } from "./suite/index.ts";
import { renderAccounts } from "./table.ts";

/** A task that does what it is told and nothing else. */
function puppet(state: Task<unknown>["state"], outcomes: number, settles: boolean, abandoned = false): Task<unknown> {
  return {
    state,
    abandoned,
    onDone(callback: (outcome: Outcome<unknown>) => void) {
      for (let call = 0; call < outcomes; call++) callback({ state: "succeeded", value: 1 });
      return { [Symbol.dispose]() {} };
    },
    // biome-ignore lint/suspicious/noThenProperty: it stands for a task
    then(onFulfilled: (value: unknown) => unknown) {
      if (settles) onFulfilled(1);
      return Promise.resolve();
    },
  } as unknown as Task<unknown>;
}

test("the ledger counts the settled, the abandoned and the lost", async () => {
  const ledger = new Ledger();
  ledger.follow(puppet("succeeded", 1, true));
  ledger.follow(puppet("cancelled", 1, true, true));
  ledger.follow(puppet("running", 0, false));
  ledger.follow(puppet("succeeded", 2, true));
  ledger.follow(puppet("succeeded", 1, false));
  ledger.follow(puppet("cancelling", 1, true));
  assert.deepEqual(await ledger.close(20), { settled: 2, abandoned: 1, lost: 4 });
});

test("every capability is needed by some case, and every absence has its reason", () => {
  const needed = new Set<Capability>();
  for (const { needs } of [...faults, ...subjects.flatMap(({ cases }) => cases)])
    for (const capability of needs ?? []) needed.add(capability);
  assert.deepEqual([...needed].sort(), Object.keys(lacking).sort());
  for (const row of Object.values(lacking)) for (const reason of Object.values(row)) assert.ok(reason.length > 10, reason);
});

test("no level is excused from everything, and names are unique", () => {
  for (const level of levels) assert.ok(faults.filter(({ needs }) => skipReason(level, needs) === undefined).length > 30, level);
  const names = [...faults.map(({ name }) => name), ...subjects.flatMap(({ name, cases }) => cases.map((each) => `${name}: ${each.name}`))];
  assert.deepEqual(names.length, new Set(names).size);
});

test("the table tells the excused from those that did not run", () => {
  const lines = renderAccounts([["serial", new Map([["throws null", { settled: 3, abandoned: 1, lost: 0 }]])]]).split("\n");
  assert.match(lines.find((line) => line.startsWith("throws null")) ?? "", /3 \/ 1 \/ 0$/);
  assert.match(lines.find((line) => line.startsWith("throws undefined")) ?? "", /\?$/);
  assert.match(lines.find((line) => line.startsWith("process.exit(0)")) ?? "", / -$/);
});
