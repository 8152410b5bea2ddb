// A channel whose home is above: each operation is asked for there, and settled by the answer. A cancel is asked for, too: what has
// happened meanwhile wins, and what was withdrawn did not happen.
import type { ChannelStatistics, Permit } from "../../contract/channel.ts";
import { TimeoutError } from "../../contract/errors.ts";
import type { WaitOptions } from "../../contract/waiting.ts";
import { checkpointSync } from "../../core/checkpoint.ts";
import { notReady } from "../../core/clause.ts";
import { checkDuration } from "../../core/durations.ts";
import { enterOperation, Parked } from "../../core/parked.ts";
import { ChannelCore } from "../channel-core.ts";
import type { Elsewhere, WaitingNode } from "../elsewhere.ts";
import { halfOfReceiver, ReceiverEnd } from "../ends.ts";
import { IteratorStep } from "../iterator.ts";
import { Offer, type SendingSide } from "../offer.ts";
import type { ReceivingHalf, ReceivingSide } from "../receiving-half.ts";
import { type Obstacle, refusal } from "../refusal.ts";
import type { CaseOwner } from "../select-case.ts";
import { SharedPermit } from "../shared/permit.ts";
import { LineHome, type LineKeeper } from "./line-home.ts";
import { Answer, ONCE, RECEIVE, RESERVE, SEND } from "./messages.ts";
import type { AnyCore } from "./naming.ts";
import { Packed, pack, unpack } from "./packed.ts";
import type { Returned } from "./returned.ts";
import { forgetEnd } from "./travelling-ends.ts";
import type { FarAnswer, FarCase, UpperLink } from "./upper-link.ts";

/** An operation that has been asked for. */
interface Asked {
  number: number;
  /** With what it is cancelled, if it did not happen. */
  cancelled: { readonly error: unknown } | undefined;
}

const obstacles: Readonly<Record<number, Obstacle>> = {
  [Answer.CLOSED]: "closed",
  [Answer.END_CLOSED]: "end closed",
  [Answer.BROKEN]: "broken",
};

/** How often a blocked thread looks whether its task is cancelled. */
const lookMs = 20;

export class RemoteChannel<T> implements Elsewhere<T>, LineKeeper {
  readonly isFar = true;
  ending = false;
  readonly number: number;
  readonly upper: UpperLink;
  readonly senders: LineHome;
  readonly receivers: LineHome;
  readonly #core: AnyCore;
  readonly #asked = new Map<WaitingNode, Asked>();
  readonly #ends = new WeakMap<object, number>();
  /** Numbers of the permits that were given before the channel moved. */
  readonly #oldPermits: number[];
  #closed = false;
  /** What was told to the home as the reason of an end: held for as long as it may come back. */
  readonly #errors: unknown[] = [];

  /** Ends that moved along, and whose objects have not been met since. */
  readonly #unmet: { readonly senders: number[]; readonly receivers: number[] };

  constructor(
    core: AnyCore,
    upper: UpperLink,
    number: number,
    oldPermits: number[] = [],
    unmet: { readonly senders: number[]; readonly receivers: number[] } = { senders: [], receivers: [] },
  ) {
    this.#unmet = unmet;
    this.senders = new LineHome(core, this);
    this.receivers = new LineHome({ waitingFor: `a value from ${core.title}` }, this);
    this.#core = core;
    this.upper = upper;
    this.number = number;
    this.#oldPermits = oldPermits;
  }

  /** Makes a core that has nothing yet the face of a channel above. */
  static over(core: AnyCore, upper: UpperLink, number: number): RemoteChannel<unknown> {
    const remote = new RemoteChannel<unknown>(core, upper, number);
    core.elsewhere = remote;
    core.obstacle = "elsewhere";
    if (core instanceof ChannelCore) core.inbox.finished = true;
    return remote;
  }

  // ---- what is asked ----

