// Weighted semaphore over a waiting line: strictly first in, first out, so a large request is never overtaken by small ones. A
// readers-writer lock is one too, with a permit for each reader and all of them for a writer: the line then keeps new readers
// behind a waiting writer.
//
// A thread that dies with permits poisons it: they are *lost* until somebody has repaired what they guarded. States and steps:
// README.md beside. Checked by test/model/protocols/turn-semaphore.ts.
import type { SharedWords } from "./atomics.ts";
import { blockFor } from "./atomics.ts";
import { EXPIRED, ORPHANED, TAKEN } from "./futex-mutex.ts";
import type { Deaths } from "./obituary.ts";
import { DISMISSED, HOLDING, hostAt, LINE_FULL, type LineHost, SERVED, WAITING, WaitingLine } from "./waiting-line.ts";

/** Permits that are taken now: so that memory of zeros is a semaphore nobody uses. */
const takenAt = hostAt;
/** Permits of the dead. */
const lostAt = hostAt + 1;
/** The thread that repairs; 0 when none does. */
const repairerAt = hostAt + 2;
/** The thread that died last with permits. */
const lostThreadAt = hostAt + 3;

/** How long before it asks again for a place in a full line. */
const fullLineMs = 1;
/** It was taken to be repaired: `endRepair` ends that, not `release`. */
export const TAKEN_TO_REPAIR = -4;

export class TurnSemaphore implements LineHost {
  readonly permits: number;
  readonly line: WaitingLine;

  constructor(words: SharedWords, base: number, capacity: number, permits: number, me: number, obituary: Deaths, lookMs?: number) {
    this.permits = permits;
    this.line = new WaitingLine(words, base, capacity, me, obituary, this, lookMs);
  }

  /** Permits that can be taken now. Never waits. */
  get available(): number {
    return this.permits - this.#get(takenAt) - this.#get(lostAt);
  }

  /** The thread that died with permits; 0 when none did. Never waits. */
  get lost(): number {
    return this.#get(lostThreadAt);
  }

