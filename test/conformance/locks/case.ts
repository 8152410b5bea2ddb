// The form of a case, and what cases share.
import type { Guard } from "../../../src/contract/sync.ts";
import type { Clause } from "../../../src/contract/waiting.ts";
import type { LazyClause } from "../../../src/core/clause.ts";
import type { Capability, Subject } from "./flavours.ts";

/** One behaviour of every lock. */
export interface Case {
  readonly name: string;
  /** A flavour that lacks one of these does not run it. */
  readonly needs?: readonly Capability[];
  readonly run: (subject: Subject) => Promise<void>;
}

/** The clause as `select` sees it. */
export function lazy(clause: Clause<Guard>): LazyClause<Guard> {
  return clause as LazyClause<Guard>;
}

/** What became of a promise so far: "pending", "done" or the name of its error. Look after the microtasks have run. */
export function watch(promise: PromiseLike<unknown>): { readonly state: string } {
  const seen = { state: "pending" };
  promise.then(
    () => {
      seen.state = "done";
    },
    (error: Error) => {
      seen.state = error.name;
    },
  );
  return seen;
}
