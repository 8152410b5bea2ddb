// One time limit over several waits, one after the other.
import type { WaitOptions } from "../contract/waiting.ts";
import { timers } from "../core/timers.ts";

export class WholeWait {
  readonly #options: WaitOptions | undefined;
  readonly #untilMs: number;

  constructor(options: WaitOptions | undefined) {
    this.#options = options;
    this.#untilMs = options?.timeout === undefined ? Number.POSITIVE_INFINITY : timers.now() + options.timeout;
  }

  /** What the next wait may take. */
  rest(): WaitOptions | undefined {
    if (this.#untilMs === Number.POSITIVE_INFINITY) return this.#options;
    return { signal: this.#options?.signal, timeout: Math.max(0, this.#untilMs - timers.now()) };
  }
}
