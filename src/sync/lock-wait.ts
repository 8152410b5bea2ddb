// A parked acquisition: an operation in the line of a lock.
import type { WaitOptions } from "../contract/waiting.ts";
import { lockRecorder, type LockWait as NotedWait } from "../core/lock-recorder.ts";
import { Parked } from "../core/parked.ts";
import type { CancelScope } from "../core/scope.ts";
import type { PermitGuard } from "./guard.ts";
import { type Origin, WaitNote } from "./origin.ts";
import type { Permits } from "./permits.ts";
import type { Section } from "./section.ts";

/** A wait in this scope has no signal, no timeout and no deadline. */
export function isEndless({ deadlineAtMs }: CancelScope, options: WaitOptions | undefined): boolean {
  return deadlineAtMs === Number.POSITIVE_INFINITY && options?.signal === undefined && options?.timeout === undefined;
}

/** What is known of a wait that is more than a wait: inside a section, before a recorder, or for a guard that exists. */
export interface Particulars {
  readonly origin: Origin;
  /** The sections around it. */
  readonly sections: readonly Section[];
  /** The guard to be held again, instead of a new one. */
  readonly again: PermitGuard | undefined;
  /** What the recorder was told. */
  note: NotedWait | undefined;
}

export class LockWait extends Parked<PermitGuard, number> {
  readonly particulars: Particulars | undefined;

  /** Parks the current task. The caller puts it into the line. */
  constructor(scope: CancelScope, options: WaitOptions | undefined, lock: Permits, permits: number, particulars: Particulars | undefined) {
    super(scope, options, lock, permits);
    this.particulars = particulars;
    if (particulars !== undefined) this.#begin(particulars);
  }

  get lock(): Permits {
    return this.home as Permits;
  }

  /** Nothing but the lock ends this wait, unless somebody cancels it. */
  get endless(): boolean {
    return this.scope !== undefined && !this.bounded && isEndless(this.scope, undefined);
  }

  override settle(guard: PermitGuard): void {
    if (this.particulars !== undefined) this.#leaveSections(this.particulars);
    super.settle(guard);
  }

  override fail(error: unknown): void {
    this.left();
    super.fail(error);
  }

  /** It is out of the line and did not get the lock. */
  left(): void {
    if (this.particulars === undefined) return;
    this.#leaveSections(this.particulars);
    const { note } = this.particulars;
    if (note !== undefined) lockRecorder?.withdrawn(note);
  }

  #begin(particulars: Particulars): void {
    const { origin, sections } = particulars;
    for (const section of sections) {
      section.waits ??= new Set();
      section.waits.add(this);
    }
    if (lockRecorder === undefined) return;
    particulars.note = new WaitNote(this.lock, this.payload, origin, !this.endless);
    lockRecorder.waiting(particulars.note);
  }

  #leaveSections({ sections }: Particulars): void {
    for (const section of sections) section.waits?.delete(this);
  }
}
