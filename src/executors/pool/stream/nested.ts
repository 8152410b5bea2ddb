// A stream that a worker reads and another executor of this side runs: items pass through as they came, credit comes back.
import { NotSerializableError } from "../../../contract/errors.ts";
import { runOutside } from "../../../core/context.ts";
import type { PoolWorker } from "../pool-worker.ts";
import type { Credit } from "./credit.ts";
import type { ArrivedItems, StreamInlet } from "./inlet.ts";
import { BatchOutlet } from "./outlet.ts";

/** The reading end of a worker, as this side knows it. */
export class NestedStream implements StreamInlet {
  readonly first: Credit;
  begun = false;
  readonly #worker: PoolWorker;
  readonly #id: number;
  readonly #outlet: BatchOutlet;
  readonly #refuse: (error: unknown) => void;
  #grant: ((credit: Credit) => void) | undefined;

  /** `id` is the number that the worker gave its submission; `refuse` ends the stream when an item cannot go there. */
  constructor(worker: PoolWorker, id: number, first: Credit, refuse: (error: unknown) => void) {
    this.#worker = worker;
    this.#id = id;
    this.first = first;
    this.#refuse = refuse;
    this.#outlet = new BatchOutlet(worker.link, id);
  }

  connect(grant: (credit: Credit) => void): void {
    this.#grant = grant;
  }

  /** The worker's reader grants more. */
  granted(credit: Credit): void {
    this.#grant?.(credit);
  }

  /** Items of an executor of this thread. */
  put(item: unknown): number {
    this.begun = true;
    return this.#outlet.put(item);
  }

  flush(wanting: boolean): void {
    this.#outlet.flush(wanting);
  }

  /** Items of another worker: the bytes as they came. */
  arrived(items: ArrivedItems): void {
    this.begun = true;
    const { link } = this.#worker;
    const { packed, wanting, payload } = items;
    if (payload.attachments?.length && !payload.stays && !link.sharesMemory) {
      const message = "An item is memory that the threads of one process share: it cannot go to another process. Yield a copy.";
      this.#refuse(new NotSerializableError(message, "item"));
      return;
    }
    runOutside(() => link.send({ type: "items", id: this.#id, packed, wanting, payload }));
  }
}