  #case(kind: number, side: object | undefined, packed: Packed | undefined): FarCase {
    return { channel: this.number, end: this.endOf(side), kind, packed };
  }

  /** The number of an end; 0 for the channel itself. One that is not known was closed before the channel moved. */
  endOf(side: object | undefined): number {
    return side === undefined ? 0 : (this.#ends.get(side) ?? this.#meet(side));
  }

  #meet(side: object): number {
    const isReceiver = side instanceof ReceiverEnd;
    // Each receiving end of a broadcast has a half of its own.
    const own = isReceiver ? this.#ends.get(halfOfReceiver(side)) : undefined;
    const end = own ?? (isReceiver ? this.#unmet.receivers : this.#unmet.senders).pop() ?? 2 ** 32 - 1;
    this.#ends.set(side, end);
    return end;
  }

  #sendCase(value: T, side: SendingSide | undefined): FarCase {
    // Refused before it is packed: an end that is closed refuses any value.
    if (side?.closed) throw this.#refusal("end closed", undefined, value);
    return this.#case(SEND, side, value instanceof Packed ? value : pack(value, this.upper.sharesMemory));
  }

  /** Asks for an operation whose node is told. */
  #ask(node: WaitingNode, far: FarCase): void {
    const asked: Asked = { number: 0, cancelled: undefined };
    this.#asked.set(node, asked);
    try {
      asked.number = this.upper.begin([far], 0, (answer) => {
        this.#asked.delete(node);
        if (answer.kind === Answer.WITHDRAWN) node.fail(asked.cancelled?.error);
        else this.tell(node, answer);
      });
    } catch (error) {
      this.#asked.delete(node);
      node.fail(error);
    }
  }

  /** Tells a node how it has ended. */
  tell(node: WaitingNode, answer: FarAnswer): void {
    let result: unknown;
    try {
      result = this.#result(answer, node.payload);
    } catch (error) {
      node.fail(error);
      return;
    }
    this.ending = answer.kind === Answer.OVER;
    node.settle(result as never);
    this.ending = false;
  }

  /** What an operation gives; throws what it throws. */
  #result({ kind, packed, error, number }: FarAnswer, payload: unknown): unknown {
    if (packed !== undefined) return unpack(packed);
    if (kind === Answer.PERMIT) return this.#permit(number);
    if (kind === Answer.FAILED) throw error;
    const obstacle = obstacles[kind];
    if (obstacle === undefined) return undefined;
    if (obstacle === "closed") this.#closed = true;
    throw this.#refusal(obstacle, error, payload instanceof Offer ? payload.value : payload);
  }

  #refusal(obstacle: Obstacle, error: unknown, value: unknown): Error {
    return refusal(obstacle, this.#core.title, error, value);
  }

  // ---- sending ----

  send(value: T, side: SendingSide | undefined, options: WaitOptions | undefined): Promise<void> {
    try {
      const scope = enterOperation(options);
      const far = this.#sendCase(value, side);
      const parked = new Parked<undefined, Offer<T>>(scope, options, this.senders, new Offer(value, side, false));
      this.#ask(parked as never, far);
      return parked.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  attemptSend(value: T, side: SendingSide | undefined): boolean {
    const answer = this.upper.exchange("trySend", [this.#sendCase(value, side)], ONCE);
    if (answer.kind === Answer.NOT_READY) return false;
    this.#result(answer, value);
    return true;
  }

  sendSync(value: T, side: SendingSide | undefined, timeoutMs: number | undefined): void {
    this.#result(
      this.#block("sendSync", this.senders, () => this.#sendCase(value, side), timeoutMs),
      value,
    );
  }

  reserve(side: SendingSide | undefined, options: WaitOptions | undefined): Promise<Permit<T>> {
    try {
      const scope = enterOperation(options);
      if (side?.closed) throw this.#refusal("end closed", undefined, undefined);
      const parked = new Parked<Permit<T>, Offer<T>>(scope, options, this.senders, new Offer(undefined as T, side, true));
      this.#ask(parked as never, this.#case(RESERVE, side, undefined));
      return parked.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #permit(number: number): Permit<T> {
    return new SharedPermit<T>(
      (value) => this.#fill(number, value),
      () => this.upper.giveBack(number),
    );
  }

  #fill(number: number, value: T): void {
    const packed = value instanceof Packed ? value : pack(value, this.upper.sharesMemory);
    // Where nothing can be waited for, nobody is told that the channel was closed meanwhile.
    if (this.upper.blocks) this.#result(this.upper.fillSync(number, packed), value);
    else this.upper.fill(number, packed, () => {});
  }

  fillPlace(value: T, _side: SendingSide | undefined): void {
    this.#fill(this.#oldPermits.pop() ?? 0, value);
  }

  givePlaceBack(): void {
    this.upper.giveBack(this.#oldPermits.pop() ?? 0);
  }

  enlistSender(node: WaitingNode): void {
    const { value, side, reserves } = node.payload as Offer<T>;
    this.#enlist(node, reserves ? this.#case(RESERVE, side, undefined) : this.#sendCase(value, side));
  }

  // ---- receiving ----

  receive(side: ReceivingSide | undefined, options: WaitOptions | undefined): Promise<T | undefined> {
    try {
      const scope = enterOperation(options);
      if (side?.closed) return Promise.resolve(undefined);
      const parked = new Parked<T | undefined, ReceivingSide | undefined>(scope, options, this.receivers, side);
      this.#ask(parked as never, this.#case(RECEIVE, side, undefined));
      return parked.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  attemptReceive(side: ReceivingSide | undefined): T | undefined | typeof notReady {
    if (side?.closed) return undefined;
    const answer = this.upper.exchange("tryReceive", [this.#case(RECEIVE, side, undefined)], ONCE);
    return answer.kind === Answer.NOT_READY ? notReady : (this.#result(answer, undefined) as T | undefined);
  }

  receiveSync(side: ReceivingSide | undefined, timeoutMs: number | undefined): T | undefined {
    if (side?.closed) return undefined;
    return this.#result(
      this.#block("receiveSync", this.receivers, () => this.#case(RECEIVE, side, undefined), timeoutMs),
      undefined,
    ) as T | undefined;
  }

  step(side: ReceivingSide | undefined): Promise<IteratorResult<T, undefined>> {
    try {
      const scope = enterOperation();
      if (side?.closed) return Promise.resolve({ value: undefined, done: true });
      const inbox = this.#core instanceof ChannelCore ? this.#core.inbox : halfOfReceiver(side as ReceiverEnd<unknown>);
      const step = new IteratorStep<T>(scope, inbox as ReceivingHalf<T>, side);
      this.#ask(step as never, this.#case(RECEIVE, side, undefined));
      return step.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  enlistReceiver(node: WaitingNode): void {
    this.#enlist(node, this.#case(RECEIVE, node.payload as object | undefined, undefined));
  }

  /** Values were received above for a side below which did not live to see them. */
  takeBack(values: readonly Returned[]): void {
    this.upper.takeBack(
      this.number,
      values.map(({ end, packed }) => ({ end: this.endOf(end), packed })),
    );
  }

  // ---- in line ----

  #enlist(node: WaitingNode, far: FarCase): void {
    if (node.select === undefined) this.#ask(node, far);
    else (node.select as CaseOwner).far.join(node, this.upper, far, this);
  }

  delist(node: WaitingNode): void {
    (node.select as CaseOwner | undefined)?.far.leave(node);
  }

  late(node: WaitingNode, error: unknown): boolean {
    const asked = this.#asked.get(node);
    if (asked === undefined) return false;
    if (asked.cancelled === undefined) {
      asked.cancelled = { error };
      this.upper.withdraw(asked.number);
    }
    return true;
  }

  /** Nothing is here that could be undone. */
  withdraw(): void {}

  /** Blocks until it has happened, or until the answer to its withdrawal. */
  #block(operation: string, { waitingFor }: LineHome, makeCase: () => FarCase, timeoutMs = Number.POSITIVE_INFINITY): FarAnswer {
    enterOperation();
    checkDuration("The time limit", timeoutMs);
    const endMs = performance.now() + timeoutMs;
    let stopped: { readonly error: unknown } | undefined;
    const answer = this.upper.exchange(operation, [makeCase()], 0, (number) => {
      if (stopped !== undefined) return lookMs;
      const leftMs = endMs - performance.now();
      try {
        checkpointSync();
        if (leftMs <= 0) throw new TimeoutError(`Waiting for ${waitingFor} took longer than ${timeoutMs} ms.`);
      } catch (error) {
        stopped = { error };
        this.upper.withdraw(number);
        this.upper.flush();
      }
      return Math.max(1, Math.min(lookMs, leftMs));
    });
    if (answer.kind === Answer.WITHDRAWN) throw stopped?.error;
    return answer;
  }

  // ---- the end, and the ends ----

  get closed(): boolean {
    if (!this.#closed && this.upper.blocks) this.#closed = this.#state("closed").closed;
    return this.#closed;
  }

  openSide(side: object, sends: boolean): void {
    this.#ends.set(side, this.upper.openEnd(this.number, sends));
  }

  /** An end has arrived here. */
  receiveEnd(side: object, sends: boolean, id: string, giver: string): void {
    this.#ends.set(side, this.upper.haveEnd(this.number, sends, id, giver));
  }

  /** An end that moves along with the channel. */
  bindEnd(side: object, end: number): void {
    this.#ends.set(side, end);
  }

  /** It may come back as the reason of an end. */
  holdError(error: unknown): void {
    if (error !== undefined) this.#errors.push(error);
  }

  closeSide(side: object, error: unknown): void {
    this.holdError(error);
    forgetEnd(side);
    this.upper.closeEnd(this.number, this.endOf(side), error);
  }

  close(error: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.holdError(error);
    this.upper.close(this.number, error);
  }

  statistics(): ChannelStatistics {
    const { closed: _closed, ...counts } = this.#state("statistics");
    return counts;
  }

  #state(operation: string): NonNullable<FarAnswer["state"]> {
    const { state, error } = this.upper.ask(operation, this.number);
    if (state === undefined) throw error;
    return state;
  }
}
