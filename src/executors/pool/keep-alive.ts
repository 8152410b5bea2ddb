// What keeps the program alive: work that waits or runs, never an idle worker. One handle for the whole program, held
// while anybody needs it, so that links and workers can stay unreferenced for good.

let holders = 0;
let handle: NodeJS.Timeout | undefined;

/** Keeps the event loop alive until `release`. */
export class KeepAlive {
  #held = false;

  hold(): void {
    if (this.#held) return;
    this.#held = true;
    if (++holders === 1) handle = setInterval(() => {}, 2 ** 31 - 1);
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    if (--holders === 0) clearInterval(handle);
  }
}
