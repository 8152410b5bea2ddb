// Waiting line: a parking lot (WebKit's) that lies in shared memory, so that threads stand in line first in, first out, are served by
// any thread, and are woken one by one on words of their own. Nobody else is woken, and a place in the line survives looking up.
//
// Layout: a header, then places of four words: state, thread, payload, next. Places are numbered from 1; 0 means none.
//
// Invariants
// - All but the state word of a place is read and written under the guard, a mutex for these few steps alone.
// - The states of the places are the truth: the lists (line, holders, free places) follow from them and are made anew by `#rebuild`
//   when a thread has died inside the guard.
// - Whoever takes a place out of the line settles it, at once. A place is freed by its own thread, or when that is dead.
import type { SharedWords } from "./atomics.ts";
import { load, notify, store, wait } from "./atomics.ts";
import type { Deaths } from "./obituary.ts";
import { ShortGuard } from "./short-guard.ts";

/** States of a place. */
export const FREE = 0;
/** In the line. */
export const WAITING = 1;
/** Served; the thread has yet to see it. */
export const SERVED = 2;
/** Sent away; the thread has yet to see it. */
export const DISMISSED = 3;
/** Notes what a thread holds. */
export const HOLDING = 4;

/** No place was taken: all are in use. */
export const LINE_FULL = -3;

const guardAt = 0;
const firstAt = 1;
const lastAt = 2;
const freeAt = 3;
/** Places that were ever used. */
const usedAt = 4;
const holdersAt = 5;
const lengthAt = 6;
/** Where the words begin that belong to the host. */
export const hostAt = 7;
const headerWords = 16;
const placeWords = 4;

/** How long a thread sleeps before it looks for the dead. */
const defaultLookMs = 20;

/** What the line asks of the structure whose line it is. */
export interface LineHost {
  /** A thread has died inside the guard, and the line is whole again: make the host's own words follow from it. */
  rebuild(): void;
  /** Takes the dead out of the line, and into account what they held. */
  look(): void;
}

export class WaitingLine {
  readonly words: SharedWords;
  readonly base: number;
  readonly me: number;
  readonly obituary: Deaths;
  readonly #capacity: number;
  readonly #guard: ShortGuard;
  readonly #host: LineHost;
  readonly #lookMs: number;

