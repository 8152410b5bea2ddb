// A select in a few lines: puts cases into lines through the protocol of core/clause.ts, and takes the others out when one is served.
import { type CaseNode, type LazyClause, notReady } from "../../../src/core/clause.ts";

/** A case of a select with one or several clauses. */
export class TestCase<T> implements CaseNode {
  next: CaseNode | undefined = undefined;
  previous: CaseNode | undefined = undefined;
  ready = true;
  settled = false;
  readonly payload: unknown;
  readonly select: object;
  readonly promise: Promise<T>;
  readonly #clause: LazyClause<T>;
  readonly #siblings: readonly TestCase<T>[];
  #resolve!: (value: T) => void;
  #reject!: (error: unknown) => void;

  /** Stands in the line of its clause from now on, which must not be ready. */
  constructor(clause: LazyClause<T>, siblings: readonly TestCase<T>[] = []) {
    this.#clause = clause;
    this.#siblings = siblings;
    this.payload = clause.payload;
    this.select = siblings;
    this.promise = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (clause.attempt(this) !== notReady) throw new Error("the clause was not to be ready");
    clause.enlist(this);
  }

  /** The cases of one select over clauses that are not ready. */
  static selectOf<T>(clauses: readonly LazyClause<T>[]): readonly TestCase<T>[] {
    const cases: TestCase<T>[] = [];
    for (const clause of clauses) cases.push(new TestCase(clause, cases));
    return cases;
  }

  settle(value: unknown): void {
    this.#commit();
    this.#resolve(value as T);
  }

  fail(error: unknown): void {
    this.#commit();
    this.#reject(error);
  }

  #commit(): void {
    if (this.settled) throw new Error("a case was served twice");
    this.settled = true;
    for (const other of this.#siblings) if (other !== this) other.#clause.delist(other);
  }
}
