// The clause of a lock: an acquisition that `select` may commit to.
import type { Guard } from "../contract/sync.ts";
import { type CaseNode, LazyClause, notReady } from "../core/clause.ts";
import type { LockNode, Permits } from "./permits.ts";

export class AcquiringClause<G extends Guard> extends LazyClause<G> {
  override readonly payload: number;
  readonly #permits: Permits;

  constructor(permits: Permits, wanted: number) {
    super();
    this.#permits = permits;
    this.payload = wanted;
  }

  get waitingFor(): string {
    return this.#permits.waitingFor;
  }

  attempt(): G | typeof notReady {
    return (this.#permits.attempt(this.payload) as Guard as G | undefined) ?? notReady;
  }

  enlist(node: CaseNode): void {
    this.#permits.enlist(node as LockNode);
  }

  delist(node: CaseNode): void {
    this.#permits.delist(node as LockNode);
  }

  override arrived(): void {
    this.#permits.serve();
  }

  override stoodAside(): void {
    this.#permits.serve();
  }
}