  /** Takes permits, or a place in the line: `TAKEN`, `ORPHANED`, `LINE_FULL` or the place, from 1. `repairing` takes a
   *  poisoned one: `TAKEN_TO_REPAIR`. Never waits. */
  begin(permits: number, repairing: boolean): number {
    this.line.enter();
    let outcome: number;
    if (this.#poisoned) outcome = repairing ? this.#beginRepair() : ORPHANED;
    else if (this.#free(permits)) outcome = this.#take(permits);
    else outcome = this.line.enlist(permits) || LINE_FULL;
    this.line.leave();
    return outcome;
  }

  /** Takes permits if that needs no waiting: `TAKEN`, `ORPHANED` or `EXPIRED`. Never waits. */
  tryTake(permits: number): number {
    this.line.enter();
    let outcome = EXPIRED;
    if (this.#poisoned) outcome = ORPHANED;
    else if (this.#free(permits)) outcome = this.#take(permits);
    this.line.leave();
    return outcome;
  }

  /** Still in line. Never waits. */
  waits(place: number): boolean {
    return this.line.stateOf(place) === WAITING;
  }

  /** Leaves a place, in the line or not: `TAKEN` when it was served, `ORPHANED` when it was dismissed, else `EXPIRED`. Never waits. */
  finish(place: number): number {
    this.line.enter();
    const state = this.line.stateOf(place);
    this.line.free(place);
    // The one behind may ask for less.
    if (state === WAITING) this.#serve();
    this.line.leave();
    if (state === SERVED) return TAKEN;
    return state === DISMISSED ? ORPHANED : EXPIRED;
  }

  /** Gives permits back that this thread holds. Never waits. */
  release(permits: number): void {
    this.line.enter();
    this.line.hold(this.line.me, -permits);
    this.#set(takenAt, this.#get(takenAt) - permits);
    this.#serve();
    this.line.leave();
  }

  /** The repair is done: the permits of the dead are there again. Never waits. */
  endRepair(): void {
    this.line.enter();
    this.#set(repairerAt, 0);
    this.#set(lostAt, 0);
    this.#serve();
    this.line.leave();
  }

  /** Looks for the dead: takes them out of the line, and what they held into account. Never waits. */
  look(): void {
    this.line.enter();
    const { line } = this;
    const repairer = this.#get(repairerAt);
    if (repairer !== 0 && line.obituary.has(repairer)) this.#set(repairerAt, 0);
    for (const place of line.inUse()) {
      if (!line.obituary.has(line.threadOf(place))) continue;
      if (line.stateOf(place) === HOLDING) {
        const permits = line.payloadOf(place);
        this.#set(lostAt, this.#get(lostAt) + permits);
        this.#set(lostThreadAt, line.threadOf(place));
        this.#set(takenAt, this.#get(takenAt) - permits);
      }
      line.free(place);
    }
    this.#serve();
    line.leave();
  }

  /** Blocks the thread until it has the permits, `timeoutMs` at most: `TAKEN`, `TAKEN_TO_REPAIR`, `ORPHANED` or `EXPIRED`. */
  takeSync(permits: number, timeoutMs: number, repairing: boolean): number {
    const endMs = timeoutMs === Number.POSITIVE_INFINITY ? timeoutMs : performance.now() + timeoutMs;
    for (;;) {
      const place = this.begin(permits, repairing);
      if (place <= 0 && place !== LINE_FULL) return place;
      const outcome = place === LINE_FULL ? this.#pause(endMs) : this.#wait(place, endMs);
      // One who came to repair and found it repaired meanwhile waits like anybody; poisoned again, it repairs.
      if (outcome !== LINE_FULL && !(outcome === ORPHANED && repairing)) return outcome;
    }
  }

  /** The truth after a death inside: what the places say. */
  rebuild(): void {
    let taken = 0;
    for (const place of this.line.inUse()) if (this.line.stateOf(place) === HOLDING) taken += this.line.payloadOf(place);
    this.#set(takenAt, taken);
  }

  #wait(place: number, endMs: number): number {
    this.line.sleepSync(place, endMs);
    return this.finish(place);
  }

  #pause(endMs: number): number {
    if (endMs <= performance.now()) return EXPIRED;
    blockFor(fullLineMs);
    return LINE_FULL;
  }

  get #poisoned(): boolean {
    return this.#get(lostAt) > 0 && this.#get(repairerAt) === 0;
  }

  #free(permits: number): boolean {
    return this.#get(lostAt) === 0 && this.line.first === 0 && this.#get(takenAt) + permits <= this.permits;
  }

  #take(permits: number, thread: number = this.line.me): typeof TAKEN {
    this.#set(takenAt, this.#get(takenAt) + permits);
    this.line.hold(thread, permits);
    return TAKEN;
  }

  #beginRepair(): typeof TAKEN_TO_REPAIR {
    this.#set(repairerAt, this.line.me);
    return TAKEN_TO_REPAIR;
  }

  /** Serves the line from its head, as far as the permits go; sends all away when it is poisoned. */
  #serve(): void {
    const { line } = this;
    if (this.#poisoned) {
      while (line.first !== 0) line.settle(line.first, DISMISSED);
      return;
    }
    if (this.#get(lostAt) > 0) return;
    for (let place = line.first; place !== 0; place = line.first) {
      const permits = line.payloadOf(place);
      if (line.obituary.has(line.threadOf(place))) {
        line.free(place);
        continue;
      }
      if (this.#get(takenAt) + permits > this.permits) return;
      this.#take(permits, line.threadOf(place));
      line.settle(place, SERVED);
    }
  }

  #get(at: number): number {
    return this.line.words[this.line.base + at] as number;
  }

  #set(at: number, value: number): void {
    this.line.words[this.line.base + at] = value;
  }
}