  /** The line at `words[base]`, all 0 at first, as the thread `me` uses it. */
  constructor(
    words: SharedWords,
    base: number,
    capacity: number,
    me: number,
    obituary: Deaths,
    host: LineHost,
    lookMs: number = defaultLookMs,
  ) {
    this.words = words;
    this.base = base;
    this.me = me;
    this.obituary = obituary;
    this.#capacity = capacity;
    this.#guard = new ShortGuard(words, base + guardAt, me, obituary, lookMs, () => {
      this.#rebuild();
      host.rebuild();
    });
    this.#host = host;
    this.#lookMs = lookMs;
  }

  /** Words of a line with that many places. */
  static size(capacity: number): number {
    return headerWords + placeWords * capacity;
  }

  /** How many stand in it. */
  get length(): number {
    return this.#get(lengthAt);
  }

  /** The longest in line; 0 when it is empty. */
  get first(): number {
    return this.#get(firstAt);
  }

  /** Takes the guard. Blocks the thread for the few steps of others. */
  enter(): void {
    this.#guard.enter();
  }

  leave(): void {
    this.#guard.leave();
  }

  /** Stands in line; 0 when all places are taken. */
  enlist(payload: number): number {
    const place = this.#allocate(this.me, payload, WAITING);
    if (place !== 0) this.#append(place);
    return place;
  }

  /** Takes a waiting place out of the line and tells its thread. */
  settle(place: number, state: typeof SERVED | typeof DISMISSED, payload = 0): void {
    this.#remove(place);
    this.#set(this.#at(place) + 2, payload);
    const at = this.base + this.#at(place);
    store(this.words, at, state);
    // All: a cancelled wait of an earlier owner of the place may still hang on the word.
    notify(this.words, at);
  }

  /** Gives a place back, out of whichever list it is in. */
  free(place: number): void {
    const state = this.stateOf(place);
    if (state === WAITING) this.#remove(place);
    if (state === HOLDING) this.#dropHolder(place);
    store(this.words, this.base + this.#at(place), FREE);
    this.#set(this.#at(place) + 3, this.#get(freeAt));
    this.#set(freeAt, place);
  }

  /** Notes that a thread holds so much more, or less. Nothing is noted when all places are taken: then a death loses it. */
  hold(thread: number, amount: number): void {
    for (let place = this.#get(holdersAt); place !== 0; place = this.#next(place)) {
      if (this.threadOf(place) !== thread) continue;
      const held = this.payloadOf(place) + amount;
      if (held > 0) this.#set(this.#at(place) + 2, held);
      else this.free(place);
      return;
    }
    if (amount <= 0) return;
    const place = this.#allocate(thread, amount, HOLDING);
    if (place === 0) return;
    this.#set(this.#at(place) + 3, this.#get(holdersAt));
    this.#set(holdersAt, place);
  }

  stateOf(place: number): number {
    return load(this.words, this.base + this.#at(place));
  }

  threadOf(place: number): number {
    return this.#get(this.#at(place) + 1);
  }

  payloadOf(place: number): number {
    return this.#get(this.#at(place) + 2);
  }

  /** The places that are in use, whatever for. */
  *inUse(): Generator<number> {
    const used = this.#get(usedAt);
    for (let place = 1; place <= used; place++) if (this.stateOf(place) !== FREE) yield place;
  }

  /** Where the state of a place stands: the word to sleep on while it is `WAITING`. */
  indexOf(place: number): number {
    return this.base + this.#at(place);
  }

  /** Blocks the thread while the place waits, until `endMs` at most, and has the host look for the dead from time to time. */
  sleepSync(place: number, endMs: number): void {
    while (this.stateOf(place) === WAITING) {
      const leftMs = endMs === Number.POSITIVE_INFINITY ? endMs : endMs - performance.now();
      if (leftMs <= 0) return;
      wait(this.words, this.indexOf(place), WAITING, Math.min(leftMs, this.#lookMs));
      if (this.stateOf(place) === WAITING) this.#host.look();
    }
  }

  #allocate(thread: number, payload: number, state: number): number {
    let place = this.#get(freeAt);
    if (place !== 0) this.#set(freeAt, this.#next(place));
    else {
      place = this.#get(usedAt) + 1;
      if (place > this.#capacity) return 0;
      this.#set(usedAt, place);
    }
    const at = this.#at(place);
    this.#set(at + 1, thread);
    this.#set(at + 2, payload);
    this.#set(at + 3, 0);
    store(this.words, this.base + at, state);
    return place;
  }

  #append(place: number): void {
    const last = this.#get(lastAt);
    if (last === 0) this.#set(firstAt, place);
    else this.#set(this.#at(last) + 3, place);
    this.#set(lastAt, place);
    this.#set(lengthAt, this.#get(lengthAt) + 1);
  }

  #remove(place: number): void {
    let previous = 0;
    for (let each = this.first; each !== place; each = this.#next(each)) previous = each;
    const next = this.#next(place);
    if (previous === 0) this.#set(firstAt, next);
    else this.#set(this.#at(previous) + 3, next);
    if (next === 0) this.#set(lastAt, previous);
    this.#set(lengthAt, this.#get(lengthAt) - 1);
  }

  #dropHolder(place: number): void {
    let previous = 0;
    for (let each = this.#get(holdersAt); each !== place; each = this.#next(each)) previous = each;
    if (previous === 0) this.#set(holdersAt, this.#next(place));
    else this.#set(this.#at(previous) + 3, this.#next(place));
  }

  /** Makes the lists anew. The order of those that waited is lost, which is better than they. */
  #rebuild(): void {
    for (const at of [firstAt, lastAt, freeAt, holdersAt, lengthAt]) this.#set(at, 0);
    const used = this.#get(usedAt);
    for (let place = 1; place <= used; place++) {
      const state = this.stateOf(place);
      const list = state === FREE ? freeAt : holdersAt;
      this.#set(this.#at(place) + 3, state === FREE || state === HOLDING ? this.#get(list) : 0);
      if (state === WAITING) this.#append(place);
      else if (state === FREE || state === HOLDING) this.#set(list, place);
    }
  }

  #at(place: number): number {
    return headerWords + placeWords * (place - 1);
  }

  #next(place: number): number {
    return this.#get(this.#at(place) + 3);
  }

  #get(at: number): number {
    return this.words[this.base + at] as number;
  }

  #set(at: number, value: number): void {
    this.words[this.base + at] = value;
  }
}
