// The core of a channel that several threads have: the queue in shared memory, and the tasks of this thread that wait for it. It does
// what the local core does, in the same order, with values as bytes.
import type { ChannelStatistics, Permit } from "../../contract/channel.ts";
import { TimeoutError } from "../../contract/errors.ts";
import type { WaitOptions } from "../../contract/waiting.ts";
import { notReady } from "../../core/clause.ts";
import { checkDuration } from "../../core/durations.ts";
import { enterOperation, Parked } from "../../core/parked.ts";
import { type Asking, BROKEN, CLOSED, DONE, END_CLOSED, OVER, type QueueValue, unbounded, WAITS } from "../../memory/queue-asking.ts";
import type { SharedQueue } from "../../memory/shared-queue.ts";
import { thisThread } from "../../memory/this-thread.ts";
import { decodeError, encodeError } from "../../wire/codec.ts";
import type { Elsewhere, WaitingNode } from "../elsewhere.ts";
import { Offer, type SendingSide } from "../offer.ts";
import type { ReceivingSide } from "../receiving-half.ts";
import { type Obstacle, refusal } from "../refusal.ts";
import type { CaseOwner } from "../select-case.ts";
import { paid, paidOff } from "../turns.ts";
import { blockOn, checkBlocking } from "./block.ts";
import { Ends } from "./ends.ts";
import { SharedLine } from "./line.ts";
import { Passage } from "./passage.ts";
import { SharedPermit } from "./permit.ts";

/** A step of an iteration, which the step itself makes of what it is given. */
type StepMaker<T> = (side: ReceivingSide | undefined) => {
  readonly node: WaitingNode;
  readonly promise: Promise<IteratorResult<T, undefined>>;
};

const obstacles: Readonly<Record<number, Obstacle>> = { [CLOSED]: "closed", [BROKEN]: "broken", [END_CLOSED]: "end closed" };

export class SharedChannel<T> implements Elsewhere<T> {
  readonly title: string;
  readonly queue: SharedQueue;
  readonly ends: Ends;
  readonly senders: SharedLine;
  readonly receivers: SharedLine;
  readonly #passage: Passage;
  readonly #makeStep: StepMaker<T>;
  /** Permits that were given before the channel moved. */
  readonly #oldPermits: number[];
  ending = false;
  /** What the channel was closed with, as this thread has it. */
  #error: unknown = undefined;

