// The ends of a channel between threads, as this thread has them: which of its objects is which end.
//
// An end is one thing however many threads have it: whoever closes it closes it. It is *held* by threads, and closed when all that held
// it are dead. Giving it away hands it over: once everything that was given has arrived, the giver holds it no more.

import { type Asking, asking, type QueueValue } from "../../memory/queue-asking.ts";
import type { SharedQueue } from "../../memory/shared-queue.ts";
import { thisThread } from "../../memory/this-thread.ts";

/** An end on its way to another thread. */
export interface TravellingEnd {
  readonly end: number;
  readonly endTicket: number;
  readonly giver: number;
}

export class Ends {
  readonly #queue: SharedQueue;
  readonly #known = new WeakMap<object, Asking>();
  /** Ends that were open when the channel moved, and whose objects have not been met since. */
  readonly #unmet: { readonly sends: Asking[]; readonly receives: Asking[] } = { sends: [], receives: [] };

  constructor(queue: SharedQueue) {
    this.#queue = queue;
  }

  /** So many ends are open whose objects nobody knows yet. */
  load(senders: number, receivers: number): void {
    for (let n = 0; n < senders; n++) this.#unmet.sends.push({ ...asking, ...this.#queue.openEnd(true) });
    for (let n = 0; n < receivers; n++) this.#unmet.receives.push({ ...asking, ...this.#queue.openEnd(false) });
  }

  open(side: object, sends: boolean): void {
    this.#known.set(side, { ...asking, ...this.#queue.openEnd(sends) });
  }

  /** Who asks on that side; the channel itself for `undefined`. */
  asking(side: object | undefined): Asking {
    if (side === undefined) return asking;
    let known = this.#known.get(side);
    if (known === undefined) {
      const unmet = "send" in side ? this.#unmet.sends : this.#unmet.receives;
      known = unmet.pop() ?? closedEnd;
      this.#known.set(side, known);
    }
    return known;
  }

  isOpen(side: object | undefined): boolean {
    const { end, endTicket } = this.asking(side);
    return this.#queue.isOpenEnd(end, endTicket);
  }

  close(side: object, error: QueueValue | undefined): void {
    const { end, endTicket } = this.asking(side);
    this.#queue.closeEnd(end, endTicket, error);
  }

  give(side: object): TravellingEnd {
    const { end, endTicket } = this.asking(side);
    this.#queue.giveEnd(end, endTicket);
    return { end, endTicket, giver: thisThread() };
  }

  /** An end has arrived as this object; false when it is closed. */
  receive(side: object, { end, endTicket, giver }: TravellingEnd): boolean {
    this.#known.set(side, { ...asking, end, endTicket });
    return this.#queue.receiveEnd(end, endTicket, giver);
  }
}

/** One that was closed before the channel moved: no end has such a ticket at such a place. */
const closedEnd: Asking = { ...asking, end: 1, endTicket: 0 };
