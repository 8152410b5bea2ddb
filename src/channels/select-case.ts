// A case of a select: a key, a clause, and the node that stands in the clause's line.
import { type CaseNode, LazyClause } from "../core/clause.ts";
import { ScopedTask } from "../core/task.ts";
import { After, Countdown } from "./clauses/after.ts";
import { QuietClause } from "./clauses/quiet.ts";
import { SignalClause } from "./clauses/signal.ts";
import { TaskClause } from "./clauses/task.ts";
import type { FarChoice } from "./remote/far-choice.ts";
import type { SharedChoice } from "./shared/choice.ts";

/** The select that a case belongs to. */
export interface CaseOwner {
  /** May be served now, by this thread: it waits, has not committed to a case, and no other thread has chosen one for it. */
  readonly ready: boolean;
  /** Its choice among things that other threads can serve. */
  readonly choice: SharedChoice;
  /** Its cases that wait in another process. */
  readonly far: FarChoice;
  /** Cases of it have moved to where other threads can serve them. */
  moved(): void;
  commit(chosen: SelectCase, value: unknown): void;
  reject(error: unknown): void;
}

export class SelectCase implements CaseNode {
  next: CaseNode | undefined = undefined;
  previous: CaseNode | undefined = undefined;
  readonly key: string;
  readonly owner: CaseOwner;
  /** `undefined` for one that is disabled. */
  readonly clause: LazyClause<unknown> | undefined;
  /** In the line of its clause. */
  standing = false;

  constructor(key: string, owner: CaseOwner, clause: LazyClause<unknown> | undefined) {
    this.key = key;
    this.owner = owner;
    this.clause = clause;
  }

  get payload(): unknown {
    return this.clause?.payload;
  }

  get ready(): boolean {
    return this.owner.ready;
  }

  get select(): object {
    return this.owner;
  }

  settle(value: unknown): void {
    this.standing = false;
    this.owner.commit(this, value);
  }

  fail(error: unknown): void {
    this.standing = false;
    this.owner.reject(error);
  }

  enlist(): void {
    if (this.standing || this.clause === undefined) return;
    this.standing = true;
    this.clause.enlist(this);
  }

  delist(): void {
    if (!this.standing) return;
    this.standing = false;
    this.clause?.delist(this);
  }

  /** There will be no more rounds with it. */
  letGo(): void {
    this.delist();
    if (this.clause instanceof QuietClause) this.clause.letGo();
  }
}

/** The clause that something selectable stands for; `again` when it is for more than one round. */
export function clauseOf(key: string, selectable: unknown, again: boolean): LazyClause<unknown> | undefined {
  if (selectable === null) return undefined;
  if (selectable instanceof LazyClause) return selectable;
  if (selectable instanceof After) return new Countdown(selectable.ms, again);
  if (selectable instanceof ScopedTask) return new TaskClause(selectable);
  if (selectable instanceof AbortSignal) return new SignalClause(selectable);
  throw new TypeError(`${JSON.stringify(key)} is nothing that select can wait for: ${advice(selectable)}.`);
}

function advice(value: unknown): string {
  if (value === undefined) return "it is undefined; null disables a clause";
  const thenable = typeof value === "object" && value !== null && "then" in value;
  if (thenable) return "a promise cannot be left alone when another clause is chosen; give a task, such as coroutines.run(() => promise)";
  return "give a clause (channel.receiving(), channel.sending(value), after(ms), mutex.acquiring()), a task, an AbortSignal or null";
}
