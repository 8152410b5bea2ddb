// The receiving half of a channel: the buffer and the receivers' line. A channel has one, a broadcast one for each receiving end.
//
// Invariants
// - Somebody in line who may be served finds the buffer empty; what comes is handed over, and buffered only when nobody waits.
// - Once it is finished nobody stands in line; what is buffered can still be taken.
import type { WaitOptions } from "../contract/waiting.ts";
import { notReady } from "../core/clause.ts";
import { currentScope } from "../core/context.ts";
import { enterOperation, type LineNode } from "../core/parked.ts";
import { type LotHost, ParkingLot } from "../core/parking-lot.ts";
import type { CancelScope } from "../core/scope.ts";
import { noBlocking } from "./blocking.ts";
import type { WaitingNode } from "./elsewhere.ts";
import { IteratorStep } from "./iterator.ts";
import { RingBuffer } from "./ring-buffer.ts";
import type { SendingHalf } from "./sending-half.ts";
import { paid } from "./turns.ts";

/** The receiving end as those who wait on it know it; `undefined` for the channel object itself. */
export interface ReceivingSide {
  readonly closed: boolean;
}

/** Who receives: a parked operation or a case of a select. Settled with `undefined` at the end. */
export type ReceiverNode<T> = LineNode<T | undefined, ReceivingSide | undefined>;

export class ReceivingHalf<T> implements LotHost {
  readonly source: SendingHalf<T>;
  readonly buffer = new RingBuffer<T>();
  readonly line: ParkingLot<T | undefined, ReceivingSide | undefined>;
  /** No more values will come, from here: when the channel has moved, they come from elsewhere. */
  finished = false;

  constructor(source: SendingHalf<T>) {
    this.source = source;
    this.line = new ParkingLot(this);
  }

  get waitingFor(): string {
    return `a value from ${this.source.title}`;
  }

  /** Takes a value when one is there, buffered or in the hands of a waiting sender. `standing`: who asks would go on to wait. */
  take(standing: boolean): T | typeof notReady {
    const { buffer, source } = this;
    if (buffer.length > 0) {
      const value = buffer.shift();
      source.taken(this);
      return value;
    }
    return source.line.length > 0 ? source.pull(this, standing) : notReady;
  }

  receive(side: ReceivingSide | undefined, options: WaitOptions | undefined): Promise<T | undefined> {
    if (options !== undefined || side?.closed) return this.#receiveWithin(side, options);
    const scope = currentScope();
    if (scope.error !== undefined) return Promise.reject(scope.error);
    const value = this.take(true);
    if (value !== notReady) return paid(value);
    if (this.finished) return this.source.elsewhere?.receive(side, undefined) ?? this.#ended();
    return this.#park(scope, undefined, side);
  }

  #receiveWithin(side: ReceivingSide | undefined, options: WaitOptions | undefined): Promise<T | undefined> {
    const { elsewhere } = this.source;
    if (elsewhere !== undefined) return elsewhere.receive(side, options);
    try {
      const scope = enterOperation(options);
      const value = this.attempt(side, true);
      return value === notReady ? this.#park(scope, options, side) : paid(value);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Takes a value, or is told of the end: returns `undefined` or throws the error of `close`. */
  attempt(side: ReceivingSide | undefined, standing: boolean): T | undefined | typeof notReady {
    if (side?.closed) return undefined;
    const value = this.take(standing);
    if (value !== notReady || !this.finished) return value;
    if (this.source.elsewhere !== undefined) return this.source.elsewhere.attemptReceive(side, standing);
    if (this.source.error !== undefined) throw this.source.error;
    return undefined;
  }

  tryReceive(side: ReceivingSide | undefined): T | undefined {
    const value = this.attempt(side, false);
    return value === notReady ? undefined : value;
  }

  /** Blocks the thread, for as long as others than this thread can end it. */
  receiveSync(side: ReceivingSide | undefined, timeoutMs: number | undefined): T | undefined {
    const { elsewhere, title } = this.source;
    if (elsewhere === undefined) noBlocking("receiveSync", title);
    return elsewhere.receiveSync(side, timeoutMs);
  }

  /** A case of a select comes into line, or leaves it. */
  enlist(node: ReceiverNode<T>): void {
    const { elsewhere } = this.source;
    if (elsewhere === undefined) this.line.enlist(node);
    else elsewhere.enlistReceiver(node as WaitingNode);
  }

  delist(node: ReceiverNode<T>): void {
    const { elsewhere } = this.source;
    if (elsewhere === undefined) this.line.remove(node);
    else elsewhere.delist(node as WaitingNode);
  }

  /** No value can be handed over any more: what is told to those in line is the end. */
  get over(): boolean {
    const { elsewhere } = this.source;
    return elsewhere === undefined ? this.finished : elsewhere.ending;
  }

  /** One step of an iteration. */
  step(side: ReceivingSide | undefined): Promise<IteratorResult<T, undefined>> {
    const scope = currentScope();
    if (scope.error !== undefined) return Promise.reject(scope.error);
    const value = side?.closed ? notReady : this.take(true);
    if (value !== notReady) return paid({ value, done: false });
    if (side?.closed) return paid({ value: undefined, done: true });
    if (this.finished) return this.source.elsewhere?.step(side) ?? this.#ended().then(() => ({ value: undefined, done: true }));
    const step = new IteratorStep<T>(scope, this, side);
    this.line.enlist(step);
    this.arrived();
    return step.promise;
  }

  /** Receives for a node that is told; throws the error of `close`. */
  await(node: ReceiverNode<T>): void {
    const value = this.attempt(node.payload, true);
    if (value !== notReady) {
      node.settle(value);
      return;
    }
    this.line.enlist(node);
    this.arrived();
  }

  /** Gives a value to whoever waits; false when nobody does. */
  handOn(value: T): boolean {
    const receiver = this.line.shift();
    receiver?.settle(value);
    return receiver !== undefined;
  }

  /** Somebody has come into line, or may be served again: a place at capacity 0, for those who wait for one. */
  arrived(): void {
    const { source } = this;
    if (source.elsewhere !== undefined) source.elsewhere.arrived?.(this as ReceivingHalf<unknown>);
    else if (source.line.length > 0) source.admit();
  }

  /** No more values will come: ends those in line. */
  finish(): void {
    const { error } = this.source;
    this.finished = true;
    if (error === undefined) this.line.settleAll(undefined);
    else this.line.failAll(() => error);
  }

  #park(scope: CancelScope, options: WaitOptions | undefined, side: ReceivingSide | undefined): Promise<T | undefined> {
    const { promise } = this.line.park(scope, options, side);
    this.arrived();
    return promise;
  }

  #ended(): Promise<undefined> {
    const { error } = this.source;
    return error === undefined ? paid(undefined) : paid(undefined).then(() => Promise.reject(error));
  }
}
