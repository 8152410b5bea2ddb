// The producer: drives a generator inside its task, wherever that runs, as far as credit goes.
//
// States: pulling (the generator runs) → holding (it stands at a `yield`: for credit, for a turn of the event loop) → pulling …
// → over. A cancel in pulling is the generator's to notice, as any task's code does; after each item, and in holding, it is noticed
// here, and the generator is told to return, so that its `finally` runs. Either way the task ends when the generator has.
import { turnDue } from "../../../core/checkpoint.ts";
import { currentScope } from "../../../core/context.ts";
import { Allowance, type Credit } from "./credit.ts";

/** Where items go. */
export interface StreamOutlet {
  /** Takes an item and returns its weight in bytes. Throws `NotSerializableError` for one that cannot travel. */
  put(item: unknown): number;
  /** Sends what it holds. `wanting`: the producer has to stop for want of items in its credit. */
  flush(wanting: boolean): void;
}

/** The place that a generator holds on its executor, where it can be lent while the generator stands still. */
export interface StreamPlace {
  leave(): void;
  /** Resolves when the place is free again. */
  enter(): Promise<void>;
}

/** The same on this thread, for a reader who is here: `grants` says how its credit gets to the generator. */
export function produceHere(
  source: unknown,
  outlet: StreamOutlet,
  grants: { readonly first: Credit; connect(grant: (credit: Credit) => void): void },
  place?: StreamPlace,
): Promise<void> {
  const allowance = new Allowance(grants.first);
  grants.connect((credit) => allowance.grant(credit));
  return produce(source, outlet, allowance, place);
}

/** Sends what the generator yields until it ends. Parks the task while there is no credit. Rejects with what the generator throws, with
 *  the cancel of the task, or with `NotSerializableError`, each after the generator is over. */
export async function produce(source: unknown, outlet: StreamOutlet, allowance: Allowance, place?: StreamPlace): Promise<void> {
  const { iterator, asynchronous } = iteratorOf(await source);
  const scope = currentScope();
  let live = true;
  try {
    for (;;) {
      if (allowance.isSpent) {
        outlet.flush(allowance.wantsItems);
        await creditOf(allowance, place);
      }
      scope.check();
      live = false;
      const pulled = iterator.next();
      const step = (asynchronous ? await pulled : pulled) as IteratorResult<unknown>;
      if (step.done === true) break;
      live = true;
      const { value } = step;
      // What an asynchronous generator yields has been awaited by the language.
      const item = value instanceof Promise ? await value : value;
      // What was yielded after the cancel did not happen.
      scope.check();
      allowance.spend(outlet.put(item));
      const turn = turnDue();
      if (turn !== undefined) {
        outlet.flush(false);
        await turn;
      }
    }
    outlet.flush(false);
  } catch (error) {
    outlet.flush(false);
    if (live) await close(iterator, error, scope.error);
    throw error;
  }
}

/** Waits for credit; who holds the only place on an executor lends it meanwhile, since its reader may need it to get on. */
async function creditOf(allowance: Allowance, place: StreamPlace | undefined): Promise<void> {
  place?.leave();
  try {
    await allowance.untilGranted();
  } finally {
    await place?.enter();
  }
}

/** Lets the `finally` blocks of the generator run. What they throw hides a cancel, as it would in any task, and nothing else. */
async function close(iterator: Iterator<unknown> | AsyncIterator<unknown>, error: unknown, cancel: unknown): Promise<void> {
  try {
    await iterator.return?.();
  } catch (thrown) {
    if (error === cancel) throw thrown;
  }
}

function iteratorOf(source: unknown): {
  readonly iterator: Iterator<unknown> | AsyncIterator<unknown>;
  readonly asynchronous: boolean;
} {
  if (typeof source === "object" && source !== null) {
    if (Symbol.asyncIterator in source) {
      return { iterator: (source as AsyncIterable<unknown>)[Symbol.asyncIterator](), asynchronous: true };
    }
    // An array is no generator: it would have been there as a result.
    if (Symbol.iterator in source && "next" in source) {
      return { iterator: (source as Iterable<unknown>)[Symbol.iterator](), asynchronous: false };
    }
  }
  throw new TypeError("stream needs a generator function (function* or async function*); to have one value, call run.");
}
