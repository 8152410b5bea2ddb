// Deadlock detection against what really happens: each random program runs twice, in the same order of steps. Once as it is, where a wait that
// could never end is refused; once with a timeout on every wait, which counts as able to end, so that nothing is refused. The first
// must refuse something exactly when the second gets stuck, and must never get stuck itself.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DeadlockError } from "../../../src/contract/errors.ts";
import type { WaitOptions } from "../../../src/contract/waiting.ts";
import { spendBudget } from "../../../src/core/checkpoint.ts";
import { Mutex } from "../../../src/sync/mutex.ts";
import { RWLock } from "../../../src/sync/rw-lock.ts";
import { Semaphore } from "../../../src/sync/semaphore.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { quiet } from "../core/support.ts";

/** A way to take one of the locks. */
type Taking = (fn: () => Promise<void>, options?: WaitOptions) => Promise<void>;

/** One step of a task: some microtasks, or a section with steps in it. */
type Step = { readonly pause: number } | { readonly taking: number; readonly steps: readonly Step[] };

/** Sections nest as deep as `depth`, never with the same taking again. */
function stepsOf(takings: number, depth: number, used: readonly number[] = []): fc.Arbitrary<readonly Step[]> {
  const pause = fc.nat({ max: 4 }).map((ticks) => ({ pause: ticks }));
  const left = Array.from({ length: takings }, (_, index) => index).filter((index) => !used.includes(index));
  if (used.length === depth || left.length === 0) return fc.array(pause, { maxLength: 1 });
  const section = fc
    .constantFrom(...left)
    .chain((taking) => stepsOf(takings, depth, [...used, taking]).map((steps) => ({ taking, steps }) as const));
  return fc.array(fc.oneof({ weight: 1, arbitrary: pause }, { weight: 2, arbitrary: section }), { minLength: 1, maxLength: 2 });
}

async function perform(steps: readonly Step[], takings: readonly Taking[], options: WaitOptions | undefined): Promise<void> {
  for (const step of steps) {
    if ("pause" in step) for (let tick = 0; tick < step.pause; tick++) await undefined;
    else await takings[step.taking]?.(() => perform(step.steps, takings, options), options);
  }
}

/** How the tasks end, as far as they do without time passing. */
async function run(tasks: readonly (readonly Step[])[], takings: readonly Taking[], options?: WaitOptions) {
  // The turns of the event loop that operations wait for come at the same steps in every run.
  while (spendBudget() === undefined);
  await quiet(1);
  const ends = tasks.map(() => "stuck");
  const running = tasks.map((steps, index) =>
    perform(steps, takings, options).then(
      () => {
        ends[index] = "done";
      },
      (error: unknown) => {
        ends[index] = error instanceof DeadlockError ? "refused" : String(error);
      },
    ),
  );
  await quiet(12);
  return { ends, settled: Promise.all(running) };
}

const suites: Record<
  string,
  { readonly takings: number; readonly depth: number; readonly tasks: number; readonly open: () => readonly Taking[] }
> = {
  mutexes: {
    takings: 4,
    depth: 3,
    tasks: 4,
    open: () => Array.from({ length: 4 }, () => new Mutex()).map((lock) => (fn, options) => lock.with(fn, options)),
  },
  semaphores: {
    takings: 4,
    depth: 2,
    tasks: 4,
    open: () =>
      [3, 3].flatMap((size) => {
        const lock = new Semaphore(size);
        return [1, 2].map(
          (permits): Taking =>
            (fn, options) =>
              lock.with(fn, { ...options, permits }),
        );
      }),
  },
  "readers, writers and mutexes": {
    takings: 5,
    depth: 2,
    tasks: 3,
    open: () => {
      const [lock, other, mutex] = [new RWLock(), new RWLock(), new Mutex()];
      return [
        (fn, options) => lock.withRead(fn, options),
        (fn, options) => other.withRead(fn, options),
        (fn, options) => mutex.with(fn, options),
        (fn, options) => other.withWrite(fn, options),
        (fn, options) => lock.withWrite(fn, options),
      ];
    },
  },
};

for (const [name, { takings, depth, tasks, open }] of Object.entries(suites)) {
  test(`what is refused is exactly what would be stuck: ${name}`, { timeout: 120_000 }, async () => {
    const seen = { done: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(stepsOf(takings, depth), { minLength: 2, maxLength: tasks }), (programs) =>
        withVirtualClock(async (clock) => {
          const { ends } = await run(programs, open());
          assert.equal(ends.includes("stuck"), false, `something is stuck: ${ends}`);
          const refused = ends.includes("refused");
          seen[refused ? "refused" : "done"]++;
          // The clock jumps when all are stuck, so there it ends in timeouts.
          const bounded = await run(programs, open(), { timeout: 1_000 });
          await bounded.settled;
          const wasStuck = clock.now > 0;
          assert.equal(wasStuck || bounded.ends.includes("refused"), refused, `${ends} / ${bounded.ends}`);
        }),
      ),
      { numRuns: 400 },
    );
    assert.ok(seen.done > 10 && seen.refused > 10, `both kinds of programs were tried: ${JSON.stringify(seen)}`);
  });
}

test("locks taken in one order everywhere are never refused", { timeout: 60_000 }, async () => {
  const ordered = (steps: readonly Step[], least: number): boolean =>
    steps.every((step) => "pause" in step || (step.taking > least && ordered(step.steps, step.taking)));
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        stepsOf(4, 3).filter((steps) => ordered(steps, -1)),
        { minLength: 2, maxLength: 6 },
      ),
      async (tasks) => {
        const locks = Array.from({ length: 4 }, () => new Mutex());
        const { ends } = await run(
          tasks,
          locks.map((lock) => (fn, options) => lock.with(fn, options)),
        );
        assert.deepEqual(new Set(ends), new Set(["done"]));
        assert.equal(
          locks.some(({ locked }) => locked),
          false,
        );
      },
    ),
    { numRuns: 200 },
  );
});
