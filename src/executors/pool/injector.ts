// Injector queue: what waits for a worker, by priority and within one priority in order of arrival; and now and then by age, so that
// nobody waits for ever (ageing.ts).
//
// One ring-like list per priority; a withdrawn entry is marked and passed over when its turn comes, so that leaving costs
// next to nothing: what is dead is swept out when it is most of a list. Invariant: `length` counts live entries only.
import { type Ageing, Turns } from "./ageing.ts";

/** An entry: alive until it is taken or withdrawn. */
export interface Queued extends Ageing {
  readonly priority: number;
  /** Order of arrival among all priorities. */
  arrival: number;
  queued: boolean;
}

let arrivals = 0;

/** Whether `a` goes before `b`, also when they wait in different injectors. */
export function goesBefore(a: Queued, b: Queued): boolean {
  return a.priority > b.priority || (a.priority === b.priority && a.arrival < b.arrival);
}

/** Fewer dead entries than this are not worth a sweep. */
const sweepFrom = 1024;

class Line<T extends Queued> {
  #items: (T | undefined)[] = [];
  #head = 0;
  /** Withdrawn since the last sweep. */
  #dead = 0;

  push(item: T): void {
    this.#items.push(item);
  }

  /** Before the first item that came later: the head of the line in nearly every case. */
  insert(item: T): void {
    let place = this.#head;
    while (place < this.#items.length && (this.#items[place] as T).arrival < item.arrival) place++;
    if (place === this.#head && place > 0) this.#items[--this.#head] = item;
    else this.#items.splice(place, 0, item);
  }

  /** The first live item; drops the dead ones before it. */
  peek(): T | undefined {
    for (; this.#head < this.#items.length; this.#head++) {
      const item = this.#items[this.#head] as T;
      if (item.queued) return item;
      this.#items[this.#head] = undefined;
    }
    this.#items = [];
    this.#head = 0;
    this.#dead = 0;
    return undefined;
  }

  /** An item of this line has died where it stands. A first one that waits long must not keep the dead behind it in memory. */
  lose(): void {
    this.#dead++;
    if (this.#dead < sweepFrom || this.#dead * 2 < this.#items.length - this.#head) return;
    this.#items = this.#items.slice(this.#head).filter((item) => item?.queued);
    this.#head = 0;
    this.#dead = 0;
  }

  /** Takes out an item that stands anywhere. */
  remove(item: T): void {
    const place = this.#items.indexOf(item, this.#head);
    if (place >= 0) this.#items.splice(place, 1);
  }

  shift(): void {
    this.#items[this.#head++] = undefined;
    // Compact when half is dead: amortised O(1), and the memory of a burst is given back.
    if (this.#head > sweepFrom && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }
}

export class Injector<T extends Queued> {
  /** Highest priority first. */
  readonly #lines: { readonly priority: number; readonly line: Line<T> }[] = [];
  #length = 0;
  readonly #turns = new Turns();

  get length(): number {
    return this.#length;
  }

  push(entry: T): void {
    entry.arrival = ++arrivals;
    this.#enter(entry).push(entry);
  }

  /** Puts an entry that was taken out back where it stood: nothing that came later goes before it. */
  putBack(entry: T): void {
    this.#enter(entry).insert(entry);
  }

  /** Counts an entry in; the line that it is to join. */
  #enter(entry: T): Line<T> {
    entry.queued = true;
    this.#length++;
    let place = this.#lines.findIndex(({ priority }) => priority <= entry.priority);
    if (place < 0) place = this.#lines.length;
    const found = this.#lines[place];
    if (found?.priority === entry.priority) return found.line;
    const line = new Line<T>();
    this.#lines.splice(place, 0, { priority: entry.priority, line });
    return line;
  }

  /** The most urgent entry. */
  peek(): T | undefined {
    for (let place = 0; place < this.#lines.length; ) {
      const entry = this.#lines[place]?.line.peek();
      if (entry !== undefined) return entry;
      if (this.#lines.length > 1) this.#lines.splice(place, 1);
      else place++;
    }
    return undefined;
  }

  /** The entry that came first, however urgent. */
  oldest(): T | undefined {
    let oldest = this.peek();
    if (this.#lines.length === 1) return oldest;
    for (const { line } of this.#lines) {
      const first = line.peek();
      if (first !== undefined && oldest !== undefined && first.arrival < oldest.arrival) oldest = first;
    }
    return oldest;
  }

  /** Takes out the entry whose turn it is. */
  shift(): T | undefined {
    const urgent = this.peek();
    const oldest = this.oldest();
    if (urgent === undefined || oldest === undefined) return undefined;
    const entry = this.#turns.choose(urgent, oldest);
    this.#turns.given(entry, oldest);
    this.take(entry);
    return entry;
  }

  /** Takes out an entry that `peek` or `oldest` has named. */
  take(entry: T): void {
    entry.queued = false;
    this.#length--;
    this.#lineOf(entry)?.shift();
  }

  /** Takes out an entry that may be put back later: nothing of it stays, whatever that costs. */
  remove(entry: T): void {
    entry.queued = false;
    this.#length--;
    this.#lineOf(entry)?.remove(entry);
  }

  /** Lets go of an entry for good, wherever it stands; false when it was not waiting. */
  withdraw(entry: T): boolean {
    if (!entry.queued) return false;
    entry.queued = false;
    this.#length--;
    this.#lineOf(entry)?.lose();
    return true;
  }

  #lineOf(entry: T): Line<T> | undefined {
    return this.#lines.find(({ priority }) => priority === entry.priority)?.line;
  }

  /** Takes everything out, the most urgent first. */
  drain(): T[] {
    const all: T[] = [];
    for (let entry = this.peek(); entry; entry = this.peek()) {
      this.take(entry);
      all.push(entry);
    }
    return all;
  }
}
