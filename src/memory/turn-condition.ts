// Condition variable over a waiting line: a notify wakes exactly those who have waited longest, each on a word of its own. Whoever is
// notified and leaves all the same, or is dead, passes it on. Checked by test/model/protocols/turn-condition.ts.
import type { SharedWords } from "./atomics.ts";
import type { Deaths } from "./obituary.ts";
import { type LineHost, SERVED, WAITING, WaitingLine } from "./waiting-line.ts";

export class TurnCondition implements LineHost {
  readonly line: WaitingLine;

  constructor(words: SharedWords, base: number, capacity: number, me: number, obituary: Deaths, lookMs?: number) {
    this.line = new WaitingLine(words, base, capacity, me, obituary, this, lookMs);
  }

  /** Stands in line, before the mutex is released; 0 when all places are taken. Never waits. */
  begin(): number {
    this.line.enter();
    const place = this.line.enlist(0);
    this.line.leave();
    return place;
  }

  /** Leaves the place: true when it was notified. One that does not `want` it passes it on. Never waits. */
  finish(place: number, wants: boolean): boolean {
    this.line.enter();
    const served = this.line.stateOf(place) === SERVED;
    this.line.free(place);
    if (served && !wants) this.#serve(1);
    this.line.leave();
    return served;
  }

  /** Wakes up to `count` of those who have waited longest. Never waits. */
  notify(count: number): void {
    this.line.enter();
    this.#serve(count);
    this.line.leave();
  }

  look(): void {
    const { line } = this;
    line.enter();
    for (const place of line.inUse()) {
      if (!line.obituary.has(line.threadOf(place))) continue;
      const served = line.stateOf(place) === SERVED;
      line.free(place);
      if (served) this.#serve(1);
    }
    line.leave();
  }

  /** It has no words of its own. */
  rebuild(): void {}

  /** Still in line. Never waits. */
  waits(place: number): boolean {
    return this.line.stateOf(place) === WAITING;
  }

  #serve(count: number): void {
    const { line } = this;
    let left = count;
    for (let place = line.first; place !== 0 && left > 0; place = line.first) {
      if (line.obituary.has(line.threadOf(place))) {
        line.free(place);
        continue;
      }
      line.settle(place, SERVED);
      left--;
    }
  }
}
