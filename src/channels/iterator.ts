// Iteration over a receiving half. Not an async generator: that would cost three more microtasks for each value.
import { type Home, type LineNode, Parked } from "../core/parked.ts";
import type { CancelScope } from "../core/scope.ts";
import type { WaitingNode } from "./elsewhere.ts";
import type { ReceivingHalf, ReceivingSide } from "./receiving-half.ts";

/** A step that waits: it stands in line as any receiver, and makes of what it is given the result of a step. */
export class IteratorStep<T> implements LineNode<T | undefined, ReceivingSide | undefined>, Home {
  next: LineNode<T | undefined, ReceivingSide | undefined> | undefined = undefined;
  previous: LineNode<T | undefined, ReceivingSide | undefined> | undefined = undefined;
  readonly payload: ReceivingSide | undefined;
  readonly #half: ReceivingHalf<T>;
  readonly #parked: Parked<IteratorResult<T, undefined>>;

  constructor(scope: CancelScope, half: ReceivingHalf<T>, side: ReceivingSide | undefined) {
    this.payload = side;
    this.#half = half;
    this.#parked = new Parked<IteratorResult<T, undefined>>(scope, undefined, this, undefined);
  }

  get promise(): Promise<IteratorResult<T, undefined>> {
    return this.#parked.promise;
  }

  get waitingFor(): string {
    return this.#half.waitingFor;
  }

  get ready(): boolean {
    return true;
  }

  get select(): undefined {
    return undefined;
  }

  settle(value: T | undefined): void {
    // A value, which may be `undefined`, is handed over only while values can still come.
    const ended = this.#half.over || this.payload?.closed === true;
    this.#parked.settle(ended ? { value: undefined, done: true } : { value: value as T, done: false });
  }

  fail(error: unknown): void {
    this.#parked.fail(error);
  }

  late(_operation: unknown, error: unknown): boolean {
    return this.#half.source.elsewhere?.late(this as unknown as WaitingNode, error) ?? false;
  }

  withdraw(): void {
    if (this.#half.source.elsewhere === undefined) this.#half.line.remove(this);
  }
}

/** Ends with the channel. Leaving it closes nothing. */
export class ValueIterator<T> implements AsyncIterableIterator<T, undefined, undefined> {
  readonly #half: ReceivingHalf<T>;
  readonly #side: ReceivingSide | undefined;
  #left = false;

  constructor(half: ReceivingHalf<T>, side: ReceivingSide | undefined) {
    this.#half = half;
    this.#side = side;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return this.#left ? Promise.resolve({ value: undefined, done: true }) : this.#half.step(this.#side);
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#left = true;
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
