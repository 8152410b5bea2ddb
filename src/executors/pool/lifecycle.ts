// Beginning and end of a pool's workers, for callers that wait for it.
import { runOutside } from "../../core/context.ts";
import type { Accounts } from "./accounts.ts";
import { KeepAlive } from "./keep-alive.ts";
import type { Roster } from "./roster.ts";

/** Starts workers until `count` have a place, and resolves when so many are ready, with true; with false as soon as `isOver`.
 *  Keeps the program alive meanwhile. */
export async function warmUp(roster: Roster, accounts: Accounts, count: number, isOver: () => boolean): Promise<boolean> {
  const hire = () => {
    while (roster.members.length < count && !isOver()) {
      if (roster.hire() === undefined) {
        roster.afterPause(hire);
        break;
      }
    }
  };
  const isWarm = () => roster.members.filter((worker) => worker.state === "ready").length >= count;
  hire();
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
