// Broadcast: the public face of its core.
import type { ChannelOptions, ChannelStatistics, Permit, Receiver, Sender } from "../contract/channel.ts";
import type { Clause, WaitOptions } from "../contract/waiting.ts";
import { bindToThread } from "../core/thread-bound.ts";
import { BroadcastCore } from "./broadcast-core.ts";
import { SendingClause } from "./clauses/sending.ts";
import { ReceiverEnd, SenderEnd } from "./ends.ts";
import { checkSettings } from "./settings.ts";

/** The core of a broadcast, for what gives it to other threads and processes. */
export let coreOfBroadcast: <T>(broadcast: Broadcast<T>) => BroadcastCore<T>;
/** A broadcast over a core. */
export let broadcastOver: <T>(core: BroadcastCore<T>) => Broadcast<T>;

/** Every receiver gets every value that is sent after it was made. `capacity` values may wait for each; then sending waits for the
 *  slowest, or loses a value for those that are full, as `overflow` says. Without receivers a send resolves and the value is gone.
 *
 *  At capacity 0 a send waits until every receiver has taken the value. It has happened as soon as the first one has: a cancel that
 *  comes later lets it succeed, and the others still get the value.
 *
 *  @example
 *  ```ts
 *  const news = new Broadcast<string>(16);
 *  const ann = news.receiver();
 *  const bob = news.receiver();
 *  await news.send("rain");
 *  console.log(await ann.receive(), await bob.receive()); // rain rain
 *  ```
 */
export class Broadcast<in out T> implements Sender<T> {
  static {
    coreOfBroadcast = (broadcast) => broadcast.#core;
    broadcastOver = (core) => new Broadcast(core as never);
  }
  readonly #core: BroadcastCore<T>;

  /** `capacity` values may wait for each receiver: a whole number or `Infinity`, else `RangeError`; so for dropping without capacity. */
  constructor(capacity = 0, options?: ChannelOptions) {
    const given: unknown = capacity;
    this.#core = given instanceof BroadcastCore ? given : new BroadcastCore<T>(checkSettings("broadcast", capacity, options));
  }

  /** Closed; receivers may not have drained it yet. */
  get closed(): boolean {
    return this.#core.closed;
  }

  /** Waits until every receiver has room, or at capacity 0 until every receiver has the value. Rejects with `ChannelClosedError`, which
   *  gives the value back. Parks the task.
   *
   *  @example
   *  ```ts
   *  const news = new Broadcast<string>(1);
   *  await news.send("nobody hears this");
   *  ```
   */
  send(value: T, options?: WaitOptions): Promise<void> {
    return this.#core.send(value, undefined, options);
  }

  /** Sends when it need not wait; false when it would have to. Throws as `send` rejects; takes no notice of a cancel. Never waits.
   *
   *  @example
   *  ```ts
   *  const news = new Broadcast<string>(1);
   *  const reader = news.receiver();
   *  console.log(news.trySend("a"), news.trySend("b")); // true false
   *  reader.close();
   *  ```
   */
  trySend(value: T): boolean {
    return this.#core.attempt(value, undefined);
  }

  /** As `send`, blocking the thread, `timeoutMs` at most; then `TimeoutError`. On a broadcast that was made elsewhere; on one of this
   *  thread `UnsupportedError`, since its receivers need this thread. */
  sendSync(value: T, timeoutMs?: number): void {
    this.#core.sendSync(value, undefined, timeoutMs);
  }

  /** Waits for a place with every receiver and keeps it until the permit is used or disposed. Rejects as `send` does. Parks the task.
   *
   *  @example
   *  ```ts
   *  const news = new Broadcast<string>(1);
   *  const permit = await news.reserve();
   *  permit.send("a");
   *  ```
   */
  reserve(options?: WaitOptions): Promise<Permit<T>> {
    return this.#core.reserve(undefined, options);
  }

  /** A clause for `select`: sends the value when it is chosen. At capacity 0 it is chosen when the first receiver takes the value.
   *
   *  @example
   *  ```ts
   *  const news = new Broadcast<string>(1);
   *  await select({ sent: news.sending("a"), late: after(1_000) });
   *  ```
   */
  sending(value: T): Clause<void> {
    return new SendingClause(this.#core, value, undefined);
  }

  /** Another sending end. The broadcast closes with the last of them; the object itself is none.
   *
   *  @example
   *  ```ts
   *  const news = new Broadcast<string>(1);
   *  news.sender().close();
   *  console.log(news.closed); // true
   *  ```
   */
  sender(): Sender<T> {
    return new SenderEnd(this.#core);
  }

  /** Subscribes: gets every value sent from now on. Close it to leave, or those who send will wait for it.
   *
   *  @example
   *  ```ts
   *  const news = new Broadcast<string>(1);
   *  const reader = news.receiver();
   *  news.trySend("a");
   *  console.log(await reader.receive()); // a
   *  reader.close();
   *  ```
   */
  receiver(): Receiver<T> {
    const end = new ReceiverEnd(this.#core.join());
    this.#core.elsewhere?.openSide(end, false);
    return end;
  }

  /** Counts of this moment: `buffered` is what waits for the slowest receiver, `dropped` counts each receiver that lost a value. Never
   *  waits.
   *
   *  @example
   *  ```ts
   *  const news = new Broadcast<string>(4);
   *  news.receiver();
   *  await news.send("a");
   *  console.log(news.statistics().buffered); // 1
   *  ```
   */
  statistics(): ChannelStatistics {
    return this.#core.statistics();
  }

  /** Closes for senders whatever ends are left: pending senders reject, receivers get what is buffered and then end, or reject with
   *  `error` if one is given. Idempotent. Never waits.
   *
   *  @example
   *  ```ts
   *  const news = new Broadcast<string>();
   *  news.close();
   *  console.log(news.closed); // true
   *  ```
   */
  close(error?: unknown): void {
    this.#core.close(error);
  }

  /** `close()`. */
  [Symbol.dispose](): void {
    this.#core.close(undefined);
  }
}
bindToThread(Broadcast, "a Broadcast");
