// A held shared lock. A capability of the thread that has it: whoever has the object may release it, and it cannot travel.
import type { Guard } from "../../contract/sync.ts";

export class SharedGuard implements Guard {
  #release: (() => void) | undefined;

  constructor(release: () => void) {
    this.#release = release;
  }

  get held(): boolean {
    return this.#release !== undefined;
  }

  release(): void {
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
