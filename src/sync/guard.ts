// A guard: some permits of a lock in somebody's hand. A capability: whoever has it may release it, once.
//
// States: **held** → **released**, and **held** → **suspended** → **held** while `Condition.wait` has given the lock away and is to hold
// it again. What is released while suspended stays released: the wait finds out when it is its turn.
import { NotOwnerError } from "../contract/errors.ts";
import type { Guard } from "../contract/sync.ts";
import type { LockHold } from "../core/lock-recorder.ts";
import type { CancelScope } from "../core/scope.ts";
import { bindToThread } from "../core/thread-bound.ts";
import type { Permits } from "./permits.ts";
import type { Section } from "./section.ts";

export class PermitGuard implements Guard {
  readonly lock: Permits;
  readonly permits: number;
  state: "held" | "suspended" | "released" = "held";
  /** The section of `with` whose lock it is. */
  section: Section | undefined = undefined;
  /** What the recorder was told. */
  hold: LockHold | undefined = undefined;

  constructor(lock: Permits, permits: number) {
    this.lock = lock;
    this.permits = permits;
  }

  get held(): boolean {
    return this.state === "held";
  }

  release(): void {
    const { state } = this;
    this.state = "released";
    if (state === "held") this.lock.give(this);
  }

  /** Gives the lock away for a while. */
  suspend(): void {
    this.state = "suspended";
    this.lock.give(this);
  }

  /** Holds it again, after the others in line. */
  async resume(scope: CancelScope): Promise<void> {
    if (this.state === "suspended") {
      await this.lock.reacquire(this, scope);
      if (this.#resumeHolding()) return;
      this.lock.give(this);
    }
    throw new NotOwnerError(
      `The guard of ${this.lock.waitingFor} was released while it waited for a condition: release it after the wait.`,
    );
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /** False when it was released while it stood in line. */
  #resumeHolding(): boolean {
    if (this.state !== "suspended") return false;
    this.state = "held";
    return true;
  }
}
bindToThread(PermitGuard, "a guard");
