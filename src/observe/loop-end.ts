// The end of the event loop: the moment at which nothing is left that could ever run again by itself.
//
// Node says `beforeExit` then, but any listener may have put new work on the loop, such as a last message that closes a channel. So the
// loop gets one more turn, and only when it is empty again it counts as ended.

export class LoopEnd {
  readonly #onEnd: () => void;
  #onceEmpty = false;
  readonly #onEmpty = () => {
    if (this.#onceEmpty) {
      this.#onceEmpty = false;
      this.#onEnd();
    } else {
      this.#onceEmpty = true;
      setImmediate(() => {});
    }
  };

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  watch(): void {
    process.on("beforeExit", this.#onEmpty);
  }

  stop(): void {
    process.off("beforeExit", this.#onEmpty);
    this.#onceEmpty = false;
  }
}
