// What the tests of channels and select share.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type CaseNode, LazyClause, notReady } from "../../../src/core/clause.ts";
import { ParkingLot } from "../../../src/core/parking-lot.ts";
import { quiet } from "../core/support.ts";

/** A promise, and how it stands. */
export interface Watched<T> {
  readonly promise: Promise<T>;
  state: "pending" | "fulfilled" | "rejected";
  value: T | undefined;
  error: unknown;
}

/** Follows a promise; a rejection counts as handled. */
export function watch<T>(promise: Promise<T>): Watched<T> {
  const watched: Watched<T> = { promise, state: "pending", value: undefined, error: undefined };
  promise.then(
    (value) => {
      watched.state = "fulfilled";
      watched.value = value;
    },
    (error: unknown) => {
      watched.state = "rejected";
      watched.error = error;
    },
  );
  return watched;
}

/** Lets everything run that can run without time passing: tasks begin, and who was served goes on. */
export function settled(): Promise<void> {
  return quiet(2);
}

/** Collects garbage for certain. A WeakRef holds its target until the turn in which it was made or read is over, so turns are given. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  for (let turn = 0; turn < 3; turn++) {
    await quiet(1);
    gc();
  }
}

const thenKey = "then";

/** An object whose `then` is what `look` returns, each time somebody looks. */
export function withThen(look: () => unknown): object {
  return Object.defineProperty({}, thenKey, { get: look });
}

/** A lock reduced to what a select needs of one: one permit, a line, and hand-over to the next when the holder or a waiter leaves. */
export class TestLock {
  readonly waitingFor = "a test lock";
  readonly line = new ParkingLot<() => void, unknown>(this);
  held = false;
  grants = 0;
  /** What happens when a waiter leaves the line, as the next behind it may be servable then. */
  onWithdrawn: () => void = () => {};

  withdrawn(): void {
    this.onWithdrawn();
  }

  readonly release = (): void => {
    this.held = false;
    this.serve();
  };

  serve(): void {
    const next = this.held ? undefined : this.line.shift();
    if (next === undefined) return;
    this.held = true;
    this.grants++;
    next.settle(this.release);
  }

  take(): () => void {
    this.held = true;
    this.grants++;
    return this.release;
  }

  acquiring(): LazyClause<() => void> {
    return new TestLockClause(this);
  }

  /** Where the line is strict: nobody but the head is served, and an attempt that would overtake fails. */
  strict = false;
}

class TestLockClause extends LazyClause<() => void> {
  readonly #lock: TestLock;

  constructor(lock: TestLock) {
    super();
    this.#lock = lock;
  }

  get waitingFor(): string {
    return this.#lock.waitingFor;
  }

  attempt(): (() => void) | typeof notReady {
    const { held, strict, line } = this.#lock;
    return held || (strict && line.first !== undefined) ? notReady : this.#lock.take();
  }

  enlist(node: CaseNode): void {
    this.#lock.line.enlist(node as never);
  }

  delist(node: CaseNode): void {
    this.#lock.line.withdraw(node as never);
  }

  override arrived(): void {
    if (this.#lock.strict) this.#lock.serve();
  }
}
