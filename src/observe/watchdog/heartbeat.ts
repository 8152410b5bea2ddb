// Heartbeat: how long the event loop of this thread stood still between two turns of a timer.
//
// A late timer is not enough: in a process that was stopped, or on a machine with no time for it, timers are late too. So the time is taken
// off that the loop spent in the operating system with nothing to do, and that the thread waited for a processor.
import { RunDelay } from "./run-delay.ts";

/** A stretch of time in which the loop did not turn. */
export interface Standstill {
  /** On the scale of `performance.now()`: of the last turn before it. */
  readonly fromMs: number;
  readonly blockedMs: number;
}

export class Heartbeat {
  readonly intervalMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #runDelay = new RunDelay();
  #lastMs = performance.now();
  #lastExcusedMs = this.#excusedMs();

  /** Beats until it is stopped. Does not keep the program alive. */
  constructor(intervalMs: number, onBeat: () => void) {
    this.intervalMs = intervalMs;
    // Named, to be recognised in a stack.
    this.#timer = setInterval(function brigadeHeartbeat() {
      onBeat();
    }, intervalMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#runDelay.close();
  }

  /** Looks at the time since the last look, and begins anew: a standstill of at least `limitMs`, if there was one. */
  look(limitMs: number): Standstill | undefined {
    const [fromMs, excusedFromMs] = [this.#lastMs, this.#lastExcusedMs];
    this.#lastMs = performance.now();
    this.#lastExcusedMs = this.#excusedMs();
    const gapMs = this.#lastMs - fromMs;
    const activeMs = gapMs - (this.#lastExcusedMs - excusedFromMs);
    // It began somewhere between two beats, so it lasted at least as long as the beat is late and at most since the last one.
    const lateMs = gapMs - this.intervalMs;
    if (lateMs < limitMs || activeMs < limitMs) return undefined;
    return { fromMs, blockedMs: Math.min(gapMs, Math.max(lateMs, activeMs)) };
  }

  /** Time in which no code can be blamed, so far. */
  #excusedMs(): number {
    return performance.eventLoopUtilization().idle + this.#runDelay.read();
  }
}
