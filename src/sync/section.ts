// A section: the code that `with` runs while it holds a lock. The sections around an operation are its owners: they cannot end
// before it does.
//
// A frame of the ambient context and not a property of the task: two native branches of one task (`Promise.all`) are not inside each
// other's sections, while a child of a group that was opened inside a section is inside it (`framesAround`).
import { ContextFrame, type ContextStore, framesAround, runInScope } from "../core/context.ts";
import type { PermitGuard } from "./guard.ts";
import type { LockWait } from "./lock-wait.ts";

export class Section extends ContextFrame {
  /** What it holds, once it has been entered. */
  guard: PermitGuard | undefined = undefined;
  /** The waits inside it, as long as they are parked: what it cannot end before. Made by the first. */
  waits: Set<LockWait> | undefined = undefined;
  /** Neighbours in the list of the sections that hold the same lock. */
  next: Section | undefined = undefined;
  previous: Section | undefined = undefined;

  constructor(within: ContextStore | undefined) {
    super(within, within?.locals);
  }

  /** Enters `fn` with a guard in hand, and releases it at the moment that what `fn` returned has settled. */
  enter<R>(guard: PermitGuard, fn: () => R): Promise<Awaited<R>> {
    let result: Promise<Awaited<R>> | Awaited<R>;
    try {
      result = this.#call(guard, fn);
    } catch (error) {
      guard.release();
      return Promise.reject(error);
    }
    if (result instanceof Promise) return releaseAfter(guard, result);
    guard.release();
    return Promise.resolve(result);
  }

  /** The same once the lock has been granted. */
  async enterLater<R>(granted: Promise<PermitGuard>, fn: () => R): Promise<Awaited<R>> {
    const guard = await granted;
    try {
      // Cancelled between the grant and this moment: the section has not begun, so nothing has happened yet.
      this.scope.check();
      return await this.#call(guard, fn);
    } finally {
      guard.release();
    }
  }

  #call<R>(guard: PermitGuard, fn: () => R): Promise<Awaited<R>> | Awaited<R> {
    this.guard = guard;
    guard.section = this;
    guard.lock.addSection(this);
    const result: unknown = runInScope(this, fn);
    // Adopted inside: the `then` of a foreign thenable is code of the section.
    const foreign = !isNative(result) && isThenable(result);
    return (foreign ? runInScope(this, () => Promise.resolve(result)) : result) as Promise<Awaited<R>> | Awaited<R>;
  }
}

/** Two reactions and no async function: half the promises, and `with` of a free lock is the everyday case. */
function releaseAfter<T>(guard: PermitGuard, result: Promise<T>): Promise<T> {
  return result.then(
    (value) => {
      guard.release();
      return value;
    },
    (error) => {
      guard.release();
      throw error;
    },
  );
}

const nativeThen = Promise.prototype.then;

function isNative(value: unknown): value is Promise<unknown> {
  return value instanceof Promise && value.then === nativeThen;
}

function isThenable(value: unknown): boolean {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function"
  );
}

const none: readonly Section[] = [];

/** The sections around some code that hold their lock now, the innermost first. One that has ended, or waits for a condition, holds none. */
export function sectionsAround(store: ContextStore | undefined): readonly Section[] {
  if (store === undefined) return none;
  let found: Section[] | undefined;
  for (const frame of framesAround(store)) {
    if (!(frame instanceof Section && frame.guard?.held)) continue;
    if (found === undefined) found = [frame];
    else found.push(frame);
  }
  return found ?? none;
}