  constructor(id: string, title: string, queue: SharedQueue, makeStep: StepMaker<T>, oldPermits: number[]) {
    this.title = title;
    this.queue = queue;
    this.#makeStep = makeStep;
    this.#oldPermits = oldPermits;
    this.ends = new Ends(queue);
    this.#passage = new Passage(id, queue);
    const room = queue.capacity === 0 ? `a receiver of ${title}` : `room in ${title}`;
    this.senders = new SharedLine(room, queue, (node, outcome, place) => this.#tellSender(node, outcome, place));
    this.receivers = new SharedLine(`a value from ${title}`, queue, (node, outcome) => this.#tellReceiver(node, outcome));
  }

  // ---- sending ----

  send(value: T, side: SendingSide | undefined, options: WaitOptions | undefined): Promise<void> {
    try {
      const scope = enterOperation(options);
      const place = this.#send(value, side, true);
      if (place === DONE) return paidOff();
      const parked = new Parked<undefined, Offer<T>>(scope, options, this.senders, new Offer(value, side, false));
      this.senders.add(parked as never, place);
      return parked.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  attemptSend(value: T, side: SendingSide | undefined): boolean {
    return this.#twice(() => this.#send(value, side, false)) === DONE;
  }

  sendSync(value: T, side: SendingSide | undefined, timeoutMs: number | undefined): void {
    const endMs = this.#begin("sendSync", timeoutMs);
    const place = this.#send(value, side, true);
    if (place === DONE) return;
    const outcome = blockOn(this.queue, place, endMs, this.senders.waitingFor);
    if (outcome === WAITS) throw this.#expired(this.senders, timeoutMs);
    if (outcome !== DONE) throw this.#refusal(outcome, value);
  }

  #send(value: T, side: SendingSide | undefined, waits: boolean): number {
    const who = this.#asking(side);
    // Refused before it is encoded: an end that is closed refuses any value.
    if (side?.closed) throw this.#refusal(END_CLOSED, value);
    const outcome = this.queue.send(this.#passage.pack(value), who, waits);
    if (outcome < WAITS) throw this.#refusal(outcome, value);
    return outcome;
  }

  reserve(side: SendingSide | undefined, options: WaitOptions | undefined): Promise<Permit<T>> {
    try {
      const scope = enterOperation(options);
      const place = side?.closed ? END_CLOSED : this.queue.reserve(this.#asking(side));
      if (place < 0) throw this.#refusal(place, undefined);
      if (place === DONE || !this.queue.waits(place)) return paid(this.#permit(place, side));
      const parked = new Parked<Permit<T>, Offer<T>>(scope, options, this.senders, new Offer(undefined as T, side, true));
      this.senders.add(parked as never, place);
      return parked.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #permit(place: number, side: SendingSide | undefined): Permit<T> {
    return new SharedPermit<T>(
      (value) => this.#fill(place, value, side),
      () => this.queue.giveBack(place),
    );
  }

  fillPlace(value: T, side: SendingSide | undefined): void {
    this.#fill(this.#oldPermits.pop() ?? 0, value, side);
  }

  givePlaceBack(): void {
    this.queue.giveBack(this.#oldPermits.pop() ?? 0);
  }

  #fill(place: number, value: T, side: SendingSide | undefined): void {
    const outcome = this.queue.fill(place, this.#passage.pack(value), this.#asking(side));
    if (outcome !== DONE) throw this.#refusal(outcome, value);
  }

  enlistSender(node: WaitingNode): void {
    const { value, side, reserves } = node.payload as Offer<T>;
    const choice = (node.select as CaseOwner | undefined)?.choice;
    const which = choice?.nextCase() ?? 0;
    const who = { ...this.#asking(side), choice: choice?.word ?? 0, which };
    const place = reserves ? this.queue.reserve(who) : this.queue.offer(this.#passage.pack(value), who);
    this.senders.add(node, place, choice, which);
  }

  #tellSender(node: WaitingNode, outcome: number, place: number): void {
    const { value, side, reserves } = node.payload as Offer<T>;
    if (outcome !== DONE) node.fail(this.#refusal(outcome, value));
    else node.settle((reserves ? this.#permit(place, side) : undefined) as never);
  }

  // ---- receiving ----

  receive(side: ReceivingSide | undefined, options: WaitOptions | undefined): Promise<T | undefined> {
    try {
      const scope = enterOperation(options);
      const place = side?.closed ? OVER : this.queue.receive(this.#asking(side), true);
      if (place === OVER) return this.#ended(side);
      if (place === DONE) return paid(this.#received(place, side));
      const parked = new Parked<T | undefined, ReceivingSide | undefined>(scope, options, this.receivers, side);
      this.receivers.add(parked as never, place);
      return parked.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  attemptReceive(side: ReceivingSide | undefined, standing: boolean): T | undefined | typeof notReady {
    const who = this.#asking(side);
    const outcome = this.#twice(() => (standing ? this.queue.tryReceiveStanding(who) : this.queue.receive(who, false)));
    return outcome === WAITS ? notReady : this.#received(outcome, side);
  }

  receiveSync(side: ReceivingSide | undefined, timeoutMs: number | undefined): T | undefined {
    const endMs = this.#begin("receiveSync", timeoutMs);
    const place = side?.closed ? OVER : this.queue.receive(this.#asking(side), true);
    if (place <= 0) return this.#received(place, side);
    const outcome = blockOn(this.queue, place, endMs, this.receivers.waitingFor);
    if (outcome === WAITS) throw this.#expired(this.receivers, timeoutMs);
    return this.#received(outcome, side);
  }

  step(side: ReceivingSide | undefined): Promise<IteratorResult<T, undefined>> {
    try {
      enterOperation();
      const place = this.queue.receive(this.#asking(side), true);
      if (place === OVER) return this.#ended(side).then(() => ({ value: undefined, done: true }));
      if (place === DONE) return paid({ value: this.#passage.unpack(this.queue.taken) as T, done: false });
      const { node, promise } = this.#makeStep(side);
      this.receivers.add(node, place);
      return promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  enlistReceiver(node: WaitingNode): void {
    const choice = (node.select as CaseOwner | undefined)?.choice;
    const which = choice?.nextCase() ?? 0;
    const who = { ...this.#asking(node.payload as ReceivingSide | undefined), choice: choice?.word ?? 0, which };
    this.receivers.add(node, this.queue.await(who), choice, which);
  }

  /** A loop that ignores the end still lets the event loop have its turn. */
  #ended(side: ReceivingSide | undefined): Promise<undefined> {
    return paid(undefined).then(() => {
      this.#received(OVER, side);
      return undefined;
    });
  }

  #received(outcome: number, side: ReceivingSide | undefined): T | undefined {
    if (outcome === DONE) return this.#passage.unpack(this.queue.taken) as T;
    if (side?.closed || !this.queue.closed || !this.ends.isOpen(side)) return undefined;
    const error = this.#closedWith();
    if (error !== undefined) throw error;
    return undefined;
  }

  #tellReceiver(node: WaitingNode, outcome: number): void {
    let value: T | undefined;
    try {
      value = this.#received(outcome, node.payload as ReceivingSide | undefined);
    } catch (error) {
      node.fail(error);
      return;
    }
    this.ending = outcome === OVER;
    node.settle(value as never);
    this.ending = false;
  }

  /** Values that were received for somebody who did not live to see them, oldest first. */
  takeBack(values: readonly T[]): void {
    this.queue.takeBack(values.map((value) => this.#passage.pack(value)));
    this.#lookAll();
  }

  // ---- in line ----

  delist(node: WaitingNode): void {
    this.senders.delist(node);
    this.receivers.delist(node);
  }

  late(node: WaitingNode): boolean {
    return this.receivers.late(node);
  }

  // ---- the end, and the ends ----

  get closed(): boolean {
    this.queue.lookForDeadNowAndThen();
    return this.queue.closed;
  }

  openSide(side: object, sends: boolean): void {
    this.ends.open(side, sends);
  }

  closeSide(side: object, error: unknown): void {
    if (!this.ends.isOpen(side)) return;
    this.ends.close(side, this.#packError(error));
    this.#lookAll();
  }

  close(error: unknown): void {
    if (this.queue.closed) return;
    this.queue.close(this.#packError(error));
    this.#lookAll();
  }

  /** What this thread has ended itself, it tells at once. */
  #lookAll(): void {
    this.senders.serveAll();
    this.receivers.serveAll();
  }

  /** Kept as it is besides: whoever receives on this thread gets the very error that was given here. */
  #packError(error: unknown): QueueValue | undefined {
    if (error === undefined) return undefined;
    if (this.queue.error === undefined) this.#error = error;
    return { bytes: encodeError(error, { root: "message", sharesMemory: false }).bytes, attachment: 0, thread: thisThread() };
  }

  // ---- moving, before another thread has it ----

  /** Puts a value into the buffer. */
  load(value: T): void {
    this.queue.load(this.#passage.pack(value));
  }

  /** Throws when the value cannot travel. */
  check(value: T): void {
    this.#passage.pack(value);
  }

  loadError(error: unknown): void {
    const packed = this.#packError(error);
    if (packed !== undefined) this.queue.loadError(packed);
  }

  #closedWith(): unknown {
    if (this.#error === undefined) {
      const { error } = this.queue;
      if (error !== undefined) this.#error = decodeError(error);
    }
    return this.#error;
  }

  statistics(): ChannelStatistics {
    this.queue.lookForDeadNowAndThen();
    const { capacity, counts, waiting } = this.queue;
    return {
      capacity: capacity === unbounded ? Number.POSITIVE_INFINITY : capacity,
      buffered: counts.buffered,
      dropped: counts.dropped,
      waitingSenders: waiting.senders,
      waitingReceivers: waiting.receivers,
      senders: counts.senders,
      receivers: counts.receivers,
    };
  }

  // ---- parts ----

  #asking(side: object | undefined): Asking {
    return this.ends.asking(side);
  }

  #refusal(outcome: number, value: unknown): Error {
    const obstacle = obstacles[outcome] as Obstacle;
    return refusal(obstacle, this.title, obstacle === "closed" ? this.#closedWith() : undefined, value);
  }

  /** Before it is told that it would have to wait, it looks whether only the dead are in the way. */
  #twice(attempt: () => number): number {
    const outcome = attempt();
    return outcome === WAITS && this.queue.lookForDeadNowAndThen() ? attempt() : outcome;
  }

  #begin(operation: "sendSync" | "receiveSync", timeoutMs = Number.POSITIVE_INFINITY): number {
    checkBlocking(operation, this.title);
    enterOperation();
    return performance.now() + checkDuration("The time limit", timeoutMs);
  }

  #expired(line: SharedLine, timeoutMs: number | undefined): TimeoutError {
    return new TimeoutError(`Waiting for ${line.waitingFor} took longer than ${timeoutMs} ms.`);
  }
}
