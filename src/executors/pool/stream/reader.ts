// The reader: the caller's end of a stream. It starts the task with the first `next()`, hands items out in order, gives credit back,
// and ends with the task.
//
// States: idle → open (the task runs) → over. Invariants
// - Nothing happens before the first `next()`, as with a generator of the language.
// - Reads are answered in order. What waits is either items or readers, never both, except while a cancelled stream ends.
// - Items come before the failure that followed them; a cancelled stream hands out no more. Whoever is told of the end is told when the
//   generator's `finally` has run.
// - The task never outlives its reader: a reader that leaves, or is cancelled, or is collected, cancels it.
import { captureContext, currentScope } from "../../../core/context.ts";
import { type CancelCause, type CancelScope, cancelledBy, type ScopeWaiter } from "../../../core/scope.ts";
import { Settlement } from "../../../core/settlement.ts";
import type { ScopedTask } from "../../../core/task.ts";
import { Fifo } from "../fifo.ts";
import { type Credit, CreditWindow, type Lead } from "./credit.ts";
import type { ArrivedItems, StreamInlet, WaitingItems } from "./inlet.ts";

/** An item of this thread: itself. */
class NearItem implements WaitingItems {
  readonly weight: number;
  readonly #item: unknown;
  isEmpty = false;

  constructor(item: unknown, weight: number) {
    this.#item = item;
    this.weight = weight;
  }

  next(): unknown {
    this.isEmpty = true;
    return this.#item;
  }
}

type Step<Y> = IteratorResult<Y, undefined>;
const done: Step<never> = { done: true, value: undefined };

/** A `next()` that waits. */
class Read<Y> extends Settlement<Step<Y>> implements ScopeWaiter {
  nextWaiter: ScopeWaiter | undefined = undefined;
  previousWaiter: ScopeWaiter | undefined = undefined;
  readonly scope: CancelScope;
  readonly #onCancel: (error: CancelCause) => void;
  /** Not collected while it waits. */
  readonly handle: object;

  constructor(scope: CancelScope, handle: object, onCancel: (error: CancelCause) => void) {
    super();
    this.scope = scope;
    this.handle = handle;
    this.#onCancel = onCancel;
    if (scope.error === undefined) scope.addWaiter(this);
  }

  onCancel(error: CancelCause): void {
    this.#onCancel(error);
  }

  end(): void {
    this.scope.removeWaiter(this);
  }
}

export class StreamReader<Y> implements StreamInlet {
  /** Until it has been called: it holds the arguments. */
  #start: ((inlet: StreamInlet) => ScopedTask<unknown>) | undefined;
  /** Where the stream was opened: its generator runs there, whoever reads. */
  readonly #context = captureContext();
  readonly #window: CreditWindow;
  readonly #items = new Fifo<WaitingItems>();
  readonly #reads = new Fifo<Read<Y>>();
  begun = false;
  #task: ScopedTask<unknown> | undefined;
  #grant: ((credit: Credit) => void) | undefined;
  /** The producer stopped for want of items after what has come. */
  #wanting = false;
  /** Why the reader wants no more, when that is no failure of the task. */
  #failure: { readonly error: unknown } | undefined;
  /** The reader has left. */
  #left = false;
  /** The end, or the failure, has been told. */
  #over = false;

  /** `start` submits the stream. */
  constructor(lead: Lead, start: (inlet: StreamInlet) => ScopedTask<unknown>) {
    this.#window = new CreditWindow(lead);
    this.#start = start;
  }

  // ---- the producer's side ----

  get first(): Credit {
    return this.#window.first;
  }

  connect(grant: (credit: Credit) => void): void {
    this.#grant = grant;
  }

  put(item: unknown, weight = 0): number {
    this.#came(new NearItem(item, weight));
    return weight;
  }

  flush(wanting: boolean): void {
    this.#wanting = wanting;
    this.#serve();
  }

  arrived(items: ArrivedItems): void {
    this.#wanting = items.wanting;
    if (items.isEmpty) this.#serve();
    else this.#came(items);
  }

  #came(items: WaitingItems): void {
    this.begun = true;
    if (this.#isClosing) return;
    this.#items.push(items);
    this.#serve();
  }

  // ---- the reader's side ----

