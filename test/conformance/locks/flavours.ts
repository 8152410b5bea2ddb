// Every flavour of lock behind one face, and the table of what a flavour does not have and why that is its nature.
import type { Guard, Lock } from "../../../src/contract/sync.ts";
import { CapacityLimiter } from "../../../src/sync/capacity-limiter.ts";
import { Mutex } from "../../../src/sync/mutex.ts";
import { RWLock } from "../../../src/sync/rw-lock.ts";
import { Semaphore } from "../../../src/sync/semaphore.ts";

/** What a case may need of a flavour. */
export type Capability =
  /** One acquisition keeps the next one waiting. */
  | "exclusive"
  /** Acquiring again inside the own section can never succeed. */
  | "not-reentrant";

/** One way of acquiring one kind of lock. */
export interface Flavour {
  readonly name: string;
  /** What it lacks, with the reason. */
  readonly lacking: Partial<Record<Capability, string>>;
  /** A new lock, named "subject". */
  readonly open: () => Subject;
}

/** A lock under test. */
export interface Subject {
  readonly lock: Lock;
  /** How many acquisitions it has room for. */
  readonly room: number;
  /** Takes so much of the free lock that every acquisition has to wait. */
  readonly block: () => Guard;
  /** Whether nobody holds any of it. */
  readonly isFree: () => boolean;
}

function taken(guard: Guard | undefined): Guard {
  if (guard === undefined) throw new Error("the lock was to be free");
  return guard;
}

/** Free when all of it can be taken at once. */
function probe(take: () => Guard | undefined): boolean {
  const guard = take();
  guard?.release();
  return guard !== undefined;
}

function semaphore(permits: number): Subject {
  const lock = new Semaphore(permits, { name: "subject" });
  const all = () => lock.tryAcquire({ permits });
  return { lock, room: permits, block: () => taken(all()), isFree: () => probe(all) };
}

/** One side of an RWLock as a lock of its own. */
function sideOf(lock: RWLock, side: "read" | "write"): Lock {
  return side === "read"
    ? {
        acquire: (options) => lock.acquireRead(options),
        tryAcquire: () => lock.tryAcquireRead(),
        with: (fn, options) => lock.withRead(fn, options),
        acquiring: () => lock.acquiringRead(),
      }
    : {
        acquire: (options) => lock.acquireWrite(options),
        tryAcquire: () => lock.tryAcquireWrite(),
        with: (fn, options) => lock.withWrite(fn, options),
        acquiring: () => lock.acquiringWrite(),
      };
}

function rwLock(side: "read" | "write"): Subject {
  const lock = new RWLock({ name: "subject" });
  const all = () => lock.tryAcquireWrite();
  return {
    lock: sideOf(lock, side),
    room: side === "read" ? Number.POSITIVE_INFINITY : 1,
    block: () => taken(all()),
    isFree: () => probe(all),
  };
}

export const flavours: readonly Flavour[] = [
  {
    name: "mutex",
    lacking: {},
    open: () => {
      const lock = new Mutex({ name: "subject" });
      return { lock, room: 1, block: () => taken(lock.tryAcquire()), isFree: () => !lock.locked };
    },
  },
  { name: "semaphore(1)", lacking: {}, open: () => semaphore(1) },
  {
    name: "semaphore(3)",
    lacking: { exclusive: "three may hold it", "not-reentrant": "two more permits are there for the section that holds one" },
    open: () => semaphore(3),
  },
  {
    name: "capacity limiter",
    lacking: {},
    open: () => {
      const lock = new CapacityLimiter(1, { name: "subject" });
      return { lock, room: 1, block: () => taken(lock.tryAcquire()), isFree: () => lock.available === 1 };
    },
  },
  { name: "rwlock write", lacking: {}, open: () => rwLock("write") },
  {
    name: "rwlock read",
    lacking: { exclusive: "readers share it", "not-reentrant": "a reader is let in inside its own read section" },
    open: () => rwLock("read"),
  },
];
