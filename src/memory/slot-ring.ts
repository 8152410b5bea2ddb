// A ring of slots for any number of senders and receivers: a bounded buffer (Dijkstra 1965) whose every step is one store, made inside
// a guard that is held for one copy. A lock-free queue would save the guard, and would have its readers wait for a writer that died
// between taking a slot and filling it. Protocol and proof: README.md beside. Checked by test/model/protocols/slot-ring.ts.
//
// Invariants
// - All is read and written inside the guard, except the words to sleep on, and the length for whoever only wants to know it.
// - A record is there when `TAIL` has passed it, and gone when `HEAD` has: one store each, after the last byte is written or read.
// - Which places are kept is what the words of the keepers say; the number of records and of kept places follow from the rest, and are
//   counted anew when a thread has died inside the guard.
import type { SharedWords } from "./atomics.ts";
import { load, store } from "./atomics.ts";
import { ChangeWord } from "./change-word.ts";
import type { Deaths } from "./obituary.ts";
import { ShortGuard } from "./short-guard.ts";
import { SlotBytes } from "./slot-bytes.ts";

/** It is done. */
export const DONE = 0;
/** It was not done: no room, or no record. */
export const NOT_NOW = 1;
/** It was not done, and never will: the ring is closed, and for receivers empty. */
export const CLOSED = 2;
/** The rounds of one who does not wait. */
export const NO_ROUNDS = -1;

const guardAt = 0;
/** Slots taken out; as `TAIL`, a position below twice the slots, so that full and empty differ. */
const headAt = 1;
const tailAt = 2;
/** 0 while it is open; then the bytes of the last word, plus 1. */
const closedAt = 3;
const lengthAt = 4;
/** Places that are kept. */
const keptAt = 5;
/** A sender that was passed over too often; those who come later let it go first. */
const overdueAt = 6;
const filledAt = 7;
const freedAt = 8;
const headerWords = 10;

/** How often a sender is passed over before it is overdue. */
const defaultPatience = 4;
/** How long a thread sleeps before it looks whether something died with the wake-up that was meant for it. */
const defaultLookMs = 20;

/** Where a ring lies, and its measures. */
export interface RingShape {
  readonly buffer: SharedArrayBuffer;
  /** In bytes, a multiple of 4. */
  readonly offset: number;
  readonly slots: number;
  /** A multiple of 4. */
  readonly slotBytes: number;
  /** Room for what the receivers get at the end. */
  readonly lastBytes: number;
}

export class SlotRing {
  readonly slots: number;
  readonly records: SlotBytes;
  /** To sleep on until a record comes. */
  readonly filled: ChangeWord;
  /** To sleep on until there is room. */
  readonly freed: ChangeWord;
  /** The value to sleep on, of the last attempt that found nothing. */
  seen = 0;
  readonly #words: SharedWords;
  /** By place: who keeps it; 0 when nobody does. */
  readonly #keepers: SharedWords;
  readonly #last: Uint8Array<SharedArrayBuffer>;
  readonly #guard: ShortGuard;
  readonly #me: number;
  readonly #obituary: Deaths;
  readonly #patience: number;
  readonly #lookMs: number;

