// The lock recorder: the seam through which an observer learns who waits for which lock and who holds it. It stands down here
// because locks (`sync/`) and observers (`observe/`) do not know each other.
//
// Opt-in: with no recorder installed a lock operation costs one comparison and nothing is written down. With one installed, Mutex,
// RWLock, Semaphore and CapacityLimiter tell it of every step, each with a stack (1 to 3 µs).
//
// What a recorder may rely on
// - Order: `waiting` when an operation parks; then exactly one of `granted` (with that wait) and `withdrawn`. `granted` without a wait
//   when nothing had to be waited for. `released` once for every hold.
// - It is told synchronously, from inside the operation: it takes notes, and never throws, waits or uses a lock.
// - It may come late and go early: it may hear `withdrawn` or `released` of what it was never told, and ignores that.
// - `Condition.wait` is `released`, then `waiting` and `granted` with a hold of its own.
// - A `select` waits for several things, so the wait of its case counts as bounded. It is granted from inside the code of whoever released.
//
// Finding cycles. A wait is blocked while `lock.capacity` less the permits of the lock's holds is smaller than its `permits`. Who owns
// a hold: one with a `section` belongs to that section, and a wait stands in the section's way when `framesAround(wait.context)` yields
// it. A hold without one is a bare guard, which anybody may release; whoever looks for deadlocks takes the task it was acquired in
// (`enclosingTask(hold.scope)`, `undefined` outside any task) for its owner, and so can only ever suspect.
import type { ContextFrame, ContextStore } from "./context.ts";
import type { CancelScope } from "./scope.ts";

/** What kind of lock it is. */
export type LockKind = "mutex" | "rwlock" | "semaphore" | "capacity limiter";

/** A lock as a recorder sees it; compared by identity. */
export interface RecordedLock {
  readonly kind: LockKind;
  /** As given by the user. */
  readonly name: string | undefined;
  /** In words, such as `the mutex "db"`. */
  readonly waitingFor: string;
  /** How many permits there are at this moment. A mutex has 1; of an RWLock a reader takes 1 and a writer all. May be `Infinity`. */
  readonly capacity: number;
}

/** Somebody waits for a lock, or holds it. */
export interface LockUse {
  readonly lock: RecordedLock;
  /** How many permits of `lock.capacity`. */
  readonly permits: number;
  /** The scope that it was asked for in. */
  readonly scope: CancelScope;
  /** The whole context that it was asked for in, for `framesAround`. */
  readonly context: ContextStore | undefined;
  /** Since when, on the scale of `timers.now()`. */
  readonly sinceMs: number;
  /** Where it was asked for: the lines of a stack, innermost first, formatted when read. */
  readonly stack: string;
}

/** A parked operation. */
export interface LockWait extends LockUse {
  /** It has a signal, a timeout or a deadline, which may end it. */
  readonly bounded: boolean;
}

/** A lock that is held, or some permits of one. */
export interface LockHold extends LockUse {
  /** The section of `with` that holds it, read at any time after `granted`; `undefined` for a bare guard. */
  readonly section: ContextFrame | undefined;
}

/** Who takes the notes. */
export interface LockRecorder {
  /** An operation has parked. */
  waiting(wait: LockWait): void;
  /** The lock has been given: after `wait`, or at once. */
  granted(hold: LockHold, wait: LockWait | undefined): void;
  /** The operation was cancelled, timed out or failed: it did not get the lock. */
  withdrawn(wait: LockWait): void;
  /** The lock, or those permits, are free again. */
  released(hold: LockHold): void;
}

/** The recorder that is installed. Read by locks on their way; assigned by `exchangeLockRecorder` alone. */
export let lockRecorder: LockRecorder | undefined;

/** Installs a recorder, or none; returns the one that was there. */
export function exchangeLockRecorder(next: LockRecorder | undefined): LockRecorder | undefined {
  const previous = lockRecorder;
  lockRecorder = next;
  return previous;
}
