// Heartbeat: how long the event loop of this thread stood still between two turns of a timer.
//
// A late timer is not enough: in a process that was stopped, or on a machine with no time for it, timers are late too. So the time that the
// loop spent in the operating system, with nothing to do, is taken off.

/** A stretch of time in which the loop did not turn. */
export interface Standstill {
  /** On the scale of `performance.now()`: of the last turn before it. */
  readonly fromMs: number;
  readonly blockedMs: number;
}

export class Heartbeat {
  readonly intervalMs: number;
  readonly #timer: NodeJS.Timeout;
  #lastMs = performance.now();
  #lastIdleMs = performance.eventLoopUtilization().idle;

  /** Beats until it is stopped. Does not keep the program alive. */
  constructor(intervalMs: number, onBeat: () => void) {
    this.intervalMs = intervalMs;
    this.#timer = setInterval(function brigadeHeartbeat() {
      onBeat();
    }, intervalMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks at the time since the last look, and begins anew: a standstill of at least `limitMs`, if there was one. */
  look(limitMs: number): Standstill | undefined {
    const nowMs = performance.now();
    const idleMs = performance.eventLoopUtilization().idle;
    const [fromMs, gapMs, activeMs] = [this.#lastMs, nowMs - this.#lastMs, nowMs - this.#lastMs - (idleMs - this.#lastIdleMs)];
    this.#lastMs = nowMs;
    this.#lastIdleMs = idleMs;
    // It began somewhere between two beats, so it lasted at least as long as the beat is late and at most since the last one.
    const lateMs = gapMs - this.intervalMs;
    if (lateMs < limitMs || activeMs < limitMs) return undefined;
    return { fromMs, blockedMs: Math.min(gapMs, Math.max(lateMs, activeMs)) };
  }
}
