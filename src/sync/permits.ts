// Permits: a weighted, strictly first-in-first-out semaphore (Tokio's batch semaphore), the one state that every lock of this room is. A
// mutex has one permit; of a readers-writer lock a reader takes one and a writer all; a capacity limiter changes how many there are.
//
// Invariants (README.md has the steps and the reasons)
// - `taken` is the sum of the permits of all guards that are held, and at most `capacity` unless that was lowered meanwhile.
// - The head of the line could not be served now: whatever frees permits or shortens the line ends in `serve`.
// - Taking permits and handing over their guard is one synchronous step; so is leaving the line and not getting any. The wait before
//   belongs to neither.
// - Nobody barges: what is released goes to the head before any other code runs, and the head blocks those behind it.
import type { WaitOptions } from "../contract/waiting.ts";
import { spendBudget } from "../core/checkpoint.ts";
import { currentStore } from "../core/context.ts";
import { type LockKind, lockRecorder, type RecordedLock } from "../core/lock-recorder.ts";
import { enterOperation, type Home, type LineNode } from "../core/parked.ts";
import { ParkingLot } from "../core/parking-lot.ts";
import type { CancelScope } from "../core/scope.ts";
import { refuseDeadlock, refuseReentry } from "./deadlock.ts";
import { PermitGuard } from "./guard.ts";
import { isEndless, LockWait, type Particulars } from "./lock-wait.ts";
import { inWords } from "./name.ts";
import { HoldNote, Origin, WaitNote } from "./origin.ts";
import { Section, sectionsAround } from "./section.ts";
import { afterTurn } from "./turn.ts";

/** What stands in the line: a parked acquisition, or a case of a select. */
export type LockNode = LineNode<PermitGuard, number>;

export class Permits implements Home, RecordedLock {
  readonly kind: LockKind;
  readonly name: string | undefined;
  capacity: number;
  /** The largest capacity so far, by which deadlocks are judged: one that was lowered may be raised again. */
  peak: number;
  taken = 0;
  readonly line: ParkingLot<PermitGuard, number>;
  /** The guard that was handed out last: of a lock with one permit, the one that holds it. */
  newest: PermitGuard | undefined = undefined;
  #firstSection: Section | undefined = undefined;
  /** What the recorder was told of the cases in line. */
  #cases: Map<LockNode, Particulars> | undefined = undefined;

  constructor(kind: LockKind, name: string | undefined, capacity: number) {
    this.kind = kind;
    this.name = name;
    this.capacity = capacity;
    this.peak = capacity;
    this.line = new ParkingLot<PermitGuard, number>(this);
  }

  get waitingFor(): string {
    return inWords(this.kind === "rwlock" ? "RWLock" : this.kind, this.name);
  }

  /** Permits that nobody holds. */
  get available(): number {
    return Math.max(0, this.capacity - this.taken);
  }

