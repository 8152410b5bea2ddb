// An offer: what stands in the senders' line brings along.
import type { LineNode } from "../core/parked.ts";
import type { HeldPermit } from "./permit.ts";

/** The sending end as those who wait on it know it; `undefined` for the channel object itself. */
export interface SendingSide {
  readonly closed: boolean;
}

export class Offer<T> {
  readonly value: T;
  readonly side: SendingSide | undefined;
  /** Asks for a place and brings no value. */
  readonly reserves: boolean;

  constructor(value: T, side: SendingSide | undefined, reserves: boolean) {
    this.value = value;
    this.side = side;
    this.reserves = reserves;
  }
}

/** A send that may happen before it is over: on a broadcast of capacity 0, when the first end takes the value. */
export interface HandingOver {
  happened: boolean;
  /** Nobody has been told yet that it is over. */
  readonly waiting: boolean;
}

/** Who offers: a parked operation or a case of a select. */
export type OfferNode<T> = LineNode<HeldPermit<T> | undefined, Offer<T>>;
