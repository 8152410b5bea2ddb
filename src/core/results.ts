// Results of a map: a bounded window over a source. At most `limit` items are taken from the source and not yet read by
// the consumer, in whichever of three places they are: on their way, finished, or waiting for their turn in input order.
//
// Invariants
// - One filler at a time pulls the source; the source is closed exactly once, however the map ends.
// - The first failure decides: the rest is cancelled and waited for, then the reader gets the failure.
// - Trips carry one or more items (chunks); a trip is one task. One that comes back with fewer values than items has not begun the
//   others: they go out again, in trips of the size that is right by then.
// - Whoever wants all results at once holds none back: what is finished leaves the window though its turn has not come.
import { CancelledError } from "../contract/errors.ts";
import type { Results } from "../contract/executor.ts";
import { captureContext, currentLocals, currentScope, runInScope } from "./context.ts";
import { startSoon } from "./local-run.ts";
import { type CancelCause, CancelScope, cancelledBy, type ScopeWaiter } from "./scope.ts";
import { listenToSignal, type SignalListener, stopListening } from "./signals.ts";
import type { ScopedTask } from "./task.ts";

/** What a map needs to know of whoever runs its items. */
export interface MapPlan<T, R> {
  readonly source: Iterable<T> | AsyncIterable<T>;
  readonly ordered: boolean;
  /** Items taken and not yet read. */
  limit(): number;
  /** Items for the next trip, at least 1; so many are left, as far as that is known. */
  chunk(left: number): number;
  /** Starts a trip; its task gives the values of its first items, at least one. */
  start(items: readonly T[]): ScopedTask<readonly R[]>;
  readonly signal?: AbortSignal | undefined;
}

export class MapResults<T, R> implements Results<R>, SignalListener, ScopeWaiter {
  nextWaiter: ScopeWaiter | undefined;
  previousWaiter: ScopeWaiter | undefined;
  readonly #plan: MapPlan<T, R>;
  readonly #scope: CancelScope;
  readonly #context = captureContext();
  #iterator: Iterator<T> | AsyncIterator<T> | undefined;
  #asynchronous = false;
  /** The source has been asked and has not answered. */
  #pulling = false;
  #exhausted = false;
  #filling = false;
  #begun = false;
  #claimed = false;
  /** The reader has been told of the end, or has left. */
  #over = false;
  /** Items taken from the source and not yet read. */
  #ahead = 0;
  /** Items taken and not yet sent. */
  #batch: T[] = [];
  #flush: NodeJS.Immediate | undefined;
  /** Items of the source, where it tells. */
  #size = Number.POSITIVE_INFINITY;
  #taken = 0;
  /** What `#finished` will have next: its first item in input order, or its number by arrival. */
  #nextToRead = 0;
  #arrivals = 0;
  /** All results are wanted at once. */
  #collecting = false;
  readonly #flying = new Set<ScopedTask<unknown>>();
  /** Values of finished trips by their first item (input order) or by arrival. */
  readonly #finished = new Map<number, readonly R[]>();
  #buffer: readonly R[] = [];
  #bufferPlace = 0;
  #failure: { readonly error: unknown } | undefined;
  #failed: Promise<never> | undefined;
  #wakers: (() => void)[] = [];

