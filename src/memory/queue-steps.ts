// The frame of each step on a shared queue: under the guard, and with the dead buried that were found on the way.

import { blockHeader } from "./block-heap.ts";
import type { Choices } from "./choices.ts";
import type { Obituary } from "./obituary.ts";
import { DONE, nothing, type QueueValue } from "./queue-asking.ts";
import { repairQueue } from "./queue-repair.ts";
import { QueueServing } from "./queue-serving.ts";
import { attachmentAt, FETCHING, FRESH, fetcherAt, lengthAt, QueueStore, threadAt } from "./queue-store.ts";

export abstract class QueueSteps {
  readonly store: QueueStore;
  protected readonly serving: QueueServing;
  /** What the last receive got. */
  taken: QueueValue = nothing;

  /** The queue in a buffer, as the thread `me` uses it. `Serving`: other rules, for models. */
  constructor(buffer: SharedArrayBuffer, me: number, obituary: Obituary, choices: Choices, lookMs?: number, Serving = QueueServing) {
    this.store = new QueueStore(buffer, me, obituary, lookMs);
    this.serving = new Serving(this.store, choices);
    this.store.repair = () => repairQueue(this.serving);
  }

  /** Under the guard. */
  protected step(step: () => number): number {
    this.store.enter();
    try {
      const outcome = step();
      this.serving.buryFound();
      return outcome;
    } finally {
      this.store.leave();
    }
  }

  protected write({ bytes, attachment }: QueueValue, state: number): number {
    const { store } = this;
    const block = store.create(bytes.byteLength, FRESH);
    store.set(block + lengthAt, bytes.byteLength);
    store.set(block + attachmentAt, attachment);
    store.heap.bytes.set(bytes, (block + blockHeader) * 4);
    if (state !== FRESH) store.setState(block, state);
    return block;
  }

  protected read(block: number): void {
    const { store } = this;
    const start = (block + blockHeader) * 4;
    const bytes = store.heap.bytes.slice(start, start + store.get(block + lengthAt));
    const attachment = store.get(block + attachmentAt);
    this.taken = { bytes, attachment, thread: store.get(block + threadAt), fetching: attachment === 0 ? 0 : block };
  }

  /** A value that was read is in the queue no more; with attachments it stays noted until they are `fetched`. */
  protected release(block: number): void {
    const { store } = this;
    if (store.get(block + attachmentAt) === 0) store.heap.free(block);
    else {
      store.set(block + fetcherAt, store.me);
      store.setState(block, FETCHING);
    }
  }

  /** The attachments of a received value are here, or are given up. Never waits. */
  fetched({ fetching = 0 }: QueueValue): void {
    if (fetching === 0) return;
    this.step(() => {
      this.store.heap.free(fetching);
      return DONE;
    });
  }
}
