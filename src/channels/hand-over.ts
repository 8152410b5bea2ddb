// A send on a broadcast of capacity 0: it has happened when the first end takes the value, and is over when every end has it.
// States: **in line** → **happened** → **over**; in line it can be cancelled, later a cancel finds it done.
import { Parked } from "../core/parked.ts";
import type { Offer } from "./offer.ts";
import type { HeldPermit } from "./permit.ts";

export class HandOver<T> extends Parked<HeldPermit<T> | undefined, Offer<T>> {
  happened = false;

  /** A committed result beats a cancel; those who are slower keep the value. */
  override cancel(error: unknown): void {
    if (this.happened) this.settle(undefined);
    else super.cancel(error);
  }
}
