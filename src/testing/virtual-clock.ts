// Virtual clock (Trio's MockClock with autojump, Kotlin's runTest): time stands still while anything can run and jumps to
// the next timer when all is parked.
//
// "All is parked" is seen from outside: a macrotask turn drains every microtask there is, so after some quiet turns only
// timers are left. Real I/O is invisible here: work that waits for it needs `advance` by hand, or the system clock.
import type { Clock } from "../core/clock.ts";
import { exchangeRandom, seededRandom } from "../core/random.ts";
import { timers } from "../core/timers.ts";

/** Time under control. */
export interface VirtualClock {
  /** Virtual ms since the start. */
  readonly now: number;
  /** Runs everything due in the next `ms`, and what that sets going. `RangeError` unless finite and not negative. */
  advance(ms: number): Promise<void>;
  /** Resolves when nothing can run without time passing. */
  idle(): Promise<void>;
}

/** Turns of the event loop that count as quiet: a chain of a few `setImmediate`s is followed. */
const quietTurns = 4;

/** The clock as the timer heap sees it: it never rings by itself. */
class StoppedClock implements Clock {
  #nowMs = 0;

  now(): number {
    return this.#nowMs;
  }
  setAlarm(): void {}
  clearAlarm(): void {}

  /** Moves to an instant and fires what is due. */
  moveTo(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs);
    timers.runDue();
  }
}

async function quiet(): Promise<void> {
  for (let turn = 0; turn < quietTurns; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Runs `fn` with a clock that jumps to the next timer when all is parked; brigade's own times follow it (`sleep`,
 *  `timeout`, deadlines, `metrics`), the platform's timers and `Date` do not. `seed` makes brigade's random choices
 *  repeatable. Time begins at 0. Rejects as `fn` does. Not for two calls at once on one thread: throws `TypeError`.
 *
 *  @example
 *  ```ts
 *  const elapsed = await withVirtualClock(async (clock) => {
 *    await sleep(60_000); // takes no time
 *    return clock.now;
 *  }); // 60000
 *  ```
 */
export async function withVirtualClock<R>(
  fn: (clock: VirtualClock) => R,
  options?: { readonly seed?: number | undefined },
): Promise<Awaited<R>> {
  if (typeof fn !== "function") throw new TypeError("withVirtualClock needs a function: withVirtualClock(async (clock) => { … }).");
  if (options?.seed !== undefined && !Number.isFinite(options.seed)) throw new RangeError("The option seed must be a finite number.");
  if (active) throw new TypeError("withVirtualClock is already active on this thread: one virtual time at once.");
  active = true;
  const clock = new StoppedClock();
  const previousClock = timers.exchangeClock(clock);
  const previousRandom = options?.seed === undefined ? undefined : exchangeRandom(seededRandom(options.seed));
  let over = false;
  // Whoever moves time by hand, or looks at a quiet moment, must not have it jump away meanwhile or right after.
  let holding = 0;
  let holds = 0;
  const hold = async (work: () => Promise<void>) => {
    holding++;
    await work();
    holding--;
    holds++;
  };
  const control: VirtualClock = {
    get now() {
      return clock.now();
    },
    async advance(ms) {
      if (!Number.isFinite(ms) || ms < 0)
        throw new RangeError(`advance needs a finite number of milliseconds, 0 or more, not ${String(ms)}.`);
      await hold(async () => {
        const untilMs = clock.now() + ms;
        await quiet();
        while (timers.nextAtMs <= untilMs) {
          clock.moveTo(timers.nextAtMs);
          await quiet();
        }
        clock.moveTo(untilMs);
        await quiet();
      });
    },
    idle: () => hold(quiet),
  };
  const jump = async () => {
    while (!over) {
      const before = holds;
      await quiet();
      if (!over && holding === 0 && holds === before && timers.nextAtMs !== Number.POSITIVE_INFINITY) clock.moveTo(timers.nextAtMs);
    }
  };
  const jumping = jump();
  try {
    return await fn(control);
  } finally {
    over = true;
    await jumping;
    timers.exchangeClock(previousClock);
    if (previousRandom) exchangeRandom(previousRandom);
    active = false;
  }
}

let active = false;
