// Credit: how far a generator may run ahead of its reader, in items and in bytes (the credits of Kung and Chapman's flow control for
// ATM, 1993; the windows of HTTP/2).
//
// Invariants
// - What was granted is what has been taken from the window plus the window: the producer is never further ahead of its reader than
//   `items` items, nor than `bytes` bytes and one item more, since an item's weight is known only once it is there.
// - A reader that has read all that was sent owes at least half of a window that is spent, in items or in bytes. So it has granted it,
//   and a producer that waits is never forgotten.
import type { Level } from "../../../contract/portable.ts";
import { enterOperation } from "../../../core/parked.ts";
import { ParkingLot } from "../../../core/parking-lot.ts";

/** Leave to send so many items and so many bytes. Bytes are those of the codec; 0 for what is handed over by reference. */
export interface Credit {
  readonly items: number;
  readonly bytes: number;
}

/** How far a stream runs ahead. */
export interface Lead {
  /** Items that its window begins with. */
  readonly first: number;
  /** Items that its window may grow to. */
  readonly most: number;
  readonly bytes: number;
  /** Credit is given back only while the reader waits for an item, so that the generator stands still while the reader works. */
  readonly lockstep: boolean;
}

/** Between workers: a window that begins small, since a reader may want three items of a million, and grows to what hides the way. */
const farLead: Lead = { first: 16, most: 1024, bytes: 1024 * 1024, lockstep: false };
/** On this thread there is no way to hide. */
const nearLead: Lead = { first: 16, most: 16, bytes: 1024 * 1024, lockstep: false };
/** With no concurrency at all. */
const noLead: Lead = { first: 1, most: 1, bytes: 1024 * 1024, lockstep: true };

/** How far ahead a stream runs on an executor of this level. */
export function leadOf(level: Level): Lead {
  if (level === "serial") return noLead;
  return level === "coroutine" ? nearLead : farLead;
}

/** The producer's side: what it may still send. */
export class Allowance {
  readonly waitingFor = "the reader of its stream";
  #items: number;
  #bytes: number;
  readonly #line = new ParkingLot<void>(this);

  constructor({ items, bytes }: Credit) {
    this.#items = items;
    this.#bytes = bytes;
  }

  /** Nothing may be sent before the reader grants more. */
  get isSpent(): boolean {
    return this.#items <= 0 || this.#bytes <= 0;
  }

  /** It is the number of items that is spent: a wider window would have helped. */
  get wantsItems(): boolean {
    return this.#items <= 0;
  }

  /** An item is on its way. */
  spend(bytes: number): void {
    this.#items--;
    this.#bytes -= bytes;
  }

  grant({ items, bytes }: Credit): void {
    this.#items += items;
    this.#bytes += bytes;
    if (!this.isSpent) this.#line.settleAll();
  }

  /** Parks the task until something may be sent. Rejects when it is cancelled. */
  async untilGranted(): Promise<void> {
    while (this.isSpent) await this.#line.park(enterOperation(), undefined, undefined).promise;
  }
}

/** The reader's side: what it gives back, and when. */
export class CreditWindow {
  /** What the producer begins with. */
  readonly first: Credit;
  readonly #most: number;
  readonly #bytes: number;
  readonly #lockstep: boolean;
  #items: number;
  /** Read, and not yet given back. */
  #owedItems = 0;
  #owedBytes = 0;

  constructor({ first, most, bytes, lockstep }: Lead) {
    this.first = { items: first, bytes };
    this.#items = first;
    this.#most = most;
    this.#bytes = bytes;
    this.#lockstep = lockstep;
  }

  /** The reader took an item: what to grant now, if anything. Half a window at a time, so that credit costs little and the producer
   *  need not stop for it. */
  taken(bytes: number): Credit | undefined {
    this.#owedItems++;
    this.#owedBytes += bytes;
    const due = this.#owedItems * 2 >= this.#items || this.#owedBytes * 2 >= this.#bytes;
    return due && !this.#lockstep ? this.#giveBack(0) : undefined;
  }

  /** The reader waits and nothing is there. `wanting`: the producer had to stop for want of items, so that the window is too small for
   *  the two of them: it is doubled. */
  starved(wanting: boolean): Credit | undefined {
    if (this.#lockstep) return this.#owedItems > 0 ? this.#giveBack(0) : undefined;
    const more = wanting ? Math.min(this.#items, this.#most - this.#items) : 0;
    this.#items += more;
    return more > 0 ? this.#giveBack(more) : undefined;
  }

  #giveBack(more: number): Credit {
    const credit = { items: this.#owedItems + more, bytes: this.#owedBytes };
    this.#owedItems = 0;
    this.#owedBytes = 0;
    return credit;
  }
}
