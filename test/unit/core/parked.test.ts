// Parked operations, the one way to wait that later structures are built from: their checks, their one end, shared signals.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, TimeoutError } from "../../../src/contract/errors.ts";
import { all } from "../../../src/core/combinators.ts";
import { runInScope } from "../../../src/core/context.ts";
import { openTaskGroup, withTaskGroup } from "../../../src/core/group.ts";
import { map } from "../../../src/core/map.ts";
import { enterOperation, Parked } from "../../../src/core/parked.ts";
import { CancelScope } from "../../../src/core/scope.ts";
import { timers } from "../../../src/core/timers.ts";
import { sleep } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { forever, quiet, rejection } from "./support.ts";

const newScope = (parent?: CancelScope) => new CancelScope(parent, undefined);

test("a signal that aborts reaches everybody who still waits, once, and nobody who has left", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const log: string[] = [];
  const wait = async (name: string, work: PromiseLike<unknown>) => {
    log.push(`${name} ${((await rejection(work)) as Error).name}`);
  };
  const done = coroutines.with({ signal }).run(() => "done");
  await done;
  const waiting = [
    wait("sleep", sleep(60_000, { signal })),
    wait("task", coroutines.with({ signal }).run(forever)),
    wait("group", withTaskGroup(forever, { signal })),
    wait("all", all([forever], { signal })),
    wait("map", map([1], forever, { signal })),
  ];
  await quiet();
  controller.abort("stop all");
  await Promise.all(waiting);
  assert.deepEqual(log.sort(), ["all AbortError", "group AbortError", "map AbortError", "sleep AbortError", "task AbortError"]);
  assert.equal(done.state, "succeeded");
});

test("an aborted signal rejects before anything is taken", async () => {
  const signal = AbortSignal.abort("too late");
  let ran = 0;
  const count = () => {
    ran++;
  };
  const taken = {
    *[Symbol.iterator]() {
      ran++;
      yield 1;
    },
  };
  for (const work of [
    () => sleep(0, { signal }),
    () => coroutines.with({ signal }).run(count),
    () => withTaskGroup(count, { signal }),
    () => all([count], { signal }),
    () => map(taken, count, { signal }),
  ]) {
    const error = await rejection(work());
    assert.equal(error instanceof CancelledError && error.cause, "too late");
  }
  const group = openTaskGroup({ signal });
  assert.equal(group.cancelled, true);
  await rejection(group.run(count));
  await rejection(group.join());
  assert.equal(ran, 0);
  await assert.rejects(sleep(0, { signal: {} as AbortSignal }), {
    name: "TypeError",
    message: /option signal must be an AbortSignal, not object/,
  });
});

test("a parked operation ends in exactly one way and withdraws only when it did not happen", async () => {
  await withVirtualClock(async (clock) => {
    const scope = newScope();
    const outcomes: string[] = [];
    const park = (name: string, options?: { signal?: AbortSignal; timeout?: number }) => {
      const parked = new Parked<string>(
        runInScope(scope, () => enterOperation(options)),
        options,
        { waitingFor: "a test", withdraw: () => outcomes.push(`${name} withdrawn`) },
        undefined,
      );
      parked.promise.then(
        (value) => outcomes.push(`${name} ${value}`),
        (error: Error) => outcomes.push(`${name} ${error.name}`),
      );
      return parked;
    };
    const settled = park("settled", { timeout: 10 });
    settled.settle("yes");
    settled.settle("twice");
    settled.fail(new Error("late"));
    assert.equal(settled.waiting, false);
    const failed = park("failed");
    failed.fail(new RangeError("no"));
    failed.cancel(new Error("late"));
    failed.settle("late");
    park("timed out", { timeout: 10 });
    const controller = new AbortController();
    park("aborted", { signal: controller.signal });
    controller.abort();
    park("cancelled", { signal: new AbortController().signal, timeout: 1_000 });
    await clock.advance(20);
    scope.cancelWith(new CancelledError());
    await clock.idle();
    assert.deepEqual(outcomes, [
      "aborted withdrawn",
      "settled yes",
      "failed RangeError",
      "aborted AbortError",
      "timed out withdrawn",
      "timed out TimeoutError",
      "cancelled withdrawn",
      "cancelled AbortError",
    ]);
    assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
  });
});

test("an operation begins with its checks: bad options throw, a pending cancel and an aborted signal reject", () => {
  assert.throws(() => enterOperation({ timeout: -1 }), { name: "RangeError", message: /option timeout must be a number of milliseconds/ });
  assert.throws(() => enterOperation({ timeout: Number.NaN }), RangeError);
  assert.throws(() => enterOperation({ signal: AbortSignal.abort() }), CancelledError);
  const scope = newScope();
  scope.cancelWith(new TimeoutError("out of time"));
  assert.throws(() => runInScope(scope, () => enterOperation()), { message: "out of time" });
});
