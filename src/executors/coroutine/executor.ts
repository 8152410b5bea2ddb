// The coroutine level: tasks take turns on this thread's event loop, `size` of them at once.
import type { Level } from "../../contract/portable.ts";
import { Injector } from "../pool/injector.ts";
import { LocalCore, type LocalCoreOptions, type LocalEntry } from "../pool/local-core.ts";

export class CoroutineCore<L extends Level = "coroutine"> extends LocalCore<L> {
  readonly #queue = new Injector<LocalEntry>();

  /** `level` is what the executor stands for; another level's when it replaces that (`BRIGADE_LEVEL`). */
  constructor(level: L, options: LocalCoreOptions) {
    super(level, "coroutine", options);
  }

  protected get free(): number {
    return Math.max(0, this.size - this.busy);
  }

  protected queueFor(): Injector<LocalEntry> {
    return this.#queue;
  }

  protected dispatch(): void {
    while (this.busy < this.size) {
      const entry = this.#queue.shift();
      if (entry === undefined) break;
      this.start(entry, true);
    }
    this.accounts.changed();
  }
}
