// Detector of a blocked event loop. The heartbeat of this thread says how long the loop stood still; on the main thread a watchdog on a
// thread of its own says what it did meanwhile. The length needs no watchdog, so it is there also where none may run.
import { isMainThread } from "node:worker_threads";
import { currentScope } from "../../core/context.ts";
import type { Report } from "../finding.ts";
import { taskAround, thisWorker } from "../origin.ts";
import { captureStack } from "../stack.ts";
import { Heartbeat } from "../watchdog/heartbeat.ts";
import { firstLine, overAlready, stall } from "../watchdog/stall.ts";
import { WatchdogThread } from "../watchdog/watchdog-thread.ts";
import { type StallNote, type WhatRuns, whatRunsKey } from "../watchdog/words.ts";

const longestBeatMs = 20;
const shortestBeatMs = 5;
/** A note that has not come by then will not come: of what the watchdog saw, or that it stood still, too. */
const noteMs = 500;

/** A stall that is over and waits for the watchdog's note. */
interface Stall {
  /** The heartbeat before it. */
  readonly beat: number;
  readonly blockedMs: number;
  /** The watchdog has or will have something to tell. */
  readonly noticed: boolean;
  readonly overAtMs: number;
}

export class BlockedLoopDetector {
  readonly #report: Report;
  /** Whether what the loop stood still for after an instant is a finding of its own already. */
  readonly #isExplained: (fromMs: number) => boolean;
  #limitMs = 0;
  #heartbeat: Heartbeat | undefined;
  #watchdog: WatchdogThread | undefined;
  /** Why there is none. */
  #unwatched = "";
  #beat = 0;
  #stalls: Stall[] = [];
  readonly #notes = new Map<number, StallNote>();
  /** For so long the whole process stood still lately. */
  #frozenMs = 0;

  constructor(report: Report, isExplained: (fromMs: number) => boolean) {
    this.#report = report;
    this.#isExplained = isExplained;
  }

  /** Reports stalls of at least so long; 0 is off. */
  watch(limitMs: number): void {
    if (limitMs === this.#limitMs) return;
    this.#limitMs = limitMs;
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    if (limitMs > 0) this.#begin();
    else this.#end();
  }

  /** The program ends: reports what it has, a stall that ends only now included. */
  atExit(): void {
    if (this.#heartbeat === undefined) return;
    this.#onBeat();
    this.flush();
  }

  /** Reports what it has, without waiting for what the watchdog may still have to say. */
  flush(): void {
    this.#settle(Number.POSITIVE_INFINITY);
  }

  #begin(): void {
    if (this.#watchdog === undefined) this.#startWatchdog();
    this.#watchdog?.limit(this.#limitMs);
    this.#beat = this.#watchdog?.beat() ?? 0;
    const intervalMs = Math.min(longestBeatMs, Math.max(shortestBeatMs, this.#limitMs / 4));
    this.#heartbeat = new Heartbeat(intervalMs, () => this.#onBeat());
  }

  #startWatchdog(): void {
    if (!isMainThread) {
      this.#unwatched = "the runtime lets only the main thread be inspected from outside";
      return;
    }
    try {
      this.#watchdog = new WatchdogThread(this.#limitMs);
      Object.defineProperty(globalThis, Symbol.for(whatRunsKey), { value: whatRuns, configurable: true });
    } catch (error) {
      this.#unwatched = `the runtime lets no watchdog run (${firstLine(error)})`;
    }
  }

  #end(): void {
    this.flush();
    if (this.#watchdog === undefined) return;
    this.#watchdog.close();
    this.#watchdog = undefined;
    Reflect.deleteProperty(globalThis, Symbol.for(whatRunsKey));
  }

  #onBeat(): void {
    const stood = this.#heartbeat?.look(this.#limitMs);
    const beat = this.#beat;
    // Reading a stack holds the loop up, too. When that of an earlier stall came in only now, this one is of the watchdog's own making.
    const disturbed = this.#readNotes().some((note) => note.beat !== beat);
    if (stood !== undefined && !disturbed && !this.#isExplained(stood.fromMs)) {
      const noticed = this.#watchdog?.hasNoticed(beat) ?? false;
      this.#stalls.push({ beat, blockedMs: stood.blockedMs, noticed, overAtMs: performance.now() });
    }
    this.#beat = this.#watchdog?.beat() ?? 0;
    this.#settle(performance.now());
  }

  /** Reports the stalls of which all is known that will be known. */
  #settle(nowMs: number): void {
    this.#readNotes();
    const stalls = this.#stalls.filter(({ blockedMs }) => blockedMs - this.#frozenMs >= this.#limitMs);
    const mayHear = this.#watchdog !== undefined && this.#watchdog.dead === undefined;
    const isOpen = ({ beat, overAtMs }: Stall) => mayHear && !this.#notes.has(beat) && nowMs - overAtMs < noteMs;
    this.#stalls = stalls.filter(isOpen);
    for (const each of stalls) {
      if (this.#stalls.includes(each)) continue;
      const note = this.#notes.get(each.beat) ?? { stack: undefined, task: undefined, lateMs: 0, why: this.#whyNoStack(each) };
      this.#report(stall(each.blockedMs, thisWorker(), note));
    }
    if (this.#stalls.length > 0) return;
    // What is left is of shorter stalls, which are no findings.
    this.#notes.clear();
    this.#frozenMs = 0;
  }

  /** Takes what the watchdog has to say; returns what is new about stalls. */
  #readNotes(): StallNote[] {
    const notes: StallNote[] = [];
    for (let note = this.#watchdog?.receive(); note !== undefined; note = this.#watchdog?.receive()) {
      if ("frozenMs" in note) this.#frozenMs += note.frozenMs;
      else notes.push(note);
    }
    for (const note of notes) this.#notes.set(note.beat, note);
    return notes;
  }

  #whyNoStack({ noticed }: Stall): string {
    if (this.#watchdog === undefined) return this.#unwatched;
    return this.#watchdog.dead ?? (noticed ? "its watchdog did not answer in time" : overAlready);
  }
}

/** Called by the watchdog's session while this thread is paused: what its code is doing. */
function whatRuns(): WhatRuns {
  const trace: { readonly stack?: unknown } = {};
  captureStack(trace, whatRuns);
  // The frame of the session's own expression comes first.
  const stack = typeof trace.stack === "string" ? trace.stack.replace(/\n\s+at <anonymous>:\d+:\d+/, "") : "";
  return { stack, task: taskAround(currentScope()) };
}
