// The wait-for graph of locks, at one moment: graph reduction for resources of several units (Holt 1972). Waits are the processes, permits
// the units. Of all endless waits those are struck out that can go on, until no more can; what is left waits for ever, unless somebody
// helps who is not in the graph.
import { enclosingTask } from "../../core/current-task.ts";
import type { LockHold, LockWait } from "../../core/lock-recorder.ts";
import type { ScopedTask } from "../../core/task.ts";
import type { Ledgers } from "../ledgers/ledgers.ts";
import { Owners } from "./owners.ts";

/** A wait, and a hold that it keeps from being released. */
export interface Party {
  readonly wait: LockWait;
  readonly hold: LockHold;
}

/** What is known of a wait that may be stuck. */
interface Suspicion {
  /** The holds that it keeps from being released. */
  readonly held: readonly LockHold[];
  /** So many permits must come free: its own, or those of the largest ahead in line, which it cannot overtake. */
  readonly demand: number;
}

type Suspicions = ReadonlyMap<LockWait, Suspicion>;

/** Every way round, once: what each party holds the one before it waits for, and what the first holds the last one. */
export function findCycles(ledgers: Ledgers): Party[][] {
  return waysRound(stuckWaits(ledgers), ledgers);
}

/** The endless waits that nobody in the graph can end. */
function stuckWaits(ledgers: Ledgers): Suspicions {
  const owners = new Owners(ledgers);
  const stuck = suspicions(ledgers, owners);
  for (let before = -1; stuck.size !== before; ) {
    before = stuck.size;
    const kept = keptHolds(stuck, owners);
    for (const [wait, { demand }] of stuck) {
      let left = wait.lock.capacity;
      for (const hold of holdsOf(wait, ledgers)) if (kept.has(hold)) left -= hold.permits;
      if (left >= demand) stuck.delete(wait);
    }
  }
  return stuck;
}

function suspicions(ledgers: Ledgers, owners: Owners): Map<LockWait, Suspicion> {
  const suspects = new Map<LockWait, Suspicion>();
  for (const { waits } of ledgers.locks.locks.values()) {
    let demand = 0;
    for (const wait of waits) {
      // One that is bounded may be taken out of the way by something else.
      if (wait.bounded) continue;
      demand = Math.max(demand, wait.permits);
      const held = owners.heldBy(wait);
      // Whoever holds nothing may be a victim, but nobody waits for it.
      if (held.length > 0) suspects.set(wait, { held, demand });
    }
  }
  return suspects;
}

/** The holds that stay held while the suspects wait. A bare guard of a task that is parked elsewhere, too, may be released from there. */
function keptHolds(suspects: Suspicions, owners: Owners): Set<LockHold> {
  const waits = new Map<ScopedTask<unknown>, number>();
  for (const { scope } of suspects.keys()) {
    const task = enclosingTask(scope);
    if (task !== undefined) waits.set(task, (waits.get(task) ?? 0) + 1);
  }
  const kept = new Set<LockHold>();
  for (const { held } of suspects.values()) {
    for (const hold of held) {
      const task = enclosingTask(hold.scope);
      const elsewhere = task === undefined ? 0 : owners.parkedIn(task) - (waits.get(task) ?? 0);
      if (hold.section !== undefined || elsewhere <= 0) kept.add(hold);
    }
  }
  return kept;
}

function waysRound(stuck: Suspicions, ledgers: Ledgers): Party[][] {
  const keepers = new Map<LockHold, LockWait[]>();
  for (const [wait, { held }] of stuck) for (const hold of held) keepers.set(hold, [...(keepers.get(hold) ?? []), wait]);
  const next = (wait: LockWait): Party | undefined => {
    let own: Party | undefined;
    for (const hold of holdsOf(wait, ledgers)) {
      for (const keeper of keepers.get(hold) ?? []) {
        // Of several that keep it waiting another one tells more than itself.
        if (keeper !== wait) return { wait: keeper, hold };
        own = { wait, hold };
      }
    }
    return own;
  };
  const ways: Party[][] = [];
  const visited = new Set<LockWait>();
  for (const start of stuck.keys()) {
    const path: Party[] = [];
    let party = next(start);
    while (party !== undefined && !visited.has(party.wait)) {
      visited.add(party.wait);
      path.push(party);
      party = next(party.wait);
    }
    // Back on the path of this walk it is a way round; on that of an earlier one it is known.
    const from = path.findIndex(({ wait }) => wait === party?.wait);
    if (from >= 0 && party !== undefined) ways.push([...path.slice(from + 1), party]);
  }
  return ways;
}

function holdsOf({ lock }: LockWait, { locks }: Ledgers): Iterable<LockHold> {
  return locks.locks.get(lock)?.holds ?? [];
}
