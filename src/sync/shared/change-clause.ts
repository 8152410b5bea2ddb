// The clause for `select` of what a line of tasks waits for.
import { type CaseNode, LazyClause, type notReady } from "../../core/clause.ts";
import type { ChangeLine } from "./change-line.ts";

export class ChangeClause<R, P> extends LazyClause<R> {
  readonly #line: ChangeLine<R, P>;
  readonly #makePayload: () => P;
  /** Made by the first attempt. */
  override payload: P | undefined = undefined;

  constructor(line: ChangeLine<R, P>, makePayload: () => P) {
    super();
    this.#line = line;
    this.#makePayload = makePayload;
  }

  get waitingFor(): string {
    return this.#line.waitingFor;
  }

  attempt(): R | typeof notReady {
    this.payload ??= this.#makePayload();
    return this.#line.try(this.payload);
  }

  enlist(node: CaseNode): void {
    this.#line.lot.enlist(node as never);
  }

  override arrived(): void {
    this.#line.serve();
  }

  override stoodAside(): void {
    this.#line.serve();
  }

  delist(node: CaseNode): void {
    this.#line.lot.withdraw(node as never);
  }
}
