// The clause of a send.
import { type CaseNode, notReady } from "../../core/clause.ts";
import { Offer, type OfferNode, type SendingSide } from "../offer.ts";
import type { SendingHalf } from "../sending-half.ts";
import { QuietClause } from "./quiet.ts";

export class SendingClause<T> extends QuietClause<void> {
  declare readonly payload: Offer<T>;
  readonly #half: SendingHalf<T>;

  constructor(half: SendingHalf<T>, value: T, side: SendingSide | undefined) {
    super();
    this.#half = half;
    this.payload = new Offer(value, side, false);
  }

  override get isFar(): boolean {
    return this.#half.elsewhere?.isFar === true;
  }

  get waitingFor(): string {
    return this.#half.waitingFor;
  }

  attempt(): undefined | typeof notReady {
    const { value, side } = this.payload;
    return this.#half.attempt(value, side) ? undefined : notReady;
  }

  enlist(node: CaseNode): void {
    this.#half.enlist(node as OfferNode<T>);
  }

  delist(node: CaseNode): void {
    this.#half.delist(node as OfferNode<T>);
  }
}
