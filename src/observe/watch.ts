// `watch`: the findings of this thread as they happen.
import { UnsupportedError } from "../contract/errors.ts";
import { checkDuration } from "../core/durations.ts";
import { checkSignal, listenToSignal, type SignalListener, stopListening } from "../core/signals.ts";
import { startWatching, stopWatching, type Watcher, type WatchSettings } from "./detectors.ts";
import type { Finding } from "./finding.ts";
import { FindingQueue } from "./finding-queue.ts";

/** What to look for. */
export interface WatchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Report a loop that stood still this long, and blocking waits (`joinSync`) that kept coroutines waiting this long; 0 is off.
   *  Default 50. */
  readonly blockedLoopMs?: number | undefined;
  /** Report a lock held this long; 0 is off. Default 1000. */
  readonly lockHeldMs?: number | undefined;
  /** Default true. */
  readonly deadlock?: boolean | undefined;
  /** Report updates lost between a read and a write. Not there yet: `true` throws `UnsupportedError`. */
  readonly raceCheck?: boolean | undefined;
  /** Report work whose level costs more than it gives. Not there yet: no such finding is reported, whatever is set. */
  readonly levelTooHeavy?: boolean | undefined;
}

/** What a watch looks for unless it is told otherwise. */
export const defaultWatch: WatchSettings = { blockedLoopMs: 50, lockHeldMs: 1_000, deadlock: true };

/** The findings of a watch. */
export interface Findings extends AsyncIterable<Finding> {
  /** Findings that were lost because they were read too slowly: 1,000 wait at most, then the oldest is dropped. */
  readonly dropped: number;
}

class Watch implements Watcher, Findings, AsyncIterator<Finding, undefined>, SignalListener {
  readonly settings: WatchSettings;
  readonly #queue = new FindingQueue();
  readonly #signal: AbortSignal | undefined;
  #over = false;

  constructor(settings: WatchSettings, signal: AbortSignal | undefined) {
    this.settings = settings;
    this.#signal = signal;
    if (signal?.aborted) {
      this.#over = true;
      this.#queue.close();
      return;
    }
    if (signal) listenToSignal(signal, this);
    startWatching(this);
  }

  get dropped(): number {
    return this.#queue.dropped;
  }

  take(finding: Finding): void {
    this.#queue.put(finding);
  }

  loopEnded(): void {
    this.#end();
  }

  onAbort(): void {
    this.#end();
  }

  [Symbol.asyncIterator](): AsyncIterator<Finding, undefined> {
    return this;
  }

  async next(): Promise<IteratorResult<Finding, undefined>> {
    try {
      return await this.#queue.take();
    } catch (error) {
      // The reader was cancelled, and a loop that fails does not call `return`.
      this.#end();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Finding, undefined>> {
    this.#end();
    return { done: true, value: undefined };
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#signal) stopListening(this.#signal, this);
    stopWatching(this);
    this.#queue.close();
  }
}

/** Watches this thread from now on, and gives its findings as they happen, until `signal` aborts, the reading loop is left, or the
 *  event loop of the program has nothing left to do: what never ends is found then, and the watch with it. Reading parks the task;
 *  watching keeps no program alive. Any number may watch at once and share the work. While anybody watches, locks, waits and tasks are
 *  noted with a stack (a few microseconds each), and a second thread looks after the event loop of the main thread; afterwards nothing
 *  is left.
 *
 *  Found today: `blocked-loop`, `blocking-wait`, `deadlock`, `lock-held-too-long`, `lost-failure`, `unawaited-task`, `stuck-at-exit`.
 *  Each finding is also published on the `diagnostics_channel` `"brigade:finding"`, those included that come too late for any reader.
 *  `BRIGADE_WATCH=1` in the environment prints the findings of a program without a change to it.
 *
 *  Throws `RangeError` for times that are none, and `UnsupportedError` for `raceCheck: true`. Where no stack can be read (on workers, and
 *  under Node's permission model without `--allow-worker` and `--allow-inspector`) a blocked loop is reported without one, and says why.
 *
 *  @example
 *  ```ts
 *  const [a, b] = [new Mutex({ name: "a" }), new Mutex({ name: "b" })];
 *  const take = async (first: Mutex, second: Mutex) => {
 *    await first.acquire();
 *    await sleep(1);
 *    await second.acquire(); // never: the other has it
 *  };
 *  const findings = watch({ blockedLoopMs: 0 }); // a busy machine's stalls are not what this is about
 *  void Promise.all([take(a, b), take(b, a)]);
 *  for await (const { code } of findings) {
 *    console.log(code); // deadlock
 *    break;
 *  }
 *  ```
 */
export function watch(options: WatchOptions = {}): Findings {
  const { signal, raceCheck = false } = options;
  const { blockedLoopMs = defaultWatch.blockedLoopMs, lockHeldMs = defaultWatch.lockHeldMs, deadlock = defaultWatch.deadlock } = options;
  checkSignal(signal);
  checkDuration("The option blockedLoopMs", blockedLoopMs);
  checkDuration("The option lockHeldMs", lockHeldMs);
  if (raceCheck) {
    throw new UnsupportedError("raceCheck is not there yet: leave it out, and watch for the other findings.", "raceCheck");
  }
  const finite = (ms: number) => (Number.isFinite(ms) ? ms : 0);
  return new Watch({ blockedLoopMs: finite(blockedLoopMs), lockHeldMs: finite(lockHeldMs), deadlock }, signal);
}
