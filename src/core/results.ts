// Results of a map: a bounded window over a source. At most `limit` items are taken from the source and not yet read by
// the consumer, in whichever of three places they are: on their way, finished, or waiting for their turn in input order.
//
// Invariants
// - One filler at a time pulls the source; the source is closed exactly once, however the map ends.
// - The first failure decides: the rest is cancelled and waited for, then the reader gets the failure.
// - Trips carry one or more items (chunks); a trip is one task.
import type { Results } from "../contract/executor.ts";
import { currentLocals, currentScope, submitInScope } from "./context.ts";
import { startSoon } from "./local-run.ts";
import { CancelScope, cancelledBy } from "./scope.ts";
import { listenToSignal, type SignalListener, stopListening } from "./signals.ts";
import type { ScopedTask } from "./task.ts";

/** What a map needs to know of whoever runs its items. */
export interface MapPlan<T, R> {
  readonly source: Iterable<T> | AsyncIterable<T>;
  readonly ordered: boolean;
  /** Items taken and not yet read. */
  limit(): number;
  /** Items for the next trip, at least 1. */
  chunk(): number;
  /** Starts a trip; its task gives one value per item. */
  start(items: readonly T[]): ScopedTask<readonly R[]>;
  readonly signal?: AbortSignal | undefined;
}

export class MapResults<T, R> implements Results<R>, SignalListener {
  readonly #plan: MapPlan<T, R>;
  readonly #scope: CancelScope;
  #iterator: Iterator<T> | AsyncIterator<T> | undefined;
  #asynchronous = false;
  /** The source has been asked and has not answered. */
  #pulling = false;
  #exhausted = false;
  #filling = false;
  #begun = false;
  #claimed = false;
  /** Items taken from the source and not yet read. */
  #ahead = 0;
  #nextTrip = 0;
  #nextToRead = 0;
  #arrivals = 0;
  #flying = new Set<ScopedTask<unknown>>();
  /** Finished trips by number (input order) or by arrival. */
  readonly #finished = new Map<number, readonly R[]>();
  #buffer: readonly R[] = [];
  #bufferPlace = 0;
  #failure: { readonly error: unknown } | undefined;
  #failed: Promise<never> | undefined;
  #wake: (() => void) | undefined;

