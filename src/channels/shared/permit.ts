// A permit of a channel between threads. States: **held** → **spent**. It stays on the thread that reserved it.
import type { Permit } from "../../contract/channel.ts";
import { NotOwnerError } from "../../contract/errors.ts";
import { bindToThread } from "../../core/thread-bound.ts";

export class SharedPermit<T> implements Permit<T> {
  readonly #fill: (value: T) => void;
  readonly #giveBack: () => void;
  #spent = false;

  constructor(fill: (value: T) => void, giveBack: () => void) {
    this.#fill = fill;
    this.#giveBack = giveBack;
  }

  send(value: T): void {
    if (this.#spent) throw new NotOwnerError("This permit was good for one value and is spent; reserve another.");
    this.#spent = true;
    this.#fill(value);
  }

  [Symbol.dispose](): void {
    if (this.#spent) return;
    this.#spent = true;
    this.#giveBack();
  }
}
bindToThread(SharedPermit, "a permit of a channel");
