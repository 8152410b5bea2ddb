// Flows: which locks does the code that asks for another one hold already? A flow is a stretch of sequential code, such as one async
// function with those that it awaits; the native branches of a `Promise.all` are different flows, also inside one task. Guards do not say
// that, for anybody may release them, and without it a deadlock could not be told from two branches that take turns.
//
// Each lock operation is a step. The async context refers to the last step before the running code, and each step to the one before it.
// Like every use of `enterWith` this reaches too far: whoever calls an async function without awaiting it sees the steps that it took
// on the way in. So a chain is only a suggestion, and a step counts as one of this flow when the function that took it is still at work
// (`activations.ts`). What that leaves out is found less, never found wrongly.
//
// Runtimes that keep the context in the resource (Node below 24) show a callback the steps of its own last call, too. A step that was
// taken on the very resource that runs again is therefore not before this one.
import { AsyncLocalStorage, executionAsyncResource } from "node:async_hooks";
import type { LockHold } from "../../core/lock-recorder.ts";
import { captureTrace, continues, type Trace } from "./activations.ts";

/** A lock operation of some flow. */
export class Step {
  before: Step | undefined;
  /** What it holds now: nothing while it waits, and nothing any more after the release. */
  hold: LockHold | undefined = undefined;
  /** It neither waits nor holds. */
  over = false;
  readonly trace: Trace = captureTrace();
  /** What ran; `undefined` where that cannot matter. */
  readonly resource: object | undefined;

  constructor(before: Step | undefined, resource: object | undefined) {
    this.before = before;
    this.resource = resource;
  }
}

export class Flows {
  readonly #storage = new AsyncLocalStorage<Step>();
  readonly #inResource = "kResourceStore" in this.#storage;

  /** The code that runs now has asked for a lock. */
  enter(): Step {
    const step = this.#next();
    this.#storage.enterWith(step);
    return step;
  }

  /** The code that runs now begins something that it may wait for; `undefined` when it holds nothing. */
  fork(): Step | undefined {
    return this.#storage.getStore() === undefined ? undefined : this.#next();
  }

  /** Lets go of every context. */
  close(): void {
    this.#storage.disable();
  }

  #next(): Step {
    const resource = this.#inResource ? executionAsyncResource() : undefined;
    let before = this.#storage.getStore();
    while (before !== undefined && resource !== undefined && before.resource === resource) before = before.before;
    return new Step(withoutPast(before), resource);
  }
}

/** What the flow of a step held before it and holds still, the newest first. */
export function* heldBefore(step: Step): Generator<LockHold> {
  let last = step;
  for (let each = step.before; each !== undefined; each = each.before) {
    if (!continues(last.trace, each.trace)) continue;
    if (each.hold !== undefined) yield each.hold;
    last = each;
  }
}

/** The chain from a step on without those that are over: a flow may go on for ever, and would keep its whole past alive. */
function withoutPast(step: Step | undefined): Step | undefined {
  let first = step;
  while (first?.over) first = first.before;
  for (let each = first; each !== undefined; each = each.before) {
    while (each.before?.over) each.before = each.before.before;
  }
  return first;
}
