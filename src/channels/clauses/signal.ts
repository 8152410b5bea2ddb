// The clause of a signal: ready when it has aborted, with its reason. For one case only.
import { type CaseNode, notReady } from "../../core/clause.ts";
import { listenToSignal, type SignalListener, stopListening } from "../../core/signals.ts";
import { QuietClause } from "./quiet.ts";

export class SignalClause extends QuietClause<unknown> implements SignalListener {
  readonly #signal: AbortSignal;
  #case: CaseNode | undefined = undefined;

  constructor(signal: AbortSignal) {
    super();
    this.#signal = signal;
  }

  get waitingFor(): string {
    return "the abort of a signal";
  }

  attempt(): unknown {
    return this.#signal.aborted ? this.#signal.reason : notReady;
  }

  enlist(node: CaseNode): void {
    this.#case = node;
    listenToSignal(this.#signal, this);
  }

  delist(): void {
    stopListening(this.#signal, this);
  }

  onAbort(reason: unknown): void {
    this.#case?.settle(reason);
  }
}
