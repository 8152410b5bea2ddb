// A permit: a place that was reserved. States: **held** → **spent**, by `send` or by giving it back, whichever comes first.
import type { Permit } from "../contract/channel.ts";
import { NotOwnerError } from "../contract/errors.ts";
import { bindToThread } from "../core/thread-bound.ts";
import type { SendingSide } from "./offer.ts";
import type { SendingHalf } from "./sending-half.ts";

export class HeldPermit<T> implements Permit<T> {
  readonly #half: SendingHalf<T>;
  readonly #side: SendingSide | undefined;
  #spent = false;

  constructor(half: SendingHalf<T>, side: SendingSide | undefined) {
    this.#half = half;
    this.#side = side;
  }

  send(value: T): void {
    if (this.#spent) throw new NotOwnerError("This permit was good for one value and is spent; reserve another.");
    this.#spent = true;
    this.#half.fillPlace(value, this.#side);
  }

  [Symbol.dispose](): void {
    if (this.#spent) return;
    this.#spent = true;
    this.#half.givePlaceBack();
  }
}
bindToThread(HeldPermit, "a permit of a channel");
