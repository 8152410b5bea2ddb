// A thread is its log (re-execution, as in Flanagan and Godefroid's stateless search; Park and Lee's "replay"): a synchronous body
// is a pure function of the results of its accesses. To take one more step, the body is run again from the start, is given the
// results so far, and is stopped at the next access. So unmodified code can be suspended anywhere, copied and continued twice.
//
// Logs with a common beginning share it: they are the nodes of a tree, each run once however many states contain it.
import { type Access, describeAccess } from "./modelled-memory.ts";
import type { StandIns, StepTaker } from "./stand-ins.ts";

/** What stands at the end of a log: the next access, or how the body ended. */
export interface LogNode {
  readonly id: number;
  readonly depth: number;
  readonly parent: LogNode | undefined;
  /** The result by which the parent's access came here. */
  readonly result: unknown;
  /** `undefined` when the body has ended. */
  readonly next: Access | undefined;
  /** It ended by throwing. */
  readonly thrown: { readonly error: unknown } | undefined;
  readonly children: Map<unknown, LogNode>;
}

/** Thrown to stop a body. Code under test may catch it; it is thrown again by every further access. */
const suspended = Symbol("suspended by the explorer");

/** Runs the bodies, each from its own set-up. */
export class ThreadLogs<S> {
  readonly #standIns: StandIns;
  readonly #setup: () => S;
  readonly #bodies: readonly ((state: S) => void)[];
  #ids = 0;

  constructor(standIns: StandIns, setup: () => S, bodies: readonly ((state: S) => void)[]) {
    this.#standIns = standIns;
    this.#setup = setup;
    this.#bodies = bodies;
  }

  /** The thread before its first access. */
  begin(thread: number): LogNode {
    return this.#run(thread, undefined, undefined);
  }

  /** The thread after its next access gave `result`. */
  advance(thread: number, node: LogNode, result: unknown): LogNode {
    let child = node.children.get(result);
    if (child === undefined) {
      child = this.#run(thread, node, result);
      node.children.set(result, child);
    }
    return child;
  }

  #run(thread: number, parent: LogNode | undefined, result: unknown): LogNode {
    const replay = new Replay(parent, result);
    let thrown: LogNode["thrown"];
    this.#standIns.around(() => {
      const state = this.#setup();
      this.#standIns.takeSteps(replay);
      try {
        const returned: unknown = this.#bodies[thread]?.(state);
        if (typeof (returned as { then?: unknown } | undefined)?.then === "function") {
          throw new TypeError(`bodies[${thread}] returned a promise; a body of exploreShared is synchronous.`);
        }
      } catch (error) {
        thrown = { error };
      }
    });
    if (replay.mismatch !== undefined) thrown = { error: replay.mismatch };
    else if (replay.pending !== undefined) thrown = undefined;
    const next = replay.mismatch === undefined ? replay.pending : undefined;
    return { id: this.#ids++, depth: replay.depth, parent, result, next, thrown, children: new Map() };
  }
}

/** One execution of a body: gives back what is logged, then stops it. */
class Replay implements StepTaker {
  readonly #accesses: Access[] = [];
  readonly #results: unknown[] = [];
  #position = 0;
  nowMs = 0;
  pending: Access | undefined;
  mismatch: Error | undefined;

  constructor(parent: LogNode | undefined, result: unknown) {
    let given = result;
    for (let node = parent; node !== undefined; node = node.parent) {
      this.#accesses.push(node.next as Access);
      this.#results.push(given);
      given = node.result;
    }
    this.#accesses.reverse();
    this.#results.reverse();
  }

  get depth(): number {
    return this.#results.length;
  }

  take(access: Access): unknown {
    if (this.pending !== undefined || this.mismatch !== undefined) throw suspended;
    const logged = this.#accesses[this.#position];
    if (logged === undefined) {
      this.pending = access;
      throw suspended;
    }
    if (logged.name !== access.name || logged.at !== access.at || logged.type !== access.type) {
      this.mismatch = new TypeError(
        `A body must do the same each time: it did ${describeAccess(logged)} and then, on the same results, ${describeAccess(access)}.`,
      );
      throw suspended;
    }
    const result = this.#results[this.#position++];
    if (access.name === "wait" && result === "timed-out") this.pass(Number(access.values[1]));
    return result;
  }

  pass(timeoutMs: number): void {
    if (timeoutMs === Number.POSITIVE_INFINITY) throw new TypeError("A body waits without limit on memory that no other thread has.");
    this.nowMs += timeoutMs;
  }
}
