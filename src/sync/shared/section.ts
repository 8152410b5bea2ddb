// The code that `with` runs while it holds a shared lock. Acquiring the lock again inside it can never end.
import { DeadlockError } from "../../contract/errors.ts";
import type { Guard } from "../../contract/sync.ts";
import { ContextFrame, currentStore, framesAround, runInScope } from "../../core/context.ts";

class SharedSection extends ContextFrame {
  readonly lock: object;
  readonly guard: Guard;

  constructor(lock: object, guard: Guard) {
    const store = currentStore();
    super(store, store?.locals);
    this.lock = lock;
    this.guard = guard;
  }
}

/** Runs `fn` in a section of the lock; the caller releases. */
export function inSection<R>(lock: object, guard: Guard, fn: () => R): R {
  return runInScope(new SharedSection(lock, guard), fn);
}

/** Throws `DeadlockError` inside a section of the lock. */
export function checkSections(lock: object, what: string): void {
  for (const frame of framesAround()) {
    if (frame instanceof SharedSection && frame.lock === lock && frame.guard.held) {
      throw new DeadlockError(`This code holds ${what} and waits for it: that could never end. Acquire it once, outside.`, [what]);
    }
  }
}