  /** The ring, all 0 at first, as the thread `me` uses it. */
  constructor(shape: RingShape, me: number, obituary: Deaths, patience: number = defaultPatience, lookMs: number = defaultLookMs) {
    const { buffer, offset, slots, slotBytes, lastBytes } = shape;
    this.slots = slots;
    this.#words = new Int32Array(buffer, offset, headerWords);
    this.#keepers = new Int32Array(buffer, offset + 4 * headerWords, slots);
    const recordsAt = offset + 4 * (headerWords + slots);
    this.records = new SlotBytes(buffer, recordsAt, slots, slotBytes);
    this.#last = new Uint8Array(buffer, recordsAt + SlotBytes.size(slots, slotBytes), lastBytes);
    this.filled = new ChangeWord(this.#words, filledAt);
    this.freed = new ChangeWord(this.#words, freedAt);
    this.#me = me;
    this.#obituary = obituary;
    this.#patience = patience;
    this.#lookMs = lookMs;
    this.#guard = new ShortGuard(this.#words, guardAt, me, obituary, lookMs, () => this.#rebuild());
  }

  /** Bytes of a ring. */
  static size({ slots, slotBytes, lastBytes }: Omit<RingShape, "buffer" | "offset">): number {
    return 4 * (headerWords + slots) + SlotBytes.size(slots, slotBytes) + lastBytes;
  }

  /** Records in it. Never waits. */
  get length(): number {
    return this.#get(lengthAt);
  }

  /** Puts a record in: `DONE`, `NOT_NOW` or `CLOSED`. `rounds`: how often it was tried before by one who waits. Never waits. */
  offer(record: Uint8Array, rounds: number): number {
    return this.#send(rounds, this.records.slotsFor(record.length), () => this.#append(record));
  }

  /** Keeps a place for a record of one slot: its number, from 3, or `NOT_NOW` or `CLOSED`. Never waits. */
  keep(rounds: number): number {
    let place = 0;
    const outcome = this.#send(rounds, 1, () => {
      place = this.#keepers.indexOf(0);
      this.#keepers[place] = this.#me;
      this.#set(keptAt, this.#get(keptAt) + 1);
    });
    return outcome === DONE ? place + CLOSED + 1 : outcome;
  }

  /** Puts a record of one slot into a place that was kept, or gives the place back: `DONE` or `CLOSED`. Never waits. */
  fill(place: number, record: Uint8Array | undefined): number {
    this.#guard.enter();
    this.#keepers[place - CLOSED - 1] = 0;
    this.#set(keptAt, this.#get(keptAt) - 1);
    const closed = this.#get(closedAt) !== 0;
    const sent = record !== undefined && !closed;
    if (sent) this.#append(record);
    this.#leave(sent ? this.filled : this.freed);
    return closed ? CLOSED : DONE;
  }

