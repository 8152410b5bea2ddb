// A clause as `select` sees it: a lazy description of one waiting operation. Making one does nothing; `attempt` commits it when
// it is ready, `enlist` and `delist` put a case of a select into the line of the thing and out of it again.
//
// Whoever serves that line settles the case with what the plain operation would have got; the select then commits to it
// and takes its other cases out of their lines before any other code runs. So exactly one clause happens.
import type { Clause, clauseBrand } from "../contract/waiting.ts";
import type { LineNode } from "./parked.ts";
import { bindToThread } from "./thread-bound.ts";

/** What `attempt` returns when the operation would have to wait. A symbol, because everything else may be a value. */
export const notReady: unique symbol = Symbol("brigade.not-ready");

/** A case of a select: a node that stands in the line of its clause. */
export type CaseNode = LineNode<unknown, unknown>;

/** Something that `select` can wait for. One subclass for each kind of operation. */
export abstract class LazyClause<T> implements Clause<T> {
  declare readonly [clauseBrand]: T;
  /** What the operation brings to the line (`LineNode.payload`). */
  readonly payload: unknown = undefined;
  /** Whether it is ready is for another process to say: a select that can wait asks for it by waiting. */
  get isFar(): boolean {
    return false;
  }
  /** What it waits for, in words. */
  abstract readonly waitingFor: string;
  /** Does the operation when it need not wait and returns what it gives, else `notReady`. Throws as the plain operation does;
   *  the clause counts as ready then. `self` is the case that asks: no other case of its select may serve it. */
  abstract attempt(self: CaseNode | undefined): T | typeof notReady;
  /** Puts a case at the end of the line. Called only after `attempt` was not ready, with nothing in between. */
  abstract enlist(node: CaseNode): void;
  /** Takes the case out of the line, as a cancelled operation leaves it. */
  abstract delist(node: CaseNode): void;
  /** A case has been put in line, or its select has opened with a case that kept its place: it can be served, and so can whoever waited
   *  for it (at capacity 0 a receiver in line is a place). */
  arrived(): void {}
  /** A case that keeps its place is not to be served until the next round: those behind it may be, if there is something for them. */
  stoodAside(): void {}
}
bindToThread(LazyClause, "a clause of select");
