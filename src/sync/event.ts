// Event: a flag to wait for (asyncio's and Trio's).
import type { LockOptions } from "../contract/sync.ts";
import type { Clause, WaitOptions } from "../contract/waiting.ts";
import { bindToThread } from "../core/thread-bound.ts";
import { Gate, PassingClause } from "./gate.ts";
import { inWords } from "./name.ts";

/** A flag to wait for. `set()` wakes everybody who waits now, also when `clear()` follows before they have run.
 *
 *  @example
 *  ```ts
 *  const ready = new Event({ name: "ready" });
 *  const waiting = ready.wait();
 *  ready.set();
 *  await waiting;
 *  const isSet = ready.isSet; // true
 *  ```
 */
export class Event {
  readonly #gate: Gate;

  constructor(options?: LockOptions) {
    this.#gate = new Gate(inWords("event", options?.name), false);
  }

  get isSet(): boolean {
    return this.#gate.isOpen;
  }

  /** Sets the flag; nothing when it is set. Never waits. */
  set(): void {
    this.#gate.open();
  }

  /** Takes the flag back: who waits from now on waits for the next `set()`. Never waits. */
  clear(): void {
    this.#gate.isOpen = false;
  }

  /** Parks the task until the flag is set. Rejects with `CancelledError` or, after `timeout` ms, `TimeoutError`.
   *
   *  @example
   *  ```ts
   *  const stopped = new Event();
   *  const error = await stopped.wait({ timeout: 1 }).catch((error) => error.name);
   *  console.log(error); // TimeoutError
   *  ```
   */
  wait(options?: WaitOptions): Promise<void> {
    return this.#gate.wait(options);
  }

  /** A clause that is ready while the flag is set. Never waits.
   *
   *  @example
   *  ```ts
   *  const stop = new Event();
   *  stop.set();
   *  const got = await select({ stop: stop.waiting(), late: after(1_000) });
   *  console.log(got.key); // stop
   *  ```
   */
  waiting(): Clause<void> {
    return new PassingClause(this.#gate);
  }
}
bindToThread(Event, "an Event");
