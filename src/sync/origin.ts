// Notes for findings and errors: where and when a lock was asked for. Written only when somebody may read them: a recorder is installed, or
// the operation parks inside a section and may become part of a deadlock.
import { type ContextFrame, type ContextStore, currentScope, currentStore } from "../core/context.ts";
import type { LockHold, LockWait as NotedWait } from "../core/lock-recorder.ts";
import type { CancelScope } from "../core/scope.ts";
import { timers } from "../core/timers.ts";
import type { PermitGuard } from "./guard.ts";
import type { Permits } from "./permits.ts";

const ownFolder = new URL(".", import.meta.url).href;

/** The place in the program that asks for a lock: this one, at the time of its making. */
export class Origin {
  readonly scope: CancelScope = currentScope();
  readonly context: ContextStore | undefined = currentStore();
  readonly #trace: { readonly stack?: string } = {};

  constructor() {
    // Captured, not formatted: that costs five times as much, and hardly anybody reads it.
    Error.captureStackTrace(this.#trace);
  }

  /** The lines of the stack, without those of brigade at its top. */
  get stack(): string {
    const [, ...lines] = (this.#trace.stack ?? "").split("\n");
    const first = lines.findIndex((line) => !line.includes(ownFolder));
    return lines.slice(Math.max(0, first)).join("\n");
  }
}

/** What a recorder is told of a wait. */
export class WaitNote implements NotedWait {
  readonly lock: Permits;
  readonly permits: number;
  readonly scope: CancelScope;
  readonly context: ContextStore | undefined;
  readonly bounded: boolean;
  readonly sinceMs: number = timers.now();
  readonly #origin: Origin;

  constructor(lock: Permits, permits: number, origin: Origin, bounded: boolean) {
    this.lock = lock;
    this.permits = permits;
    this.scope = origin.scope;
    this.context = origin.context;
    this.bounded = bounded;
    this.#origin = origin;
  }

  get stack(): string {
    return this.#origin.stack;
  }
}

/** What a recorder is told of a hold. */
export class HoldNote implements LockHold {
  readonly scope: CancelScope;
  readonly context: ContextStore | undefined;
  readonly sinceMs: number = timers.now();
  readonly #guard: PermitGuard;
  readonly #origin: Origin;

  constructor(guard: PermitGuard, origin: Origin) {
    this.scope = origin.scope;
    this.context = origin.context;
    this.#guard = guard;
    this.#origin = origin;
  }

  get lock(): Permits {
    return this.#guard.lock;
  }
  get permits(): number {
    return this.#guard.permits;
  }
  get section(): ContextFrame | undefined {
    return this.#guard.section;
  }
  get stack(): string {
    return this.#origin.stack;
  }
}
