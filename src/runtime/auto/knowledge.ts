// What `auto` knows of one function, and the decision that follows. Pure: it is told times and says where to go.
//
// The question is not where one call is fastest, but what it keeps waiting: a call that holds this thread for 10 ms delays
// everything else of the program by as much. So the measure is the stretch that a call holds the thread, weighed against the way to a
// worker and back. Threads cost tens of ms to start, and most functions are short: a function has to have held the thread for as long as
// that, all calls together, before the first thread is started for it (the ski-rental rule: never twice the cost of knowing beforehand).
import type { AutoExplanation } from "../../contract/auto.ts";

/** Share of a new time in the average. */
const weight = 0.25;
/** Below this nobody notices; above, the way is a few percent. */
const leastWorthwhileMs = 1;
const timesTravel = 4;
/** One stretch this long is reason enough. */
const longMs = 10;
/** What starting a thread costs, as far as the decision goes. */
const startMs = 30;
/** Calls on threads before they may come back. */
const trialCalls = 8;
/** So much shorter than what was worth the way a call must be to come back: or it would go to and fro. */
const backShare = 0.25;

/** What is known of one function. */
export class Knowledge {
  #callsHere = 0;
  #callsThere = 0;
  #heldMs: number | undefined;
  #heldInAllMs = 0;
  #longestMs = 0;
  #runMs: number | undefined;
  #callsSinceMove = 0;
  #travelMs: number | undefined;
  #refusal: string | undefined;
  /** From how many calls here on the way may be tried: coding is no cheap question where values are large. */
  #triesAt = 0;
  #isThere = false;

  /** Nothing has been measured. */
  get isUnknown(): boolean {
    return this.#heldMs === undefined && !this.#isThere;
  }

  /** The next call goes to a thread. */
  get isThere(): boolean {
    return this.#isThere;
  }

  /** Nothing speaks against threads so far. */
  get mayTravel(): boolean {
    return this.#refusal === undefined;
  }

  /** Calls so far, wherever. */
  get calls(): number {
    return this.#callsHere + this.#callsThere;
  }

  /** Calls that would hold the thread for long, if only the values can travel: try that, and say so. */
  get wantsToTravel(): boolean {
    const may = !this.#isThere && this.#refusal === undefined && this.#callsHere >= this.#triesAt;
    return may && this.#isHeavy(leastWorthwhileMs);
  }

  /** A call begins here. */
  beginsHere(): void {
    this.#callsHere++;
  }

  /** A call has held this thread so long. */
  heldHere(ms: number): void {
    this.#heldMs = average(this.#heldMs, ms);
    this.#heldInAllMs += ms;
    this.#longestMs = Math.max(this.#longestMs, ms);
  }

  /** A call has run on a thread so long. */
  ranThere(ms: number): void {
    this.#callsThere++;
    this.#callsSinceMove++;
    this.#runMs = average(this.#runMs, ms);
    if (this.#callsSinceMove < trialCalls || this.#runMs >= this.#worthwhileMs() * backShare) return;
    // it has become short: here again, as if nothing had been held yet
    this.#isThere = false;
    this.#heldMs = this.#runMs;
    this.#heldInAllMs = 0;
    this.#longestMs = 0;
  }

  /** Its values can travel, and coding them costs so much: where that is worth it, the next call goes. */
  travels(ms: number): void {
    this.#travelMs = this.#travelMs === undefined ? ms : (this.#travelMs + ms) / 2;
    this.#triesAt = this.#callsHere * 2;
    if (!this.#isHeavy(this.#worthwhileMs())) return;
    this.#isThere = true;
    this.#callsSinceMove = 0;
  }

  /** It stays here, for good. */
  stays(reason: string): void {
    this.#refusal = reason;
    this.#isThere = false;
  }

  explain(): AutoExplanation {
    return {
      level: this.#isThere ? "thread" : "coroutine",
      reason: this.#reason(),
      callsHere: this.#callsHere,
      callsOnThreads: this.#callsThere,
      heldMs: this.#heldMs,
      runMs: this.#runMs,
      travelMs: this.#travelMs,
      worthwhileMs: this.#worthwhileMs(),
    };
  }

  #worthwhileMs(): number {
    return Math.max(leastWorthwhileMs, timesTravel * (this.#travelMs ?? 0));
  }

  #isHeavy(worthwhileMs: number): boolean {
    if ((this.#heldMs ?? 0) < worthwhileMs) return false;
    return this.#longestMs >= longMs || this.#heldInAllMs >= startMs;
  }

  #reason(): string {
    const worthwhile = `${figure(this.#worthwhileMs())} ms`;
    if (this.#isThere) {
      const now = this.#runMs === undefined ? "" : `; there it takes ${figure(this.#runMs)} ms`;
      return `On threads: a call held this thread for ${figure(this.#heldMs ?? 0)} ms, and more than ${worthwhile} is worth the way${now}.`;
    }
    if (this.#heldMs === undefined) return "Here: it has not been called yet, and the first call is measured where it was submitted.";
    const held = `a call holds this thread for ${figure(this.#heldMs)} ms`;
    if (this.#refusal !== undefined) return `Here: ${this.#refusal} (${held}).`;
    if (this.#heldMs < this.#worthwhileMs()) return `Here: ${held}, and less than ${worthwhile} is not worth the way.`;
    return `Here, as yet: ${held}, but all calls together for no more than ${figure(this.#heldInAllMs)} ms, which is less than a thread costs.`;
  }
}

function average(before: number | undefined, ms: number): number {
  return before === undefined ? ms : before + weight * (ms - before);
}

function figure(ms: number): string {
  return ms >= 10 ? ms.toFixed(0) : ms >= 0.1 ? ms.toFixed(1) : ms.toFixed(3);
}
