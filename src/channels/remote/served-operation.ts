// An operation of a side below, as the home of its channels serves it: one node in the line of each case, like any task of this thread.
import { BrokenChannelError, ChannelClosedError } from "../../contract/errors.ts";
import { notReady } from "../../core/clause.ts";
import { random } from "../../core/random.ts";
import { Offer, type SendingSide } from "../offer.ts";
import type { HeldPermit } from "../permit.ts";
import type { ReceivingSide } from "../receiving-half.ts";
import type { HomeChannel } from "./home-channel.ts";
import { Answer, BIASED, ONCE, RECEIVE, RESERVE, SEND } from "./messages.ts";
import type { AnyCore, AnyEnd } from "./naming.ts";
import type { Packed } from "./packed.ts";

/** A case as it was asked for. */
export interface WantedCase {
  readonly core: AnyCore;
  readonly end: AnyEnd | undefined;
  readonly kind: number;
  readonly packed: Packed | undefined;
}

/** What an operation is answered with. */
export interface Outcome {
  readonly kind: number;
  readonly packed?: Packed | undefined;
  readonly error?: unknown;
  readonly permit?: GivenPermit | undefined;
  /** What the value was received by, should it never arrive. */
  readonly from?: WantedCase | undefined;
}

/** A permit that a side below holds. */
export interface GivenPermit {
  fill(packed: Packed, tell: (outcome: Outcome) => void): void;
  giveBack(): void;
}

/** An operation that stands. */
export interface Standing {
  /** True when it had not happened, and will not. Otherwise it is answered in its time. */
  withdraw(): boolean;
}

export type Tell = (which: number, outcome: Outcome) => void;

/** How a refusal is answered. */
export function refused(error: unknown, end: { readonly closed: boolean } | undefined, closed: boolean): Outcome {
  if (error instanceof BrokenChannelError) return { kind: Answer.BROKEN };
  if (!(error instanceof ChannelClosedError)) return { kind: Answer.FAILED, error };
  if (end?.closed && !closed) return { kind: Answer.END_CLOSED };
  return { kind: Answer.CLOSED, error: error.cause };
}

export class ServedCase {
  next: never = undefined as never;
  previous: never = undefined as never;
  readonly payload: Offer<Packed> | ReceivingSide | undefined;
  readonly home: HomeChannel<unknown>;
  readonly wanted: WantedCase;
  readonly #operation: ServedOperation;
  standing = false;

  constructor(operation: ServedOperation, wanted: WantedCase) {
    this.#operation = operation;
    this.wanted = wanted;
    this.home = wanted.core.elsewhere as HomeChannel<unknown>;
    const { kind, end, packed } = wanted;
    this.payload = kind === RECEIVE ? end : new Offer(packed as Packed, end as SendingSide | undefined, kind === RESERVE);
  }

  get ready(): boolean {
    return this.#operation.open;
  }

  get select(): object | undefined {
    return this.#operation.isSelect ? this.#operation : undefined;
  }

  get #line() {
    return this.wanted.kind === RECEIVE ? this.inbox.line : this.home.inner.line;
  }

  get inbox() {
    return this.home.inboxOf(this.wanted.end as ReceivingSide | undefined);
  }

  /** Does it if it need not wait. Throws the refusal. */
  attempt(): Outcome | undefined {
    const { kind, end, packed } = this.wanted;
    if (kind === RECEIVE) {
      const value = this.inbox.attempt(end as ReceivingSide | undefined, this.#operation.waits);
      return value === notReady ? undefined : this.received(value);
    }
    if (kind === RESERVE) return undefined;
    return this.home.inner.attempt(packed as Packed, end as SendingSide | undefined) ? { kind: Answer.SENT } : undefined;
  }

  /** Does it now, or stands in line for it. Throws the refusal. */
  begin(): void {
    this.standing = true;
    const { kind } = this.wanted;
    try {
      if (kind === RECEIVE) this.inbox.await(this as never);
      else if (kind === RESERVE) this.home.inner.askPlace(this as never);
      else this.home.inner.offer(this as never);
    } catch (error) {
      this.standing = false;
      throw error;
    }
  }

  enlist(): void {
    this.standing = true;
    this.#line.enlist(this as never);
  }

  delist(): void {
    if (!this.standing) return;
    this.standing = false;
    this.#line.remove(this as never);
  }

  received(value: Packed | undefined): Outcome {
    return value === undefined ? { kind: Answer.OVER } : { kind: Answer.VALUE, packed: value, from: this.wanted };
  }

  settle(result: unknown): void {
    this.standing = false;
    const { kind } = this.wanted;
    if (kind === RECEIVE) this.#operation.happened(this, this.received(result as Packed | undefined));
    else if (kind === SEND) this.#operation.happened(this, { kind: Answer.SENT });
    else this.#operation.happened(this, { kind: Answer.PERMIT, permit: givenPermit(result as HeldPermit<Packed>) });
  }

  fail(error: unknown): void {
    this.standing = false;
    this.#operation.happened(this, this.refusal(error));
  }

  refusal(error: unknown): Outcome {
    const { kind, end } = this.wanted;
    return kind === RECEIVE ? { kind: Answer.FAILED, error } : refused(error, end, this.home.closed);
  }
}

