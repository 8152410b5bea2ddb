// Health of a pool: deaths during start-up, counted as OTP counts restarts. More than `intensity` of them within `periodMs`
// and the pool is broken; until then each is followed by a longer pause. Deaths inside tasks are not counted: they fail
// their task and that is all.
import { timers } from "../../core/timers.ts";

const intensity = 3;
const periodMs = 10_000;
const firstPauseMs = 50;

export class Health {
  #failuresMs: number[] = [];
  /** No start before this instant. */
  #pausedUntilMs = 0;

  /** Milliseconds until the next start may be tried. */
  get pauseMs(): number {
    return Math.max(0, this.#pausedUntilMs - timers.now());
  }

  /** A worker died before it was ready. Returns whether the pool is broken by it. */
  startFailed(): boolean {
    const now = timers.now();
    this.#failuresMs = this.#failuresMs.filter((atMs) => now - atMs < periodMs);
    this.#failuresMs.push(now);
    this.#pausedUntilMs = now + firstPauseMs * 2 ** (this.#failuresMs.length - 1);
    return this.#failuresMs.length > intensity;
  }

  started(): void {
    this.#failuresMs = [];
    this.#pausedUntilMs = 0;
  }
}
