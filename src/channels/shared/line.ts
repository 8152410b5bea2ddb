// Those of this thread who wait in one line of a channel between threads: a node here, a place there. A thread is woken on the word of the
// place; it then leaves the place and tells the node, in one step, so that a cancel finds the one or the other.
import type { Home } from "../../core/parked.ts";
import { waitAsync } from "../../memory/atomics.ts";
import { LEFT, WAITS } from "../../memory/queue-asking.ts";
import type { SharedQueue } from "../../memory/shared-queue.ts";
import { unwatch, type Watched, watch } from "../../sync/shared/watch.ts";
import type { WaitingNode } from "../elsewhere.ts";
import type { SharedChoice } from "./choice.ts";

/** Tells a node how its place has ended. */
export type Teller = (node: WaitingNode, outcome: number, place: number) => void;

interface Entry {
  readonly node: WaitingNode;
  readonly place: number;
  /** The case of a select: its choice, and its number in that. */
  readonly choice: SharedChoice | undefined;
  readonly which: number;
}

export class SharedLine implements Home, Watched {
  readonly waitingFor: string;
  readonly #queue: SharedQueue;
  readonly #tell: Teller;
  readonly #entries = new Map<WaitingNode, Entry>();
  readonly #byPlace = new Map<number, Entry>();
  /** Places slept on. The sleep of one that has left ends a moment later; whoever gets the place before then shares it. */
  readonly #sleeping = new Set<number>();

  constructor(waitingFor: string, queue: SharedQueue, tell: Teller) {
    this.waitingFor = waitingFor;
    this.#queue = queue;
    this.#tell = tell;
  }

  has(node: WaitingNode): boolean {
    return this.#entries.has(node);
  }

  /** A node waits in a place from now on; which may be over at once. */
  add(node: WaitingNode, place: number, choice?: SharedChoice, which = 0): void {
    const entry: Entry = { node, place, choice, which };
    this.#entries.set(node, entry);
    this.#byPlace.set(place, entry);
    watch(this);
    choice?.join(which, this, node);
    this.#rest(entry);
  }

  /** Sleeps on the place, or serves it when there is something to see already. */
  #rest(entry: Entry): void {
    const { place } = entry;
    while (this.#byPlace.get(place) === entry && !this.#sleeping.has(place)) {
      const { words } = this.#queue.store;
      const index = this.#queue.indexOf(place);
      if (!this.#queue.waits(place)) {
        this.#serve(entry);
        return;
      }
      const waiting = waitAsync(words, index, this.#queue.store.stateOf(place));
      // A platform that has no room for another wait answers at once too: the interval does the rest.
      if (!waiting.async && waiting.value !== "not-equal") return;
      if (!waiting.async) continue;
      this.#sleeping.add(place);
      void waiting.value.then(() => this.#woken(place));
    }
  }

  #woken(place: number): void {
    this.#sleeping.delete(place);
    const entry = this.#byPlace.get(place);
    if (entry === undefined) return;
    if (!this.#queue.waits(place)) {
      this.#serve(entry);
      return;
    }
    // It was told to look for itself.
    if (entry.choice?.reminded) entry.choice.open();
    this.#rest(entry);
  }

  #serve(entry: Entry): void {
    this.#end(entry, this.#queue.finish(entry.place));
  }

  #end(entry: Entry, outcome: number): void {
    const { node, place, choice } = entry;
    this.#forget(entry);
    if (outcome === LEFT) return;
    if (choice === undefined) this.#tell(node, outcome, place);
    else choice.tell(() => this.#tell(node, outcome, place));
  }

  #forget({ node, place, choice, which }: Entry): void {
    this.#entries.delete(node);
    this.#byPlace.delete(place);
    choice?.leave(which);
    if (this.#entries.size === 0) unwatch(this);
  }

  // ---- a select ----

  /** A case looks for itself, with its choice held; true when that ended its waiting. */
  lookAt(node: WaitingNode): boolean {
    const entry = this.#entries.get(node);
    if (entry === undefined) return false;
    watch(this);
    const outcome = this.#queue.look(entry.place, entry.choice?.word ?? 0);
    if (outcome === WAITS) return false;
    this.#end(entry, outcome);
    return true;
  }

  /** The choice has fallen on this case, whether its place says so yet or not. */
  collect(node: WaitingNode): boolean {
    const entry = this.#entries.get(node);
    if (entry === undefined) return false;
    this.#serve(entry);
    return true;
  }

  /** A select that stands here can be served from now on. */
  arrived(): void {
    this.#queue.arrivedIfWanted();
  }

  /** A case leaves the line, with its choice closed. */
  delist(node: WaitingNode): void {
    const entry = this.#entries.get(node);
    if (entry === undefined) return;
    this.#queue.finish(entry.place);
    this.#forget(entry);
  }

  // ---- a cancel ----

  late(node: WaitingNode): boolean {
    const entry = this.#entries.get(node);
    if (entry === undefined) return false;
    const outcome = this.#queue.finish(entry.place);
    this.#end(entry, outcome);
    return outcome !== LEFT;
  }

  /** It has left when it was asked whether it is too late. */
  withdraw(): void {}

  // ---- from time to time ----

  /** Tells all whose places have ended: what this thread has done itself, it need not be woken for. */
  serveAll(): void {
    for (const entry of [...this.#entries.values()]) if (!this.#queue.waits(entry.place)) this.#serve(entry);
  }

  look(): void {
    this.#queue.lookForDead();
    let active = false;
    for (const entry of [...this.#entries.values()]) {
      if (!this.#queue.waits(entry.place)) this.#serve(entry);
      else if (entry.choice?.reminded) entry.choice.open();
      active ||= entry.choice === undefined || entry.choice.isOpen;
    }
    // Selects between two rounds keep their places, and no program alive.
    if (!active) unwatch(this);
  }
}
