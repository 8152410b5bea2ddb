// Owners: which holds does a wait keep from being released, at this moment? Three answers, from the surest to the weakest:
// - A `with` section ends after everything that was begun inside it (`framesAround`), and a group after its children. What those who opened
//   them held is kept as well.
// - A flow goes on with its next step, and so with the release, only after this wait (`ledgers/flows.ts`).
// - A task that has nothing else parked seems to do one thing after the other. That is a guess, for guards that came out of another async
//   function, and never for the lock that is waited for: native branches of one task take turns.
import { framesAround, InnerScope } from "../../core/context.ts";
import { enclosingTask } from "../../core/current-task.ts";
import type { LockHold, LockWait } from "../../core/lock-recorder.ts";
import type { CancelScope } from "../../core/scope.ts";
import type { ScopedTask } from "../../core/task.ts";
import { heldBefore, type Step } from "../ledgers/flows.ts";
import type { Ledgers } from "../ledgers/ledgers.ts";

export class Owners {
  readonly #ledgers: Ledgers;
  readonly #bySection = new Map<object, LockHold>();
  readonly #bareByTask = new Map<ScopedTask<unknown>, LockHold[]>();
  readonly #parked = new Map<ScopedTask<unknown>, number>();

  constructor(ledgers: Ledgers) {
    this.#ledgers = ledgers;
    for (const { holds } of ledgers.locks.locks.values()) {
      for (const hold of holds) {
        if (hold.section !== undefined) this.#bySection.set(hold.section, hold);
        else this.#addBare(hold);
      }
    }
    for (const { scope } of ledgers.parks.operations.keys()) {
      const task = scope && enclosingTask(scope);
      if (task !== undefined) this.#parked.set(task, this.parkedIn(task) + 1);
    }
  }

  /** How many operations of a task itself are parked. */
  parkedIn(task: ScopedTask<unknown>): number {
    return this.#parked.get(task) ?? 0;
  }

  /** The holds that a wait keeps from being released. */
  heldBy(wait: LockWait): LockHold[] {
    const held = new Set<LockHold>();
    this.#addBefore(this.#ledgers.locks.stepOf(wait), wait.scope, held);
    for (const frame of framesAround(wait.context)) {
      const hold = this.#bySection.get(frame);
      if (hold === undefined) continue;
      held.add(hold);
      this.#addBefore(this.#ledgers.locks.stepOf(hold), hold.scope, held);
    }
    const task = enclosingTask(wait.scope);
    for (let each = task; each?.owner !== undefined; each = each.parent && enclosingTask(each.parent)) {
      this.#addBefore(this.#ledgers.tasks.live.get(each)?.step, each, held);
    }
    if (task !== undefined && this.parkedIn(task) === 1) {
      for (const hold of this.#bareByTask.get(task) ?? []) if (hold.lock !== wait.lock) held.add(hold);
    }
    return [...held];
  }

  #addBefore(step: Step | undefined, scope: CancelScope, held: Set<LockHold>): void {
    if (step === undefined) return;
    for (const hold of heldBefore(step)) if (hold.section === undefined && isInside(scope, hold.scope)) held.add(hold);
  }

  #addBare(hold: LockHold): void {
    const task = enclosingTask(hold.scope);
    if (task === undefined) return;
    const known = this.#bareByTask.get(task);
    if (known === undefined) this.#bareByTask.set(task, [hold]);
    else known.push(hold);
  }
}

/** Whoever opened `outer` has to wait for what happens in `inner`. */
function isInside(inner: CancelScope, outer: CancelScope): boolean {
  for (let each: CancelScope | undefined = inner; each !== undefined; each = each instanceof InnerScope ? each.parent : each.awaitedBy) {
    if (each === outer) return true;
  }
  return false;
}
