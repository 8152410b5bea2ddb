// Barrier over a waiting line: the party that makes the number full serves all others. One that leaves was never there; one that dies
// in line breaks it, since nobody will come in its place. Checked by test/model/protocols/turn-barrier.ts.
import type { SharedWords } from "./atomics.ts";
import type { Deaths } from "./obituary.ts";
import { DISMISSED, hostAt, LINE_FULL, type LineHost, SERVED, WAITING, WaitingLine } from "./waiting-line.ts";

/** 1 while it is broken. */
const brokenAt = hostAt;

/** The round cannot complete. */
export const BROKEN = -1;
/** It left before the round was complete. */
export const LEFT = -2;

export class TurnBarrier implements LineHost {
  readonly line: WaitingLine;
  readonly #parties: number;

  /** The line has two places for each party, since those of the last round leave theirs at their leisure. */
  constructor(words: SharedWords, base: number, parties: number, me: number, obituary: Deaths, lookMs?: number) {
    this.line = new WaitingLine(words, base, 2 * parties, me, obituary, this, lookMs);
    this.#parties = parties;
  }

  get broken(): boolean {
    return this.line.words[this.line.base + brokenAt] !== 0;
  }

  /** Arrives: `BROKEN`, 0 for the last of a round, who has let all others go and whose index is `parties - 1`, `LINE_FULL`, or the
   *  place in which to wait. Never waits. */
  begin(): number {
    const { line } = this;
    line.enter();
    let outcome: number;
    if (this.broken) outcome = BROKEN;
    else if (line.length === this.#parties - 1) outcome = this.#complete();
    else outcome = line.enlist(0) || LINE_FULL;
    line.leave();
    return outcome;
  }

  /** Leaves the place: the index in the round, `BROKEN` or `LEFT`. Never waits. */
  finish(place: number): number {
    const { line } = this;
    line.enter();
    const state = line.stateOf(place);
    const index = line.payloadOf(place);
    line.free(place);
    line.leave();
    if (state === SERVED) return index;
    return state === DISMISSED ? BROKEN : LEFT;
  }

  /** Sends all away; `broken` says whether it stays so. Never waits. */
  break(broken: boolean): void {
    this.line.enter();
    this.#dismissAll();
    this.line.words[this.line.base + brokenAt] = broken ? 1 : 0;
    this.line.leave();
  }

  /** Still in line. Never waits. */
  waits(place: number): boolean {
    return this.line.stateOf(place) === WAITING;
  }

  look(): void {
    const { line } = this;
    line.enter();
    for (const place of line.inUse()) {
      if (!line.obituary.has(line.threadOf(place))) continue;
      const waited = line.stateOf(place) === WAITING;
      line.free(place);
      if (!waited) continue;
      this.#dismissAll();
      line.words[line.base + brokenAt] = 1;
    }
    line.leave();
  }

  /** It has no words that follow from the line. */
  rebuild(): void {}

  #complete(): 0 {
    const { line } = this;
    for (let index = 0; line.first !== 0; index++) line.settle(line.first, SERVED, index);
    return 0;
  }

  #dismissAll(): void {
    while (this.line.first !== 0) this.line.settle(this.line.first, DISMISSED);
  }
}
