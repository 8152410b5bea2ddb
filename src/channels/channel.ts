// Channel: the public face of a core, and at the same time a sending and a receiving end that is not counted.
import type { ChannelOptions, ChannelStatistics, Permit, Receiver, Sender } from "../contract/channel.ts";
import type { Clause, WaitOptions } from "../contract/waiting.ts";
import { ChannelCore } from "./channel-core.ts";
import { ReceivingClause } from "./clauses/receiving.ts";
import { SendingClause } from "./clauses/sending.ts";
import { ReceiverEnd, SenderEnd } from "./ends.ts";
import { ValueIterator } from "./iterator.ts";
import { checkSettings } from "./settings.ts";

/** The core of a channel, for what moves it to other threads. */
export let coreOfChannel: <T>(channel: Channel<T>) => ChannelCore<T>;
/** A channel over a core. */
export let channelOver: <T>(core: ChannelCore<T>) => Channel<T>;

/** A FIFO queue between tasks: capacity 0 hands over, n buffers. Many may send and receive; each value goes to one receiver, and
 *  whoever has waited longest is served first. What is cancelled or timed out did not happen. Leaving `for await` does not close it.
 *
 *  A value that is a promise or another thenable arrives as what it resolves to, because `await` flattens; `for await` and `select`
 *  pass it on as it is.
 *
 *  @example
 *  ```ts
 *  const jobs = new Channel<number>(8, { name: "jobs" });
 *  for (const job of [1, 2, 3]) await jobs.send(job);
 *  jobs.close();
 *  let sum = 0;
 *  for await (const job of jobs) sum += job;
 *  console.log(sum); // 6
 *  ```
 */
export class Channel<in out T> implements Sender<T>, Receiver<T> {
  static {
    coreOfChannel = (channel) => channel.#core;
    channelOver = (core) => new Channel(core as never);
  }
  readonly #core: ChannelCore<T>;
  /** A clause describes and does nothing, so one is enough. */
  #receiving: ReceivingClause<T> | undefined = undefined;

  /** `capacity` values may wait: a whole number or `Infinity`, else `RangeError`; so for dropping without capacity. */
  constructor(capacity = 0, options?: ChannelOptions) {
    const given: unknown = capacity;
    this.#core = given instanceof ChannelCore ? given : new ChannelCore<T>(checkSettings("channel", capacity, options));
  }

  /** A channel in which sending never waits. Its buffer is as large as what nobody has received yet.
   *
   *  @example
   *  ```ts
   *  const log = Channel.unbounded<string>();
   *  log.trySend("started"); // true
   *  ```
   */
  static unbounded<T>(options?: Omit<ChannelOptions, "overflow">): Channel<T> {
    return new Channel<T>(Number.POSITIVE_INFINITY, { name: options?.name });
  }

  /** A channel that keeps the newest value only; sending never waits. What it replaces counts as dropped.
   *
   *  @example
   *  ```ts
   *  const position = Channel.latest<number>();
   *  position.trySend(1);
   *  position.trySend(2);
   *  console.log(position.tryReceive()); // 2
   *  ```
   */
  static latest<T>(options?: Omit<ChannelOptions, "overflow">): Channel<T> {
    return new Channel<T>(1, { name: options?.name, overflow: "drop-oldest" });
  }

  /** Closed; buffered values may be left. */
  get closed(): boolean {
    return this.#core.closed;
  }

  /** Waits for room (or, at capacity 0, for a receiver). Rejects with `ChannelClosedError` or `BrokenChannelError`, which give the
   *  value back. Parks the task.
   *
   *  @example
   *  ```ts
   *  const channel = new Channel<string>(1);
   *  await channel.send("a", { timeout: 1_000 });
   *  ```
   */
  send(value: T, options?: WaitOptions): Promise<void> {
    return this.#core.send(value, undefined, options);
  }

  /** Sends when it need not wait; false when it would have to. Throws as `send` rejects; takes no notice of a cancel. Never waits.
   *
   *  @example
   *  ```ts
   *  const channel = new Channel<string>(1);
   *  console.log(channel.trySend("a"), channel.trySend("b")); // true false
   *  ```
   */
  trySend(value: T): boolean {
    return this.#core.attempt(value, undefined);
  }

  /** As `send`, blocking the thread, `timeoutMs` at most; then `TimeoutError`. In worker threads, on a channel that other threads have, too;
   *  else `UnsupportedError`, because the other side would need this thread. */
  sendSync(value: T, timeoutMs?: number): void {
    this.#core.sendSync(value, undefined, timeoutMs);
  }