  /** The next item. Parks the task. `handle` is what the reader holds. */
  next(handle: object): Promise<Step<Y>> {
    if (this.#over) return Promise.resolve(done);
    const scope = currentScope();
    if (scope.error === undefined && this.#reads.length === 0 && this.#items.length > 0 && this.#mayHandOut) {
      try {
        return Promise.resolve({ done: false, value: this.#take() });
      } catch (error) {
        this.#fail(error);
      }
    }
    const read = new Read<Y>(scope, handle, (error) => this.#fail(error));
    this.#reads.push(read);
    if (scope.error !== undefined) this.#fail(scope.error);
    this.#open();
    this.#serve();
    return read.promise;
  }

  /** The reader leaves: the generator returns, and its `finally` has run when this resolves. Rejects with what that throws. */
  async leave(): Promise<void> {
    if (this.#over) return;
    this.#left = true;
    const task = this.#task;
    if (task !== undefined && !task.settled) {
      this.#items.clear();
      task.cancelWith(cancelledBy("its reader left the loop", `The stream ${task.name}`));
      await new Promise<void>((resolve) => task.onEnd(resolve));
      try {
        // Told to the one that leaves, unless a read that waits is told.
        if (!this.#over && this.#reads.length === 0) this.#throwAtEnd();
      } finally {
        this.#finish();
      }
    } else this.#finish();
  }

  /** Nobody holds the reading end any more. */
  abandon(): void {
    void this.leave().catch(() => {});
  }

  /** Items are handed out: neither the reader nor the stream has been cancelled. A result that was committed before a cancel counts. */
  get #mayHandOut(): boolean {
    const task = this.#task;
    return !this.#isClosing && (task?.error === undefined || (task.settled && !this.#wasCancelled));
  }

  get #isClosing(): boolean {
    return this.#left || this.#failure !== undefined;
  }

  get #wasCancelled(): boolean {
    const { error, outcome } = this.#task as ScopedTask<unknown>;
    return outcome !== undefined && outcome.state !== "succeeded" && outcome.error === error;
  }

  #open(): void {
    const start = this.#start;
    if (start === undefined || this.#isClosing) return;
    this.#start = undefined;
    const task = this.#context.runInAsyncScope(() => start(this));
    this.#task = task;
    task.whenSettled(() => this.#serve());
  }

  #take(): Y {
    const items = this.#items.at(0) as WaitingItems;
    try {
      return items.next() as Y;
    } finally {
      if (items.isEmpty) this.#items.shift();
      const credit = this.#window.taken(items.weight);
      if (credit !== undefined) this.#grant?.(credit);
    }
  }

  /** The reader was cancelled, or could not read an item: it has left the loop, and nobody else would tell the generator. */
  #fail(error: unknown): void {
    if (this.#isClosing) return;
    this.#failure = { error };
    this.#items.clear();
    this.#task?.cancelWith(cancelledBy(error, `The stream ${this.#task.name}`));
    this.#serve();
  }

  /** Answers the reads that can be answered now. */
  #serve(): void {
    while (this.#reads.length > 0 && this.#items.length > 0 && this.#mayHandOut) {
      let value: Y;
      try {
        value = this.#take();
      } catch (error) {
        this.#fail(error);
        return;
      }
      const read = this.#reads.shift() as Read<Y>;
      read.end();
      read.resolve({ done: false, value });
    }
    if (this.#reads.length === 0) return;
    if (this.#task === undefined ? this.#isClosing : this.#task.settled) this.#finish();
    else if (!this.#isClosing) {
      const credit = this.#window.starved(this.#wanting);
      if (credit === undefined) return;
      this.#wanting = false;
      this.#grant?.(credit);
    }
  }

  /** The task is over, and so is everything that is handed out: the first who waits is told how, the others that it is over. */
  #finish(): void {
    for (let read = this.#reads.shift(); read; read = this.#reads.shift()) {
      read.end();
      try {
        if (read.scope.error !== undefined) throw read.scope.error;
        if (!this.#over) this.#throwAtEnd();
        read.resolve(done);
      } catch (error) {
        read.reject(error);
      }
      this.#over = true;
    }
    this.#over = true;
    this.#items.clear();
  }

  /** Throws what the stream ended with, if that was no success and not the reader's own leaving. */
  #throwAtEnd(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    const outcome = this.#task?.outcome;
    if (outcome === undefined || outcome.state === "succeeded" || (this.#left && this.#wasCancelled)) return;
    throw outcome.error;
  }
}