  /** The sections that hold it, the newest first. */
  *sections(): Generator<Section> {
    for (let section = this.#firstSection; section !== undefined; section = section.next) yield section;
  }

  // ---- taking ----

  tryAcquire(permits: number): PermitGuard | undefined {
    return this.#isFree(permits) || this.passes(permits) ? this.#take(permits) : undefined;
  }

  acquire(permits: number, options: WaitOptions | undefined): Promise<PermitGuard> {
    const turn = spendBudget();
    const guard = this.#obtain(permits, options);
    return turn === undefined ? guard : afterTurn(guard, turn);
  }

  with<R>(fn: () => R, permits: number, options: WaitOptions | undefined): Promise<Awaited<R>> {
    if (typeof fn !== "function") return Promise.reject(new TypeError("with needs a function: mutex.with(() => work())."));
    const turn = spendBudget();
    const section = new Section(currentStore());
    const enters = this.#isFree(permits) && mayEnter(section.scope, options);
    const result = enters ? section.enter(this.#take(permits), fn) : section.enterLater(this.#obtain(permits, options), fn);
    return turn === undefined ? result : afterTurn(result, turn);
  }

  /** As `select` takes: the guard, or `undefined` when it would have to wait. Throws where waiting could never end. */
  attempt(permits: number): PermitGuard | undefined {
    const guard = this.tryAcquire(permits);
    if (guard === undefined) refuseReentry(this, permits, sectionsAround(currentStore()));
    return guard;
  }

  /** Holds a suspended guard again. Looks for no deadlock: whoever gave the lock away for a while has to get it back. */
  reacquire(guard: PermitGuard, scope: CancelScope): Promise<PermitGuard> {
    if (!this.#isFree(guard.permits)) return this.#park(scope, guard.permits, undefined, sectionsAround(currentStore()), guard);
    this.#hold(guard, lockRecorder && new Origin(), undefined);
    return Promise.resolve(guard);
  }

  // ---- giving ----

  /** Takes back what a guard has held until now. */
  give(guard: PermitGuard): void {
    this.taken -= guard.permits;
    if (this.newest === guard) this.newest = undefined;
    if (guard.section !== undefined) this.#removeSection(guard.section);
    if (guard.hold !== undefined) tellReleased(guard);
    if (this.line.length > 0) this.serve();
  }

  /** Exchanges a guard that is held no more for one of fewer permits, with nobody in between. */
  shrink(guard: PermitGuard, permits: number): PermitGuard {
    const smaller = this.#take(permits);
    this.give(guard);
    return smaller;
  }

  resize(capacity: number): void {
    this.capacity = capacity;
    this.peak = Math.max(this.peak, capacity);
    this.serve();
  }

  /** Gives what is free to those in line, as far as it goes. */
  serve(): void {
    const { line } = this;
    for (let node = line.first; node !== undefined && this.capacity - this.taken >= node.payload; node = line.first) {
      line.remove(node);
      // Held before it is handed over: settling a case makes its select leave its other lines, which may serve here again.
      node.settle(node instanceof LockWait ? this.#grant(node) : this.#grantCase(node));
    }
  }

  // ---- the line ----

  /** A parked acquisition was cancelled. */
  withdraw(operation: LineNode<never, never>): void {
    const wait = operation as LineNode<unknown, unknown> as LockWait;
    this.line.remove(wait);
    wait.left();
    this.serve();
  }

  /** Puts a case of a select into the line. */
  enlist(node: LockNode): void {
    if (lockRecorder !== undefined) {
      const origin = new Origin();
      // It waits for other things too, so it may end without the lock.
      const note = new WaitNote(this, node.payload, origin, true);
      this.#cases ??= new Map();
      this.#cases.set(node, { origin, sections: [], again: undefined, note });
      lockRecorder.waiting(note);
    }
    this.line.enlist(node);
  }

  /** Takes a case out again. */
  delist(node: LockNode): void {
    const note = this.#caseOf(node)?.note;
    if (note !== undefined) lockRecorder?.withdrawn(note);
    this.line.remove(node);
    this.serve();
  }

  /** A section has been entered with a guard of this lock, or has it again. */
  addSection(section: Section): void {
    const first = this.#firstSection;
    section.next = first;
    if (first !== undefined) first.previous = section;
    this.#firstSection = section;
  }

  protected newGuard(permits: number): PermitGuard {
    return new PermitGuard(this, permits);
  }

  /** The code that asks may go past the line, and there is room. */
  protected passes(_permits: number): boolean {
    return false;
  }

  #isFree(permits: number): boolean {
    return this.capacity - this.taken >= permits && (this.line.length === 0 || this.line.first === undefined);
  }

  #take(permits: number): PermitGuard {
    return this.#hold(this.newGuard(permits), lockRecorder && new Origin(), undefined);
  }

  #grant({ payload, particulars }: LockWait): PermitGuard {
    if (particulars === undefined) return this.#hold(this.newGuard(payload), undefined, undefined);
    return this.#hold(particulars.again ?? this.newGuard(payload), particulars.origin, particulars);
  }

  #grantCase(node: LockNode): PermitGuard {
    const particulars = this.#caseOf(node);
    return this.#hold(this.newGuard(node.payload), particulars?.origin, particulars);
  }

  /** What is known of a case, which is forgotten by that. */
  #caseOf(node: LockNode): Particulars | undefined {
    const particulars = this.#cases?.get(node);
    this.#cases?.delete(node);
    return particulars;
  }

  #hold(guard: PermitGuard, origin: Origin | undefined, waited: Particulars | undefined): PermitGuard {
    this.taken += guard.permits;
    this.newest = guard;
    if (guard.section !== undefined) this.addSection(guard.section);
    if (origin !== undefined && lockRecorder !== undefined) {
      guard.hold = new HoldNote(guard, origin);
      lockRecorder.granted(guard.hold, waited?.note);
    }
    return guard;
  }

  #obtain(permits: number, options: WaitOptions | undefined): Promise<PermitGuard> {
    try {
      const scope = enterOperation(options);
      if (this.#isFree(permits) || this.passes(permits)) return Promise.resolve(this.#take(permits));
      const sections = sectionsAround(currentStore());
      if (sections.length > 0) refuseReentry(this, permits, sections);
      return this.#park(scope, permits, options, sections, undefined);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #park(
    scope: CancelScope,
    permits: number,
    options: WaitOptions | undefined,
    sections: readonly Section[],
    again: PermitGuard | undefined,
  ): Promise<PermitGuard> {
    let particulars: Particulars | undefined;
    if (sections.length > 0 || lockRecorder !== undefined || again !== undefined) {
      const origin = new Origin();
      if (again === undefined && isEndless(scope, options)) refuseDeadlock(this, permits, sections, origin);
      particulars = { origin, sections, again, note: undefined };
    }
    const wait = new LockWait(scope, options, this, permits, particulars);
    this.line.enlist(wait);
    return wait.promise;
  }

  #removeSection(section: Section): void {
    const { next, previous } = section;
    if (previous === undefined) this.#firstSection = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    section.next = undefined;
    section.previous = undefined;
  }
}

/** The check that `with` begins with; `#obtain` makes it again and says what is wrong. */
function mayEnter(scope: CancelScope, options: WaitOptions | undefined): boolean {
  if (options === undefined) return scope.error === undefined;
  try {
    enterOperation(options);
    return true;
  } catch {
    return false;
  }
}

function tellReleased(guard: PermitGuard): void {
  if (guard.hold !== undefined) lockRecorder?.released(guard.hold);
  guard.hold = undefined;
}
