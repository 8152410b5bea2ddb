import { portable } from "../../wire/portable.ts";
import { grouped } from "../text/units.ts";
import { doesNotHold, experiment, holds } from "./experiment.ts";
import type { Counter, Kit, MeetingPoint, ThreadLock } from "./kit.ts";

// long enough that the two meet, also on a busy machine
const plainTimes = 40_000_000;
const lockedTimes = 50_000;

export const addPlainly = portable(import.meta, "claim13.addPlainly", (cell: Int32Array, start: MeetingPoint): void => {
  start.waitSync();
  for (let time = 0; time < plainTimes; time++) cell[0] = (cell[0] ?? 0) + 1;
});

export const addInOneStep = portable(import.meta, "claim13.addInOneStep", (counter: Counter, times: number, start: MeetingPoint): void => {
  start.waitSync();
  for (let time = 0; time < times; time++) counter.add(1);
});

export const addUnderLock = portable(
  import.meta,
  "claim13.addUnderLock",
  (cell: Int32Array, lock: ThreadLock, start: MeetingPoint): void => {
    start.waitSync();
    for (let time = 0; time < lockedTimes; time++) {
      const guard = lock.acquireSync();
      cell[0] = (cell[0] ?? 0) + 1;
      guard.release();
    }
  },
);

export const lostUpdates = experiment({
  id: 13,
  statement: "Unsynchronised increments of shared memory lose updates; atomics or a mutex lose none.",
  tried: "Two threads add to one number in shared memory at the same time: plainly, in one atomic step, and under a mutex.",
  opposite: "Atomic steps where the plain ones were.",
  async run(kit, variant) {
    const pool = kit.openThreads({ size: 2 });
    const plain = variant === "claimed" ? await plainly(kit, pool) : await inOneStep(kit, pool, lockedTimes);
    const lock = kit.newSharedMutex();
    const [cell, start] = [newCell(), kit.newMeetingPoint(2)];
    await Promise.all([pool.run(addUnderLock, cell, lock, start), pool.run(addUnderLock, cell, lock, start)]);
    return { ...plain, lostAtomic: (await inOneStep(kit, pool, lockedTimes)).lostPlain, lostLocked: 2 * lockedTimes - (cell[0] ?? 0) };
  },
  judge({ plain, lostPlain, lostAtomic, lostLocked }) {
    const seen = `Plainly ${grouped(lostPlain)} of ${grouped(plain)} were lost, atomically ${lostAtomic}, under the mutex ${lostLocked}.`;
    if (lostAtomic > 0 || lostLocked > 0) return doesNotHold(seen);
    return lostPlain > 0 ? holds(seen) : doesNotHold(seen);
  },
});

function newCell(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

async function plainly({ newMeetingPoint }: Kit, pool: ReturnType<Kit["openThreads"]>): Promise<{ plain: number; lostPlain: number }> {
  const [cell, start] = [newCell(), newMeetingPoint(2)];
  await Promise.all([pool.run(addPlainly, cell, start), pool.run(addPlainly, cell, start)]);
  return { plain: 2 * plainTimes, lostPlain: 2 * plainTimes - (cell[0] ?? 0) };
}

async function inOneStep({ newCounter, newMeetingPoint }: Kit, pool: ReturnType<Kit["openThreads"]>, times: number) {
  const [counter, start] = [newCounter(), newMeetingPoint(2)];
  await Promise.all([pool.run(addInOneStep, counter, times, start), pool.run(addInOneStep, counter, times, start)]);
  return { plain: 2 * times, lostPlain: 2 * times - counter.value };
}