  constructor(plan: MapPlan<T, R>) {
    this.#plan = plan;
    this.#scope = new CancelScope(currentScope(), currentLocals());
    if (plan.signal?.aborted) this.onAbort(plan.signal.reason);
    else if (plan.signal) listenToSignal(plan.signal, this);
    startSoon(() => submitInScope(this.#scope, () => this.#fill()));
  }

  // biome-ignore lint/suspicious/noThenProperty: `await` collects the results; that is the contract
  then<U = R[], V = never>(
    onFulfilled?: ((value: R[]) => U | PromiseLike<U>) | null,
    onRejected?: ((reason: unknown) => V | PromiseLike<V>) | null,
  ): Promise<U | V> {
    return this.#collect().then(onFulfilled, onRejected);
  }

  [Symbol.asyncIterator](): AsyncIterator<R, undefined, undefined> {
    this.#claim();
    return {
      next: () => this.#next(),
      return: async () => {
        await this.#cancelRest(cancelledBy("its reader left the loop", "The map"));
        return { done: true, value: undefined };
      },
    };
  }

  onAbort(reason: unknown): void {
    this.#scope.cancelWith(cancelledBy(reason, "The map"));
    this.#fail(this.#scope.error);
  }

  async #collect(): Promise<R[]> {
    this.#claim();
    const all: R[] = [];
    for (let step = await this.#next(); !step.done; step = await this.#next()) all.push(step.value);
    return all;
  }

  #claim(): void {
    if (this.#claimed) throw new TypeError("The results of a map can be read once: keep the array of `await map(…)` to read it again.");
    this.#claimed = true;
    this.#failed?.catch(() => {});
  }

  async #next(): Promise<IteratorResult<R, undefined>> {
    for (;;) {
      if (this.#bufferPlace < this.#buffer.length) {
        const value = this.#buffer[this.#bufferPlace++] as R;
        this.#ahead--;
        this.#fillSoon();
        return { done: false, value };
      }
      if (this.#failure && this.#flying.size === 0) {
        // A source that fails while it is closed must not hide why it was closed.
        await this.#close().catch(() => {});
        throw this.#failure.error;
      }
      const trip = this.#failure ? undefined : this.#finished.get(this.#nextToRead);
      if (trip !== undefined) {
        this.#finished.delete(this.#nextToRead++);
        this.#buffer = trip;
        this.#bufferPlace = 0;
        continue;
      }
      if (this.#exhausted && this.#flying.size === 0 && !this.#failure && this.#finished.size === 0) {
        this.#endScope();
        return { done: true, value: undefined };
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #fillSoon(): void {
    if (!this.#filling && !this.#exhausted && !this.#failure && this.#begun) submitInScope(this.#scope, () => this.#fill());
  }

  /** Takes items while there is room and sends them on their way. */
  async #fill(): Promise<void> {
    this.#filling = true;
    this.#begun = true;
    try {
      if (this.#iterator === undefined) {
        this.#asynchronous = Symbol.asyncIterator in Object(this.#plan.source);
        this.#iterator = iteratorOf(this.#plan.source);
      }
      while (!this.#failure && !this.#exhausted) {
        this.#scope.check();
        const room = Math.min(this.#plan.chunk(), this.#plan.limit() - this.#ahead);
        if (room <= 0) break;
        const items: T[] = [];
        while (items.length < room && !this.#exhausted && !this.#failure) {
          // Only an asynchronous source is awaited: a tick for every item of an array would be most of the cost.
          this.#pulling = true;
          const pulled = this.#iterator.next();
          const step = this.#asynchronous ? await pulled : pulled;
          this.#pulling = false;
          if ((step as IteratorResult<T>).done) this.#exhausted = true;
          else items.push((step as IteratorYieldResult<T>).value);
        }
        if (items.length > 0 && !this.#failure) this.#send(items);
      }
    } catch (error) {
      // A source that threw is over; after any other failure it still wants closing.
      if (this.#pulling) this.#exhausted = true;
      this.#pulling = false;
      this.#fail(error);
    }
    this.#filling = false;
    this.#signalReader();
  }

  #send(items: readonly T[]): void {
    this.#ahead += items.length;
    const trip = this.#nextTrip++;
    const task = this.#plan.start(items);
    this.#flying.add(task);
    task.whenSettled(() => {
      this.#flying.delete(task);
      const outcome = task.outcome;
      if (outcome?.state === "succeeded") this.#finished.set(this.#plan.ordered ? trip : this.#arrivals++, outcome.value);
      else if (outcome) this.#fail(outcome.error);
      this.#signalReader();
    });
  }

  #fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = { error };
    for (const task of [...this.#flying]) task.cancel(error);
    // Nobody reads yet: as with a promise, a failure that nobody ever looks at is reported.
    if (!this.#claimed) this.#failed = Promise.reject(error);
    this.#signalReader();
  }

  #signalReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  async #cancelRest(error: unknown): Promise<void> {
    this.#fail(error);
    while (this.#flying.size > 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    await this.#close();
  }

  async #close(): Promise<void> {
    this.#endScope();
    if (this.#exhausted) return;
    this.#exhausted = true;
    const closing = this.#iterator?.return?.();
    // A source that has not answered answers `return` only after that, perhaps never: it is told and not waited for.
    if (!this.#pulling) await closing;
    else if (closing instanceof Promise) closing.catch(() => {});
  }

  #endScope(): void {
    if (this.#plan.signal) stopListening(this.#plan.signal, this);
    this.#scope.end();
  }
}

function iteratorOf<T>(source: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  if (Symbol.asyncIterator in Object(source)) return (source as AsyncIterable<T>)[Symbol.asyncIterator]();
  if (Symbol.iterator in Object(source)) return (source as Iterable<T>)[Symbol.iterator]();
  throw new TypeError("map needs an iterable or an async iterable of items.");
}
