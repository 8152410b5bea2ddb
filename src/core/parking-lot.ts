// Parking lot (WebKit's, Trio's): a first-in-first-out line of operations that wait for one thing. Every lock, channel and
// task that can be waited for is a small state with one or two of these lines.
//
// Invariants
// - Intrusive doubly linked list: standing in line costs no object, a cancelled operation leaves in O(1).
// - Whoever serves takes the node out first (`shift`, `remove`), then settles it, synchronously. So a node in a line has not been
//   served, one that was served is in no line, and a cancel finds either the one or the other.
// - Settling only resolves a promise: no code of the user runs inside. A host may change its state before or after.
// - `host.withdrawn` is told when a cancelled operation has left the line: the next in line may now be servable (the head of a
//   semaphore's line was too large, the last waiting writer has gone).
import type { WaitOptions } from "../contract/waiting.ts";
import { type Home, type LineNode, Parked } from "./parked.ts";
import type { CancelScope } from "./scope.ts";

/** The structure whose line it is. */
export interface LotHost {
  /** What those in line wait for, in words, such as `the mutex "db"`. */
  readonly waitingFor: string;
  /** A cancelled operation has left the line. */
  withdrawn?(): void;
}

export class ParkingLot<T, P = undefined> implements Home {
  readonly host: LotHost;
  #first: LineNode<T, P> | undefined = undefined;
  #last: LineNode<T, P> | undefined = undefined;
  #length = 0;

  constructor(host: LotHost) {
    this.host = host;
  }

  get waitingFor(): string {
    return this.host.waitingFor;
  }

  /** How many stand in line. */
  get length(): number {
    return this.#length;
  }

  /** The longest in line, of those that may be served now. */
  get first(): LineNode<T, P> | undefined {
    const first = this.#first;
    return first === undefined || first.ready ? first : this.#firstReady();
  }

  /** The operations in line, from the longest to the newest, those included that may not be served now. */
  *[Symbol.iterator](): Generator<LineNode<T, P>> {
    for (let node = this.#first; node !== undefined; ) {
      // Read before the caller may serve it.
      const { next } = node;
      yield node;
      node = next;
    }
  }

  /** Parks the current task at the end of the line. The caller has asked `enterOperation`, which gives the scope. */
  park(scope: CancelScope, options: WaitOptions | undefined, payload: P): Parked<T, P> {
    const operation = new Parked<T, P>(scope, options, this, payload);
    this.enlist(operation);
    return operation;
  }

  /** Puts a node at the end of the line. */
  enlist(node: LineNode<T, P>): void {
    const last = this.#last;
    node.previous = last;
    node.next = undefined;
    if (last === undefined) this.#first = node;
    else last.next = node;
    this.#last = node;
    this.#length++;
  }

  /** Takes the longest in line out, of those that may be served now, to be settled by the caller. */
  shift(): LineNode<T, P> | undefined {
    const { first } = this;
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** The longest in line that may be served by `server`: a case of the same select may not. */
  firstFor(server: Pick<LineNode<never, never>, "select"> | undefined): LineNode<T, P> | undefined {
    if (server === undefined || server.select === undefined) return this.first;
    for (let node = this.#first; node !== undefined; node = node.next) {
      if (node.ready && node.select !== server.select) return node;
    }
    return undefined;
  }

  /** Takes a node of this line out. */
  remove(node: LineNode<T, P>): void {
    const { next, previous } = node;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    node.next = undefined;
    node.previous = undefined;
    this.#length--;
  }

  withdraw(operation: LineNode<never, never>): void {
    this.remove(operation as LineNode<unknown, unknown> as LineNode<T, P>);
    this.host.withdrawn?.();
  }

  /** Serves everybody in line, also those that come back between two rounds of a select. */
  settleAll(value: T): void {
    for (let node = this.#first; node !== undefined; node = this.#first) {
      this.remove(node);
      node.settle(value);
    }
  }

  /** Fails everybody in line. */
  failAll(makeError: (node: LineNode<T, P>) => unknown): void {
    for (let node = this.#first; node !== undefined; node = this.#first) {
      this.remove(node);
      node.fail(makeError(node));
    }
  }

  #firstReady(): LineNode<T, P> | undefined {
    let node = this.#first;
    while (node !== undefined && !node.ready) node = node.next;
    return node;
  }
}
