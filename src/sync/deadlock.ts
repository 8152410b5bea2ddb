// Deadlocks that are certain: an acquisition that parks inside sections and could never be granted.
//
// Algorithm: graph reduction for resources of several units (Holt 1972). Sections are the processes, permits the units. Of all sections that
// can be reached from the wanted lock those are struck out that can go on, until no more can; if those that are left hold so much that
// the request cannot be granted, it never will be. For mutexes this finds exactly the cycles.
//
// No false alarm by a wait that may end by itself: one with a signal, a timeout or a deadline counts as able to go on, and so do bare
// guards, which anybody may release. What is taken for granted is that a section waits for what was started inside it.
import { DeadlockError } from "../contract/errors.ts";
import { enclosingTask } from "../core/current-task.ts";
import { LockWait } from "./lock-wait.ts";
import { Origin } from "./origin.ts";
import type { Permits } from "./permits.ts";
import type { Section } from "./section.ts";

/** Throws when a lock is acquired again inside its own sections and these hold too much of it. */
export function refuseReentry(lock: Permits, permits: number, own: readonly Section[]): void {
  let held = 0;
  for (const { guard } of own) if (guard?.lock === lock) held += guard.permits;
  if (held === 0 || held + permits <= lock.peak) return;
  const what = lock.waitingFor;
  throw new DeadlockError(
    `Acquiring ${what} inside its own section can never succeed: the section that holds it waits for this. Use what is held already, or acquire after the section.`,
    [describe(new Origin(), what, what)],
  );
}

/** Throws when a request inside the sections `own` could never be granted. */
export function refuseDeadlock(lock: Permits, permits: number, own: readonly Section[], origin: Origin): void {
  if (own.length === 0) return;
  const stuck = reach(lock, own);
  if (!holdsAny(lock, stuck)) return;
  reduce(stuck, own);
  if (!isBlocked(lock, demand(lock, permits, undefined), stuck)) return;
  const cycle = trace(lock, own, stuck, origin);
  const parties = cycle.map((entry) => entry.split("\n", 1)[0]).join("; ");
  throw new DeadlockError(
    `Waiting for ${lock.waitingFor} can never end: ${parties}. Acquire the locks in the same order everywhere, or give the wait a timeout.`,
    cycle,
  );
}

/** The sections that wait, as far as they can be reached: from a lock to the sections that hold it, on to the waits inside them. */
function reach(lock: Permits, own: readonly Section[]): Set<Section> {
  const reached = new Set(own);
  const locks = new Set([lock]);
  for (const each of locks) {
    for (const section of each.sections()) {
      if (reached.has(section)) continue;
      for (const wait of endlessWaits(section)) {
        reached.add(section);
        locks.add(wait.lock);
      }
    }
  }
  return reached;
}

/** Strikes out the sections that can go on while the others stand still. `own` cannot: the request is inside them. */
function reduce(stuck: Set<Section>, own: readonly Section[]): void {
  for (let before = Number.POSITIVE_INFINITY; stuck.size < before; ) {
    before = stuck.size;
    for (const section of stuck) if (!own.includes(section) && blockedWait(section, stuck) === undefined) stuck.delete(section);
  }
}

function blockedWait(section: Section, stuck: ReadonlySet<Section>): LockWait | undefined {
  for (const wait of endlessWaits(section)) if (isBlocked(wait.lock, demand(wait.lock, wait.payload, wait), stuck)) return wait;
  return undefined;
}

/** The waits inside a section that nothing but their lock ends. */
function* endlessWaits({ waits }: Section): Generator<LockWait> {
  if (waits !== undefined) for (const wait of waits) if (wait.endless) yield wait;
}

/** So many permits must come free: those of the request, or of the largest ahead in line, which it cannot overtake. */
function demand(lock: Permits, permits: number, place: LockWait | undefined): number {
  let most = permits;
  if (most === lock.peak) return most;
  for (const node of lock.line) {
    if (node === place) break;
    if (node instanceof LockWait && node.endless && node.payload > most) most = node.payload;
  }
  return most;
}

function isBlocked(lock: Permits, permits: number, stuck: ReadonlySet<Section>): boolean {
  let left = lock.peak;
  for (const section of lock.sections()) if (stuck.has(section)) left -= section.guard?.permits ?? 0;
  return left < permits;
}

function holdsAny(lock: Permits, stuck: ReadonlySet<Section>): boolean {
  for (const section of lock.sections()) if (stuck.has(section)) return true;
  return false;
}

/** A step of the way round: a wait inside a section that holds what the step before waits for. */
interface Step {
  readonly wait: LockWait;
  readonly wanted: Permits;
  readonly before: Step | undefined;
}

/** Who waits for whom, from the request on, along a shortest way back to its own sections. */
function trace(lock: Permits, own: readonly Section[], stuck: ReadonlySet<Section>, origin: Origin): string[] {
  const seen = new Set(own);
  const steps: Step[] = [];
  const follow = (wanted: Permits, before: Step | undefined): void => {
    for (const section of wanted.sections()) {
      if (!stuck.has(section) || seen.has(section)) continue;
      seen.add(section);
      const wait = blockedWait(section, stuck);
      if (wait !== undefined) steps.push({ wait, wanted, before });
    }
  };
  follow(lock, undefined);
  for (const step of steps) {
    if (!holdsAny(step.wait.lock, new Set(own))) follow(step.wait.lock, step);
    else return [describe(origin, step.wait.lock.waitingFor, lock.waitingFor), ...describeSteps(step)];
  }
  return [describe(origin, lock.waitingFor, lock.waitingFor), ...steps.slice(0, 1).flatMap(describeSteps)];
}

function describeSteps(last: Step): string[] {
  const entries: string[] = [];
  for (let step: Step | undefined = last; step !== undefined; step = step.before) {
    entries.unshift(describe(step.wait.particulars?.origin, step.wanted.waitingFor, step.wait.lock.waitingFor));
  }
  return entries;
}

function describe(origin: Origin | undefined, holds: string, wants: string): string {
  const task = origin && enclosingTask(origin.scope);
  const who = task === undefined ? "main" : `task ${task.name} (${task.id})`;
  return `${who} holds ${holds} and waits for ${holds === wants ? "more of it" : wants}\n${origin?.stack ?? ""}`;
}
