// The coroutine level: tasks take turns on this thread's event loop, `size` of them at once.
//
// A running task may submit to its own full executor and wait. For a place that it holds itself it would wait for ever, so
// it lends its place, to one task that it submitted at a time, when no other is free; what is lent may be lent on.
// Two full ones whose tasks wait crosswise for each other's work wait for ever, unless one is above the other: places are not lent
// across executors (pools with workers find that: pool/crosswise.ts).
//
// Invariant: `size` places, each with a chain of holders of whom every one but the last was lent from; a holder that ends
// leaves its place to the next in the chain.
import type { Level } from "../../contract/portable.ts";
import { startSoon } from "../../core/local-run.ts";
import type { CancelScope } from "../../core/scope.ts";
import type { ScopedTask } from "../../core/task.ts";
import { Injector } from "../pool/injector.ts";
import { LocalCore, type LocalCoreOptions, type LocalEntry } from "../pool/local-core.ts";

/** A running task that holds a place. */
interface Holder {
  /** What it submitted itself. */
  readonly queue: Injector<LocalEntry>;
  /** Whose place it is; `undefined` for its own. */
  lender: Holder | undefined;
  borrower: Holder | undefined;
  running: boolean;
  /** Has taken a place over from a lender that ended. */
  heir: boolean;
}

export class CoroutineCore<L extends Level = "coroutine"> extends LocalCore<L> {
  readonly #queue = new Injector<LocalEntry>();
  readonly #holders = new Map<CancelScope, Holder>();
  /** Those whose own queue may not be empty. */
  readonly #asking = new Set<Holder>();
  readonly #queues = new WeakMap<CancelScope, Injector<LocalEntry>>();

  /** `level` is what the executor stands for; another level's when it replaces that (`BRIGADE_LEVEL`). */
  constructor(level: L, options: LocalCoreOptions) {
    super(level, "coroutine", options);
  }

  protected get free(): number {
    return Math.max(0, this.size - this.busy);
  }

  protected queueFor(task: ScopedTask<unknown>): Injector<LocalEntry> {
    const known = this.#queues.get(task);
    if (known) return known;
    const holder = this.#holderAbove(task);
    const queue = holder?.queue ?? this.#queue;
    if (holder) this.#asking.add(holder);
    this.#queues.set(task, queue);
    return queue;
  }

  #holderAbove(task: ScopedTask<unknown>): Holder | undefined {
    for (let scope = task.parent; scope && this.#holders.size > 0; scope = scope.parent) {
      const holder = this.#holders.get(scope);
      if (holder) return holder;
    }
    return undefined;
  }

  protected dispatch(): void {
    // Children first: somebody who holds a place may be waiting for them.
    for (const holder of this.#asking) {
      while (this.busy < this.size && this.#startNext(holder.queue));
      if (holder.running && holder.borrower === undefined) this.#startNext(holder.queue, holder);
      if (holder.queue.length === 0) this.#asking.delete(holder);
    }
    while (this.busy < this.size && this.#startNext(this.#queue));
    this.accounts.changed();
  }

  /** Starts the next task of a queue, in a free place or in the lender's; false when the queue is empty. */
  #startNext(queue: Injector<LocalEntry>, lender?: Holder): boolean {
    const entry = queue.shift();
    if (entry === undefined) return false;
    const { task } = entry;
    // Where nothing is bounded nobody waits for a place, and nobody needs to know who holds one.
    if (this.size !== Number.POSITIVE_INFINITY) {
      const holder: Holder = { queue: new Injector(), lender, borrower: undefined, running: true, heir: false };
      this.#holders.set(task, holder);
      if (lender) lender.borrower = holder;
      task.onEnd(() => {
        this.#holders.delete(task);
        this.#leave(holder);
      });
    }
    this.start(entry, lender === undefined);
    return true;
  }

  #leave(holder: Holder): void {
    const { lender, borrower } = holder;
    holder.running = false;
    if (lender) lender.borrower = borrower;
    if (borrower) {
      borrower.lender = lender;
      borrower.heir = lender === undefined;
      // The place is not free: its first holder, which is counted out when it ends, hands it on.
      if (borrower.heir && !holder.heir) this.busy++;
    } else if (holder.heir) this.busy--;
    startSoon(() => this.dispatch());
  }
}