  /** A sender that has tried so often gives up. Never waits. */
  giveUp(rounds: number): void {
    if (rounds <= this.#patience) return;
    this.#guard.enter();
    const mine = this.#get(overdueAt) === this.#me;
    if (mine) this.#set(overdueAt, 0);
    this.#leave(mine ? this.freed : undefined);
  }

  /** Takes the oldest record out, or `NOT_NOW` or `CLOSED`. `waits`: the caller will sleep when there is none. Never waits. */
  take(waits: boolean): Uint8Array | typeof NOT_NOW | typeof CLOSED {
    this.#guard.enter();
    if (this.#used() === 0) {
      const closed = this.#get(closedAt) !== 0;
      if (waits && !closed) this.seen = this.filled.await();
      this.#guard.leave();
      return closed ? CLOSED : NOT_NOW;
    }
    const head = this.#get(headAt);
    const record = this.records.read(head);
    this.#set(headAt, (head + this.records.slotsFor(record.length)) % (2 * this.slots));
    this.#set(lengthAt, this.#get(lengthAt) - 1);
    this.#leave(this.freed);
    return record;
  }

  /** Nothing more is accepted; `last` is for the receivers, when all is taken out. Only the first call counts. Never waits. */
  close(last: Uint8Array): void {
    this.#guard.enter();
    const first = this.#get(closedAt) === 0;
    if (first) {
      this.#last.set(last);
      this.#set(closedAt, last.length + 1);
    }
    const sleepers = first && this.filled.change();
    this.#leave(first ? this.freed : undefined);
    if (sleepers) this.filled.wake();
  }

  /** Bytes that `close` takes. */
  get longestLast(): number {
    return this.#last.length;
  }

  /** What was given to `close`; `undefined` while it is open. Never waits. */
  get last(): Uint8Array | undefined {
    const length = this.#get(closedAt) - 1;
    if (length < 0) return undefined;
    const last = new Uint8Array(length);
    last.set(this.#last.subarray(0, length));
    return last;
  }

  /** Blocks the thread until `attempt` says something else than `NOT_NOW`, `timeoutMs` at most; then `NOT_NOW`. */
  waitSync<R>(word: ChangeWord, timeoutMs: number, attempt: (rounds: number) => R): R {
    const endMs = timeoutMs === Number.POSITIVE_INFINITY ? timeoutMs : performance.now() + timeoutMs;
    for (let rounds = 0; ; rounds++) {
      const outcome = attempt(rounds);
      if (outcome !== NOT_NOW) return outcome;
      const leftMs = endMs === Number.POSITIVE_INFINITY ? endMs : endMs - performance.now();
      if (leftMs <= 0) {
        if (word === this.freed) this.giveUp(rounds);
        return outcome;
      }
      word.sleepSync(this.seen, Math.min(leftMs, this.#lookMs));
    }
  }

  #send(rounds: number, slots: number, commit: () => void): number {
    this.#guard.enter();
    if (this.#get(closedAt) !== 0) {
      this.#guard.leave();
      return CLOSED;
    }
    const overdue = rounds > this.#patience;
    const standsBack = !overdue && this.#overdueOther();
    if (standsBack || !this.#fits(slots)) {
      if (overdue && this.#get(overdueAt) === 0) this.#set(overdueAt, this.#me);
      if (rounds !== NO_ROUNDS) this.seen = this.freed.await();
      this.#guard.leave();
      return NOT_NOW;
    }
    commit();
    // Those who stood back for this one may go on now.
    const last = this.#get(overdueAt) === this.#me;
    if (last) this.#set(overdueAt, 0);
    const sleepers = last && this.freed.change();
    this.#leave(this.filled);
    if (sleepers) this.freed.wake();
    return DONE;
  }

  /** Writes a record and commits it. There is room. */
  #append(record: Uint8Array): void {
    const tail = this.#get(tailAt);
    this.records.write(tail, record);
    this.#set(tailAt, (tail + this.records.slotsFor(record.length)) % (2 * this.slots));
    this.#set(lengthAt, this.#get(lengthAt) + 1);
  }

  #fits(slots: number): boolean {
    if (this.slots - this.#used() - this.#get(keptAt) >= slots) return true;
    if (this.#get(keptAt) === 0) return false;
    // A place that a dead thread kept is free.
    for (let place = 0; place < this.slots; place++) {
      const keeper = this.#keepers[place] as number;
      if (keeper !== 0 && this.#obituary.has(keeper)) this.#keepers[place] = 0;
    }
    this.#countKept();
    return this.slots - this.#used() - this.#get(keptAt) >= slots;
  }

  #overdueOther(): boolean {
    const thread = this.#get(overdueAt);
    if (thread === 0 || thread === this.#me) return false;
    if (!this.#obituary.has(thread)) return true;
    this.#set(overdueAt, 0);
    return false;
  }

  /** Slots in use. */
  #used(): number {
    return (this.#get(tailAt) - this.#get(headAt) + 2 * this.slots) % (2 * this.slots);
  }

  /** Tells of a change, leaves the guard, wakes. */
  #leave(changed: ChangeWord | undefined): void {
    const sleepers = changed?.change() === true;
    this.#guard.leave();
    if (sleepers) changed?.wake();
  }

  #rebuild(): void {
    let length = 0;
    for (let left = this.#used(), slot = this.#get(headAt); left > 0; length++) {
      const slots = this.records.slotsAt(slot);
      left -= slots;
      slot += slots;
    }
    this.#set(lengthAt, length);
    this.#countKept();
    // The dead one may have changed something and told nobody.
    for (const word of [this.filled, this.freed]) {
      word.change();
      word.wake();
    }
  }

  #countKept(): void {
    let kept = 0;
    for (let place = 0; place < this.slots; place++) if (this.#keepers[place] !== 0) kept++;
    this.#set(keptAt, kept);
  }

  #get(at: number): number {
    return load(this.#words, at);
  }

  #set(at: number, value: number): void {
    store(this.#words, at, value);
  }
}