/** A send on a broadcast of capacity 0, which may happen before it is over. */
class HandingOverCase extends ServedCase {
  happened = false;

  get waiting(): boolean {
    return this.standing;
  }
}

/** A permit of this thread, for a side below. */
export function givenPermit(held: HeldPermit<Packed>): GivenPermit {
  return {
    fill(packed, tell) {
      try {
        held.send(packed);
      } catch (error) {
        tell(refused(error, undefined, true));
        return;
      }
      tell({ kind: Answer.SENT });
    },
    giveBack: () => held[Symbol.dispose](),
  };
}

export class ServedOperation implements Standing {
  readonly waits: boolean;
  /** It may be served. */
  open = false;
  readonly #cases: readonly ServedCase[];
  readonly #biased: boolean;
  readonly #tell: Tell;

  constructor(wanted: readonly WantedCase[], flags: number, tell: Tell) {
    this.waits = (flags & ONCE) === 0;
    this.#biased = (flags & BIASED) !== 0;
    this.#tell = tell;
    const handsOver = (each: WantedCase) =>
      wanted.length === 1 && each.kind === SEND && each.core.capacity === 0 && "inboxes" in each.core && this.waits;
    this.#cases = wanted.map((each) => new (handsOver(each) ? HandingOverCase : ServedCase)(this, each));
  }

  get isSelect(): boolean {
    return this.#cases.length > 1;
  }

  begin(): void {
    const [only] = this.#cases;
    if (only === undefined) return;
    if (!this.isSelect && this.waits) {
      this.open = true;
      try {
        only.begin();
      } catch (error) {
        this.happened(only, only.refusal(error));
      }
      return;
    }
    for (const each of this.#inOrder()) {
      let outcome: Outcome | undefined;
      try {
        outcome = each.attempt();
      } catch (error) {
        outcome = each.refusal(error);
      }
      if (outcome !== undefined) {
        this.happened(each, outcome);
        return;
      }
    }
    if (this.waits) this.#stand();
    else this.#tell(0, { kind: Answer.NOT_READY });
  }

  #stand(): void {
    for (const each of this.#cases) each.enlist();
    this.open = true;
    for (const each of this.#cases) if (this.open && each.wanted.kind === RECEIVE) each.inbox.arrived();
  }

  #inOrder(): readonly ServedCase[] {
    if (this.#biased || !this.isSelect) return this.#cases;
    const drawn = [...this.#cases];
    for (let n = drawn.length - 1; n > 0; n--) {
      const other = Math.floor(random() * (n + 1));
      [drawn[n], drawn[other]] = [drawn[other] as ServedCase, drawn[n] as ServedCase];
    }
    return drawn;
  }

  happened(which: ServedCase, outcome: Outcome): void {
    this.open = false;
    this.#leave();
    this.#tell(this.#cases.indexOf(which), outcome);
  }

  #leave(): void {
    for (const each of this.#cases) each.delist();
  }

  withdraw(): boolean {
    const [only] = this.#cases;
    if (only instanceof HandingOverCase && only.happened) {
      // Those who are slower keep the value; it has happened.
      only.standing = false;
      this.open = false;
      this.#tell(0, { kind: Answer.SENT });
      return false;
    }
    this.open = false;
    this.#leave();
    return true;
  }
}