  constructor(plan: MapPlan<T, R>) {
    this.#plan = plan;
    this.#scope = new CancelScope(currentScope(), currentLocals());
    this.#scope.addWaiter(this);
    if (plan.signal?.aborted) this.onAbort(plan.signal.reason);
    else if (plan.signal) listenToSignal(plan.signal, this);
    startSoon(() => this.#inside(() => this.#fill()));
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
        await this.#leave();
        return { done: true, value: undefined };
      },
    };
  }

  onAbort(reason: unknown): void {
    this.#scope.cancelWith(cancelledBy(reason, "The map"));
  }

  onCancel(error: CancelCause): void {
    this.#fail(error);
  }

  async #collect(): Promise<R[]> {
    this.#claim();
    this.#collecting = true;
    for (const trip of this.#finished.values()) this.#release(trip.length);
    const reader = currentScope();
    const all: R[] = [];
    for (;;) {
      if (reader.error) this.#fail(reader.error);
      if (this.#over) return all;
      const trip = this.#takeTrip();
      if (trip === undefined) await this.#more(reader);
      else for (const value of trip) all.push(value);
    }
  }

  #claim(): void {
    if (this.#claimed) throw new TypeError("The results of a map can be read once: keep the array of `await map(…)` to read it again.");
    this.#claimed = true;
    this.#failed?.catch(() => {});
  }

  async #next(): Promise<IteratorResult<R, undefined>> {
    // A reader that is cancelled has left the loop: nothing else would tell the items.
    const reader = currentScope();
    for (;;) {
      if (reader.error) this.#fail(reader.error);
      if (this.#over) return { done: true, value: undefined };
      if (this.#bufferPlace < this.#buffer.length) {
        const value = this.#buffer[this.#bufferPlace++] as R;
        this.#release(1);
        return { done: false, value };
      }
      const trip = this.#takeTrip();
      if (trip === undefined) await this.#more(reader);
      else [this.#buffer, this.#bufferPlace] = [trip, 0];
    }
  }

  /** The values whose turn it is, if they are there. */
  #takeTrip(): readonly R[] | undefined {
    const trip = this.#finished.get(this.#nextToRead);
    if (trip === undefined) return undefined;
    this.#finished.delete(this.#nextToRead);
    this.#nextToRead += this.#plan.ordered ? trip.length : 1;
    return trip;
  }

  /** Waits until there may be more to take, or ends. Rejects with the failure once everything has come to its end. */
  async #more(reader: CancelScope): Promise<void> {
    if (this.#failure !== undefined && this.#flying.size === 0) {
      const { error } = this.#failure;
      this.#finish();
      // A source that fails while it is closed must not hide why it was closed.
      await this.#close().catch(() => {});
      throw error;
    }
    if (this.#isComplete()) this.#finish();
    else await this.#changeFor(reader);
  }

  /** Every item has come to its end, and the source too. */
  #isComplete(): boolean {
    return this.#exhausted && this.#flying.size === 0 && this.#batch.length === 0 && this.#failure === undefined;
  }

  /** Resolves when something has changed. */
  #change(): Promise<void> {
    return new Promise((resolve) => this.#wakers.push(resolve));
  }

  /** The same for a reader, or when it is cancelled. */
  async #changeFor(reader: CancelScope): Promise<void> {
    const waiter: ScopeWaiter = { nextWaiter: undefined, previousWaiter: undefined, onCancel: (error) => this.#fail(error) };
    reader.addWaiter(waiter);
    await this.#change();
    reader.removeWaiter(waiter);
  }

  #finish(): void {
    this.#over = true;
    this.#endScope();
    this.#changed();
  }

  /** Items have left the window. It is filled again when there is room for a whole trip. */
  #release(items: number): void {
    this.#ahead -= items;
    if (this.#filling || this.#exhausted || this.#failure || !this.#begun) return;
    const limit = this.#plan.limit();
    if (limit - this.#ahead >= Math.min(limit, this.#plan.chunk(this.#left()))) this.#inside(() => this.#fill());
  }

  /** Source and items run in the scope of the map and where it was called, whoever made room for them. */
  #inside(act: () => unknown): void {
    this.#context.runInAsyncScope(() => runInScope(this.#scope, act));
  }

  /** Items that have not been taken yet, where the source tells. */
  #left(): number {
    return this.#size - this.#taken;
  }

  /** Takes items while there is room and sends them on their way. */
  async #fill(): Promise<void> {
    this.#filling = true;
    this.#begun = true;
    try {
      this.#scope.check();
      if (this.#iterator === undefined) {
        this.#asynchronous = Symbol.asyncIterator in Object(this.#plan.source);
        this.#iterator = iteratorOf(this.#plan.source);
        this.#size = sizeOf(this.#plan.source);
      }
      while (!this.#failure && !this.#exhausted && this.#ahead < this.#plan.limit()) {
        this.#pulling = true;
        const pulled = this.#iterator.next();
        if (this.#asynchronous) this.#flushSoon();
        // Only an asynchronous source is awaited: a tick for every item of an array would be most of the cost.
        const step = (this.#asynchronous ? await pulled : pulled) as IteratorResult<T>;
        this.#pulling = false;
        if (step.done) this.#exhausted = true;
        else if (!this.#failure) {
          this.#ahead++;
          this.#taken++;
          this.#batch.push(step.value);
          if (this.#batch.length >= this.#plan.chunk(this.#left() + this.#batch.length)) this.#send();
        }
      }
      this.#send();
    } catch (error) {
      // A source that threw is over; after any other failure it still wants closing.
      if (this.#pulling) this.#exhausted = true;
      this.#pulling = false;
      this.#fail(error);
    }
    this.#filling = false;
    this.#changed();
  }

  /** A source that takes its time does not hold back what was taken before, whether or not its trip is full. */
  #flushSoon(): void {
    if (this.#batch.length === 0) return;
    this.#flush ??= setImmediate(() => {
      this.#flush = undefined;
      if (this.#pulling) this.#send();
    });
  }

  #send(): void {
    const items = this.#batch;
    if (items.length === 0 || this.#failure) return;
    this.#batch = [];
    this.#launch(items, this.#taken - items.length);
  }

  /** Sends a trip; `first` is the number of its first item. */
  #launch(items: readonly T[], first: number): void {
    const task = this.#plan.start(items);
    this.#flying.add(task);
    task.whenSettled(() => {
      this.#flying.delete(task);
      const outcome = task.outcome;
      if (outcome?.state !== "succeeded") this.#fail(outcome?.error);
      else if (!this.#failure) this.#arrived(items, first, outcome.value);
      this.#changed();
    });
  }

  #arrived(items: readonly T[], first: number, values: readonly R[]): void {
    this.#finished.set(this.#plan.ordered ? first : this.#arrivals++, values);
    if (values.length < items.length) this.#inside(() => this.#divide(items.slice(values.length), first + values.length));
    if (this.#collecting) this.#release(values.length);
  }

  /** What came back undone goes out again, to whoever has time. */
  #divide(items: readonly T[], first: number): void {
    const chunk = this.#plan.chunk(items.length);
    for (let from = 0; from < items.length; from += chunk) this.#launch(items.slice(from, from + chunk), first + from);
  }

  #fail(error: unknown): void {
    if (this.#failure || this.#over) return;
    this.#failure = { error };
    // A map that was cancelled while nobody read it is no failure; any other that nobody ever looks at is reported, as a promise's is.
    if (!this.#claimed && !(error === this.#scope.error && error instanceof CancelledError)) this.#failed = Promise.reject(error);
    this.#buffer = [];
    this.#finished.clear();
    this.#scope.cancelWith(cancelledBy(error, "The rest of the map"));
    this.#changed();
  }

  #changed(): void {
    // Nobody may ever read it: what it holds of others is given back as soon as it is not needed.
    if (this.#isComplete()) this.#endScope();
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }

  /** The reader has left the loop. */
  async #leave(): Promise<void> {
    if (this.#over) return;
    this.#fail(cancelledBy("its reader left the loop", "The map"));
    this.#over = true;
    while (this.#flying.size > 0) await this.#change();
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

/** How many items a source has, as far as one can know without taking them. */
function sizeOf(source: object): number {
  if (Array.isArray(source)) return source.length;
  return source instanceof Set || source instanceof Map ? source.size : Number.POSITIVE_INFINITY;
}

function iteratorOf<T>(source: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  if (Symbol.asyncIterator in Object(source)) return (source as AsyncIterable<T>)[Symbol.asyncIterator]();
  if (Symbol.iterator in Object(source)) return (source as Iterable<T>)[Symbol.iterator]();
  throw new TypeError("map needs an iterable or an async iterable of items.");
}
