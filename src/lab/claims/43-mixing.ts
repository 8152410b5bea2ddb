import { portable } from "../../wire/portable.ts";
import { grouped } from "../text/units.ts";
import { between, bystanders } from "./bystanders.ts";
import { doesNotHold, experiment, holds } from "./experiment.ts";
import type { MeetingPoint, ThreadLock } from "./kit.ts";
import { compute, wait } from "./work.ts";

const times = 20_000;

/** A lock as coroutines use it: a line of promises. Each thread that imports this module has its own. */
let line: Promise<unknown> = Promise.resolve();

function withCoroutineLock<R>(fn: () => R): Promise<R> {
  const turn = line.then(fn);
  line = turn;
  return turn;
}

/** Reads, computes a little, writes: under the lock that it is given, else under its coroutines' lock. */
export const addGuarded = portable(
  import.meta,
  "claim43.addGuarded",
  async (cell: Int32Array, start: MeetingPoint, lock: ThreadLock | undefined): Promise<void> => {
    const add = (): void => {
      const read = cell[0] ?? 0;
      compute(1_500);
      cell[0] = read + 1;
    };
    start.waitSync();
    for (let time = 0; time < times; time++) {
      if (lock === undefined) await withCoroutineLock(add);
      else {
        const guard = lock.acquireSync();
        add();
        guard.release();
      }
    }
  },
);

export const mixing = experiment({
  id: 43,
  statement:
    "Mixed without care: a blocking wait freezes the coroutines of its thread, and a lock of coroutines does not protect across threads.",
  tried: "joinSync beside a coroutine that wants a turn each millisecond; two threads change one number, each under a lock for coroutines.",
  opposite: "await, and a lock between threads.",
  async run(kit, variant) {
    await kit.threads.run(wait, 0);
    const others = await bystanders(kit);
    const task = kit.threads.run(wait, 100);
    const before = others.turns();
    if (variant === "claimed") task.joinSync();
    else await task;
    const turns = between(before, others.turns());
    await others.leave();

    const [cell, start] = [new Int32Array(new SharedArrayBuffer(4)), kit.newMeetingPoint(2)];
    const lock = variant === "claimed" ? undefined : kit.newSharedMutex();
    const pool = kit.openThreads({ size: 2 });
    await Promise.all([pool.run(addGuarded, cell, start, lock), pool.run(addGuarded, cell, start, lock)]);
    return { turnsWhileWaiting: turns.coroutineTurns + turns.timerTurns, updates: 2 * times, lost: 2 * times - (cell[0] ?? 0) };
  },
  judge({ turnsWhileWaiting, updates, lost }) {
    const seen = `Others had ${turnsWhileWaiting} turns during the wait; ${grouped(lost)} of ${grouped(updates)} updates were lost.`;
    return turnsWhileWaiting === 0 && lost > 0 ? holds(seen) : doesNotHold(seen);
  },
});
