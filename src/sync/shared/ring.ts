// SharedRing: a bounded queue for any number of senders and receivers in all threads that have it, over the ring of slots of memory/.
import type { Permit, Receiver, Sender } from "../../contract/channel.ts";
import { TimeoutError } from "../../contract/errors.ts";
import type { Clause, WaitOptions } from "../../contract/waiting.ts";
import { notReady } from "../../core/clause.ts";
import { checkDuration } from "../../core/durations.ts";
import { enterOperation } from "../../core/parked.ts";
import { partyIn } from "../../memory/party.ts";
import { type RingShape, SlotRing } from "../../memory/slot-ring.ts";
import { ChangeClause } from "./change-clause.ts";
import { ChangeLine } from "./change-line.ts";
import { Receiving, type Request } from "./ring-receiving.ts";
import { type RingPermit, Sending, type Shipment } from "./ring-sending.ts";

/** Settings of a ring. */
export interface RingOptions {
  /** Bytes of a slot; larger values take several. Default 64. */
  readonly slotBytes?: number | undefined;
}

/** A bounded queue for any number of senders and receivers in other threads: pass it as an argument. Values are copied. They come out in the
 *  order in which they went in, each once; which of several waiting threads gets the next is open. Tasks of one thread are served first
 *  in, first out. `sendSync` and `receiveSync` block the thread, the main thread too. It is closed by `close` alone, whoever calls it.
 *
 *  @example
 *  ```ts
 *  const ring = SharedArena.create(8_192).ring<{ name: string }>(16);
 *  await ring.send({ name: "Ada" });
 *  console.log(ring.length, (await ring.receive())?.name); // 1 Ada
 *  ```
 */
export class SharedRing<in out T> implements Sender<T>, Receiver<T> {
  readonly #shape: RingShape;
  readonly #ring: SlotRing;
  readonly #sending: Sending;
  readonly #receiving: Receiving;
  readonly #senders: ChangeLine<RingPermit | undefined, Shipment>;
  readonly #receivers: ChangeLine<unknown, Request>;

  /** @internal */
  constructor(shape: RingShape) {
    this.#shape = shape;
    const { me, deaths } = partyIn(shape.buffer);
    this.#ring = new SlotRing(shape, me, deaths);
    this.#sending = new Sending(this.#ring);
    this.#receiving = new Receiving(this.#ring);
    this.#senders = new ChangeLine<RingPermit | undefined, Shipment>(this.#sending);
    this.#receivers = new ChangeLine<unknown, Request>(this.#receiving);
  }

  /** How it travels. @internal */
  static placeOf(ring: SharedRing<unknown>): RingShape {
    return ring.#shape;
  }

  get slots(): number {
    return this.#shape.slots;
  }

  /** Values in it. */
  get length(): number {
    return this.#ring.length;
  }

  /** Waits for room. Rejects with `NotSerializableError`, `RangeError` for a value that is larger than the ring, and
   *  `ChannelClosedError`, which gives the value back. Parks the task. */
  readonly send = (value: T, options?: WaitOptions): Promise<void> =>
    this.#senders.run(() => this.#sending.pack(value), options) as Promise<undefined>;

  /** False when it would have to wait; throws as `send` rejects. Never waits. */
  readonly trySend = (value: T): boolean => this.#senders.try(this.#sending.pack(value)) !== notReady;

  /** Blocks the thread until there is room, `timeoutMs` at most; then `TimeoutError`. */
  readonly sendSync = (value: T, timeoutMs: number = Number.POSITIVE_INFINITY): void => {
    enterOperation();
    checkDuration("The time limit", timeoutMs);
    if (!this.#sending.sendSync(this.#sending.pack(value), timeoutMs)) throw expired(this.#sending.waitingFor, timeoutMs);
  };

  /** Waits for a slot and keeps it: for a value that takes one. It is free again when this thread ends. Parks the task. */
  readonly reserve = (options?: WaitOptions): Promise<Permit<T>> => this.#senders.run(() => "reserve", options) as Promise<RingPermit>;

  /** A clause for `select`. */
  readonly sending = (value: T): Clause<void> => new ChangeClause(this.#senders, () => this.#sending.pack(value)) as Clause<undefined>;

  /** Waits for a value; `undefined` when it is closed and drained. Rejects with the error given to `close`. Parks the task. */
  receive(options?: WaitOptions): Promise<T | undefined> {
    return this.#receivers.run(() => "value", options) as Promise<T | undefined>;
  }

  /** A value if one is there now. Never waits. */
  tryReceive(): T | undefined {
    const value = this.#receivers.try("value");
    return value === notReady ? undefined : (value as T | undefined);
  }

  /** Blocks the thread until there is a value, `timeoutMs` at most; then `TimeoutError`. */
  receiveSync(timeoutMs: number = Number.POSITIVE_INFINITY): T | undefined {
    enterOperation();
    checkDuration("The time limit", timeoutMs);
    const value = this.#receiving.receiveSync(timeoutMs);
    if (value === notReady) throw expired(this.#receiving.waitingFor, timeoutMs);
    return value as T | undefined;
  }

  /** A clause for `select`. */
  receiving(): Clause<T | undefined> {
    return new ChangeClause(this.#receivers, () => "value") as Clause<T | undefined>;
  }

  /** Nothing more can be sent; what is in it can still be received, then the receivers end, or reject with the error. Only the first call
   *  counts. Never waits. */
  close(error?: unknown): void {
    this.#receiving.close(error);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The values until it is closed and drained. Leaving the loop closes nothing. */
  [Symbol.asyncIterator](): AsyncIterator<T> {
    let left = false;
    const end: IteratorResult<T, undefined> = { value: undefined, done: true };
    return {
      next: async () => (left ? end : ((await this.#receivers.run(() => "step")) as IteratorResult<T, undefined>)),
      return: async () => {
        left = true;
        return end;
      },
    };
  }
}

function expired(what: string, timeoutMs: number): TimeoutError {
  return new TimeoutError(`Waiting for ${what} took longer than ${timeoutMs} ms.`);
}