  /** Waits for a place (at capacity 0, for a receiver) and keeps it until the permit is used or disposed. For a value that must
   *  not be made before it can be sent. Where the oldest value is dropped it never waits and keeps nothing: there is always a place.
   *  Rejects as `send` does. Parks the task.
   *
   *  @example
   *  ```ts
   *  const channel = new Channel<number>(1);
   *  const permit = await channel.reserve();
   *  permit.send(42);
   *  console.log(await channel.receive()); // 42
   *  ```
   */
  reserve(options?: WaitOptions): Promise<Permit<T>> {
    return this.#core.reserve(undefined, options);
  }

  /** A clause for `select`: sends the value when it is chosen.
   *
   *  @example
   *  ```ts
   *  const channel = new Channel<number>(1);
   *  await select({ sent: channel.sending(42), late: after(1_000) });
   *  ```
   */
  sending(value: T): Clause<void> {
    return new SendingClause(this.#core, value, undefined);
  }

  /** Waits for a value; `undefined` once the channel is closed and drained. Rejects with the error given to `close`. Parks the task.
   *
   *  @example
   *  ```ts
   *  const channel = new Channel<number>();
   *  const [, value] = await all([() => channel.send(42), () => channel.receive()]);
   *  console.log(value); // 42
   *  ```
   */
  receive(options?: WaitOptions): Promise<T | undefined> {
    return this.#core.inbox.receive(undefined, options);
  }

  /** A value if one is there now, in the buffer or in the hands of a waiting sender; otherwise `undefined`. Throws the error given to
   *  `close` once the channel is drained; takes no notice of a cancel. Never waits.
   *
   *  @example
   *  ```ts
   *  const channel = new Channel<number>(1);
   *  console.log(channel.tryReceive()); // undefined
   *  ```
   */
  tryReceive(): T | undefined {
    return this.#core.inbox.tryReceive(undefined);
  }

  /** As `receive`, blocking the thread, `timeoutMs` at most; then `TimeoutError`. In worker threads, on a channel that other threads have,
   *  too; else `UnsupportedError`, because the other side would need this thread. */
  receiveSync(timeoutMs?: number): T | undefined {
    return this.#core.inbox.receiveSync(undefined, timeoutMs);
  }

  /** A clause for `select`: receives when it is chosen. Ready with `undefined` once the channel is closed and drained.
   *
   *  @example
   *  ```ts
   *  const channel = new Channel<number>(1);
   *  await channel.send(42);
   *  const got = await select({ job: channel.receiving() });
   *  console.log(got.value); // 42
   *  ```
   */
  receiving(): Clause<T | undefined> {
    this.#receiving ??= new ReceivingClause(this.#core.inbox, undefined);
    return this.#receiving;
  }

  /** Another sending end. The channel closes with the last of them; the channel object itself is none.
   *
   *  @example
   *  ```ts
   *  const channel = new Channel<string>(1);
   *  const sender = channel.sender();
   *  await sender.send("a");
   *  sender.close();
   *  console.log(channel.closed); // true
   *  ```
   */
  sender(): Sender<T> {
    return new SenderEnd(this.#core);
  }

  /** Another receiving end; each value goes to one of them. When the last is closed, sends reject with `BrokenChannelError` until
   *  there is one again; the channel object itself is none.
   *
   *  @example
   *  ```ts
   *  const channel = new Channel<string>(1);
   *  const receiver = channel.receiver();
   *  channel.trySend("a");
   *  console.log(await receiver.receive()); // a
   *  receiver.close();
   *  ```
   */
  receiver(): Receiver<T> {
    const end = new ReceiverEnd<T>(this.#core.inbox);
    this.#core.join(end);
    return end;
  }

  /** Counts of this moment. Never waits.
   *
   *  @example
   *  ```ts
   *  const channel = new Channel<string>(4);
   *  await channel.send("a");
   *  console.log(channel.statistics().buffered); // 1
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
   *  const channel = new Channel<string>(1);
   *  channel.close();
   *  console.log(await channel.receive()); // undefined
   *  ```
   */
  close(error?: unknown): void {
    this.#core.close(error);
  }

  /** Values until the channel is closed and drained. Parks the task for each that is not there yet. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined, undefined> {
    return new ValueIterator(this.#core.inbox, undefined);
  }

  /** `close()`. */
  [Symbol.dispose](): void {
    this.#core.close(undefined);
  }
}
