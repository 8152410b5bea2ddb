// Keyed limiter: at most so many at once for each key (a user, an account, a host), each key with a line of its own. A composition: one
// capacity limiter's permits for each key in use.
import { CancelledError } from "../contract/errors.ts";
import type { LockOptions } from "../contract/sync.ts";
import type { WaitOptions } from "../contract/waiting.ts";
import { checkCount } from "../core/durations.ts";
import { bindToThread } from "../core/thread-bound.ts";
import { Gate } from "./gate.ts";
import { inWords } from "./name.ts";
import { Permits } from "./permits.ts";

/** Settings of a keyed limiter. */
export interface KeyedLimiterOptions extends LockOptions {
  /** How many may run at once for one key: a whole number of at least 1, or `Infinity`. */
  readonly concurrency: number;
}

/** A key in use. */
interface Lane {
  readonly permits: Permits;
  /** Calls of `run` that have not ended. */
  calls: number;
}

/** At most `concurrency` functions at once for each key, first in first out within a key; keys do not hold each other up. A key
 *  that nobody uses leaves nothing behind.
 *
 *  @example
 *  ```ts
 *  const accounts = new KeyedLimiter<string>({ concurrency: 1, name: "accounts" });
 *  const log: string[] = [];
 *  const note = (key: string, text: string) => accounts.run(key, async () => log.push(`${key} ${text}`));
 *  await Promise.all([note("ann", "in"), note("ben", "in"), note("ann", "out")]);
 *  console.log(log.join()); // ann in,ben in,ann out
 *  ```
 */
export class KeyedLimiter<K = string> {
  readonly #name: string | undefined;
  readonly #lanes = new Map<K, Lane>();
  readonly #pausedKeys = new Set<K>();
  readonly #idle: Gate;
  #concurrency: number;
  #paused = false;

  constructor({ concurrency, name }: KeyedLimiterOptions) {
    this.#concurrency = checkConcurrency(concurrency);
    this.#name = name;
    this.#idle = new Gate(`${inWords("keyed limiter", name)} to be idle`, true);
  }

  /** How many may run at once for one key; what runs goes on when it is lowered. Throws `RangeError` as the constructor does. */
  get concurrency(): number {
    return this.#concurrency;
  }
  set concurrency(concurrency: number) {
    this.#concurrency = checkConcurrency(concurrency);
    this.#resizeAll();
  }

  /** How many run, for one key or in all. */
  activeCount(...key: [key?: K]): number {
    return this.#sum(key, ({ permits }) => permits.taken);
  }

  /** How many wait, for one key or in all. */
  waitingCount(...key: [key?: K]): number {
    return this.#sum(key, ({ permits }) => permits.line.length);
  }

  /** Keys for which something runs or waits. */
  get keys(): readonly K[] {
    return [...this.#lanes.keys()];
  }

  /** Runs `fn` when there is room for its key, in the caller's context; inside the call when there is room now. Parks the task; rejects
   *  as `fn` does, which does not hold up the others, with `CancelledError` (also by `clear`), `TimeoutError`, and `DeadlockError` inside
   *  a `run` of the same key that leaves no room. The options limit the wait.
   *
   *  @example
   *  ```ts
   *  const limiter = new KeyedLimiter({ concurrency: 2 });
   *  const size = await limiter.run("example.org", async () => 42, { timeout: 1_000 }); // 42
   *  ```
   */
  async run<R>(key: K, fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    const lane = this.#open(key);
    try {
      return await lane.permits.with(fn, 1, options);
    } finally {
      this.#close(key, lane);
    }
  }

  /** Lets nothing begin for one key, or for any, until it is resumed in the same way; what runs goes on. Never waits. */
  pause(...key: [key?: K]): void {
    if (key.length === 0) this.#paused = true;
    else this.#pausedKeys.add(key[0] as K);
    this.#resizeAll();
  }

  /** Goes on after `pause()` of the same key, or of all. Never waits. */
  resume(...key: [key?: K]): void {
    if (key.length === 0) this.#paused = false;
    else this.#pausedKeys.delete(key[0] as K);
    this.#resizeAll();
  }

  /** Rejects all that wait with `CancelledError`, for one key or for all; what runs goes on. Never waits. */
  clear(...key: [key?: K]): void {
    for (const { permits } of this.#chosen(key)) {
      permits.line.failAll(() => new CancelledError(`${permits.waitingFor} was cleared before this could start.`));
    }
  }

  /** Parks the task until nothing waits or runs. Rejects with `CancelledError` or `TimeoutError`.
   *
   *  @example
   *  ```ts
   *  const limiter = new KeyedLimiter({ concurrency: 1 });
   *  const working = limiter.run("a", () => sleep(1));
   *  await limiter.drain();
   *  const active = limiter.activeCount(); // 0
   *  ```
   */
  drain(options?: WaitOptions): Promise<void> {
    return this.#idle.wait(options);
  }

  #open(key: K): Lane {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      const name = this.#name === undefined ? undefined : `${this.#name} ${String(key)}`;
      lane = { permits: new Permits("capacity limiter", name, this.#concurrency), calls: 0 };
      lane.permits.resize(this.#roomFor(key));
      this.#lanes.set(key, lane);
      this.#idle.isOpen = false;
    }
    lane.calls++;
    return lane;
  }

  #close(key: K, lane: Lane): void {
    if (--lane.calls > 0) return;
    this.#lanes.delete(key);
    if (this.#lanes.size === 0) this.#idle.open();
  }

  #roomFor(key: K): number {
    return this.#paused || this.#pausedKeys.has(key) ? 0 : this.#concurrency;
  }

  #resizeAll(): void {
    for (const [key, { permits }] of this.#lanes) permits.resize(this.#roomFor(key));
  }

  #chosen(key: readonly [key?: K]): Iterable<Lane> {
    if (key.length === 0) return this.#lanes.values();
    const lane = this.#lanes.get(key[0] as K);
    return lane === undefined ? [] : [lane];
  }

  #sum(key: readonly [key?: K], count: (lane: Lane) => number): number {
    let sum = 0;
    for (const lane of this.#chosen(key)) sum += count(lane);
    return sum;
  }
}
bindToThread(KeyedLimiter, "a KeyedLimiter");

function checkConcurrency(concurrency: number): number {
  return checkCount("The option concurrency", concurrency, 1, true);
}
