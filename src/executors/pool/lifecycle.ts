// Beginning and end of a pool's workers, for callers that wait for it.
import { runOutside } from "../../core/context.ts";
import type { Accounts } from "./accounts.ts";
import { KeepAlive } from "./keep-alive.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { Roster } from "./roster.ts";

/** Starts workers until `count` have become ready, and resolves with true; with false as soon as `isOver`. One that has become
 *  ready and has ended in good order since (a short `idleTimeout`) counts. Keeps the program alive meanwhile. */
export async function warmUp(roster: Roster, accounts: Accounts, count: number, isOver: () => boolean): Promise<boolean> {
  const warmed = new Set<PoolWorker>();
  const isWarm = (): boolean => {
    for (const worker of roster.members) if (worker.state === "ready") warmed.add(worker);
    for (const worker of warmed) if (worker.state !== "ready" && !worker.asked) warmed.delete(worker);
    return warmed.size >= count;
  };
  const hire = () => {
    while (!isWarm() && !isOver() && warmed.size + roster.members.filter(({ state }) => state === "starting").length < count) {
      if (roster.hire() === undefined) {
        if (roster.health.pauseMs > 0) roster.afterPause(hire);
        break;
      }
    }
  };
  await keepingAlive(() =>
    accounts.until(() => {
      // One that was counted on may have gone meanwhile.
      hire();
      return isWarm() || isOver();
    }),
  );
  return isWarm();
}

/** Asks every worker to end and resolves when all are gone, save those that nothing can end. */
export async function retireAll(roster: Roster, accounts: Accounts): Promise<void> {
  for (const worker of roster.all) if (worker.open) roster.retire(worker);
  await untilOutside(accounts, () => roster.all.every((worker) => worker.stuck));
}

/** Waits outside the caller's scope: a cancelled caller still leaves nothing behind. */
export function untilOutside(accounts: Accounts, condition: () => boolean): Promise<void> {
  return runOutside(() => accounts.until(condition));
}

/** Keeps the program alive while `wait` goes on. */
export async function keepingAlive(wait: () => Promise<void>): Promise<void> {
  const keepAlive = new KeepAlive();
  keepAlive.hold();
  try {
    await wait();
  } finally {
    keepAlive.release();
  }
}
