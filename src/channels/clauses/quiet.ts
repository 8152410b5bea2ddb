// The clauses of this room: channels, tasks, signals and clocks. What sets them apart from those of locks is that a case which
// leaves its line serves nobody by that, so a select can leave at once, in the middle of somebody's hand-over.
import { LazyClause } from "../../core/clause.ts";

export abstract class QuietClause<T> extends LazyClause<T> {
  /** A case of a persistent select stands in line between its rounds, too. */
  get keepsPlace(): boolean {
    return true;
  }

  /** There will be no more rounds with this clause. */
  letGo(): void {}
}
