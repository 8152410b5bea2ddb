// The ends of a channel or a broadcast: handles that are counted. States: **open** → **closed**, once.
import type { Permit, Receiver, Sender } from "../contract/channel.ts";
import type { Clause, WaitOptions } from "../contract/waiting.ts";
import { ReceivingClause } from "./clauses/receiving.ts";
import { SendingClause } from "./clauses/sending.ts";
import { ValueIterator } from "./iterator.ts";
import type { SendingSide } from "./offer.ts";
import type { ReceivingHalf, ReceivingSide } from "./receiving-half.ts";
import type { SendingHalf } from "./sending-half.ts";

/** What an end is an end of. */
export let halfOfSender: <T>(end: SenderEnd<T>) => SendingHalf<T>;
export let halfOfReceiver: <T>(end: ReceiverEnd<T>) => ReceivingHalf<T>;

export class SenderEnd<T> implements Sender<T>, SendingSide {
  static {
    halfOfSender = (end) => end.#half;
  }
  readonly #half: SendingHalf<T>;
  closed = false;

  /** `open`: it is not counted yet. */
  constructor(half: SendingHalf<T>, open = true) {
    this.#half = half;
    if (open) half.openSide(this);
  }

  send(value: T, options?: WaitOptions): Promise<void> {
    return this.#half.send(value, this, options);
  }

  trySend(value: T): boolean {
    return this.#half.attempt(value, this);
  }

  sendSync(value: T, timeoutMs?: number): void {
    this.#half.sendSync(value, this, timeoutMs);
  }

  reserve(options?: WaitOptions): Promise<Permit<T>> {
    return this.#half.reserve(this, options);
  }

  sending(value: T): Clause<void> {
    return new SendingClause(this.#half, value, this);
  }

  close(error?: unknown): void {
    if (this.closed) return;
    this.closed = true;
    this.#half.closeSide(this, error);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

export class ReceiverEnd<T> implements Receiver<T>, ReceivingSide {
  static {
    halfOfReceiver = (end) => end.#half;
  }
  readonly #half: ReceivingHalf<T>;
  #receiving: ReceivingClause<T> | undefined = undefined;
  closed = false;

  constructor(half: ReceivingHalf<T>) {
    this.#half = half;
  }

  receive(options?: WaitOptions): Promise<T | undefined> {
    return this.#half.receive(this, options);
  }

  tryReceive(): T | undefined {
    return this.#half.tryReceive(this);
  }

  receiveSync(timeoutMs?: number): T | undefined {
    return this.#half.receiveSync(this, timeoutMs);
  }

  receiving(): Clause<T | undefined> {
    this.#receiving ??= new ReceivingClause(this.#half, this);
    return this.#receiving;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#half.source.leave(this.#half, this);
  }

  [Symbol.asyncIterator](): ValueIterator<T> {
    return new ValueIterator(this.#half, this);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
