import { sleep } from "../../core/waiting.ts";
import { portable } from "../../wire/portable.ts";
import { doesNotHold, experiment, holds, holdsWithALimit } from "./experiment.ts";
import type { Kit, MeetingPoint, ThreadLock } from "./kit.ts";

const [meetMs, patienceMs] = [300, 700] as const;
const names = ["fork", "knife"] as const;

/** Takes one lock, then the other; false when it never gets the second. */
export const takeBoth = portable(import.meta, "claim14.takeBoth", (first: ThreadLock, second: ThreadLock, both: MeetingPoint): boolean => {
  const one = first.acquireSync();
  try {
    // each waits until the other has its first lock, unless that lock is this one
    meet(both);
    second.acquireSync(patienceMs).release();
    return true;
  } catch {
    return false;
  } finally {
    one.release();
  }
});

export const deadlock = experiment({
  id: 14,
  statement: "Two locks taken in opposite order deadlock, and a detector names who waits and for which lock.",
  tried: "Two threads, then two coroutines, take two locks in opposite order; the threads give up after 0.7 s, the coroutines are watched.",
  opposite: "Both take the locks in the same order.",
  async run(kit, variant) {
    const [fork, knife] = [kit.newSharedMutex({ name: "fork" }), kit.newSharedMutex({ name: "knife" })];
    const both = kit.newMeetingPoint(2);
    const pool = kit.openThreads({ size: 2 });
    await pool.warm();
    const second = variant === "claimed" ? ([knife, fork] as const) : ([fork, knife] as const);
    const enough = new AbortController();
    const threadsFound = firstDeadlock(kit, enough.signal);
    const got = await Promise.all([pool.run(takeBoth, fork, knife, both), pool.run(takeBoth, ...second, both)]);
    enough.abort();
    const found = await coroutinesFound(kit, variant === "claimed");
    return {
      threadsStuck: got.includes(false) ? 1 : 0,
      coroutinesFound: found === "" ? 0 : 1,
      threadsFound: (await threadsFound) === "" ? 0 : 1,
      named: [...names, "philosopher A", "philosopher B"].filter((name) => found.includes(name)).length,
    };
  },
  judge({ threadsStuck, coroutinesFound, threadsFound, named }) {
    if (threadsStuck === 0 || coroutinesFound === 0) {
      return doesNotHold(
        `The threads ${threadsStuck ? "were stuck" : "got both locks"}; among the coroutines the detector found ${coroutinesFound ? "a deadlock" : "none"}.`,
      );
    }
    const seen = `Threads and coroutines were stuck; the detector named ${named === 4 ? "both" : "not all"} coroutines and locks`;
    if (named === 4 && threadsFound === 1) return holds(`${seen}, and found the threads.`);
    return holdsWithALimit(`${seen}. Between threads nobody looks: there a time limit has to end the wait.`);
  },
});

function meet(both: MeetingPoint): void {
  try {
    both.waitSync(meetMs);
  } catch {
    // in the same order the other waits for the first lock: go on without it
  }
}

async function coroutinesFound(kit: Kit, opposed: boolean): Promise<string> {
  const [fork, knife] = [kit.newMutex({ name: "fork" }), kit.newMutex({ name: "knife" })];
  const enough = new AbortController();
  const patience = setTimeout(() => enough.abort(), 2 * patienceMs);
  const found = firstDeadlock(kit, enough.signal);
  const eat = async (first: typeof fork, second: typeof fork): Promise<void> => {
    const one = await first.acquire();
    await sleep(5);
    const two = await second.acquire();
    two.release();
    one.release();
  };
  const a = kit.coroutines.with({ name: "philosopher A" }).run(() => eat(fork, knife));
  const b = kit.coroutines.with({ name: "philosopher B" }).run(() => (opposed ? eat(knife, fork) : eat(fork, knife)));
  if (!opposed) await Promise.all([a, b]).then(() => enough.abort());
  const message = await found;
  clearTimeout(patience);
  await Promise.all([a.stop(), b.stop()]);
  return message;
}

async function firstDeadlock(kit: Kit, signal: AbortSignal): Promise<string> {
  for await (const { code, message } of kit.watch(signal)) if (code === "deadlock") return message;
  return "";
}
