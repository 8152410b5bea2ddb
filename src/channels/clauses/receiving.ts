// The clause of a receive.
import type { CaseNode, notReady } from "../../core/clause.ts";
import type { ReceiverNode, ReceivingHalf, ReceivingSide } from "../receiving-half.ts";
import { QuietClause } from "./quiet.ts";

export class ReceivingClause<T> extends QuietClause<T | undefined> {
  declare readonly payload: ReceivingSide | undefined;
  readonly #half: ReceivingHalf<T>;

  constructor(half: ReceivingHalf<T>, side: ReceivingSide | undefined) {
    super();
    this.#half = half;
    this.payload = side;
  }

  override get isFar(): boolean {
    return this.#half.source.elsewhere?.isFar === true;
  }

  get waitingFor(): string {
    return this.#half.waitingFor;
  }

  attempt(): T | undefined | typeof notReady {
    return this.#half.attempt(this.payload, true);
  }

  enlist(node: CaseNode): void {
    this.#half.enlist(node as ReceiverNode<T>);
  }

  delist(node: CaseNode): void {
    this.#half.delist(node as ReceiverNode<T>);
  }

  override arrived(): void {
    this.#half.arrived();
  }
}
