// The watchdog: a thread that looks at the heartbeat of the main thread and, when that stands still, asks an inspector session what the
// main thread is doing. Started by `watchdog-thread.ts` as a file beside it. Protocol, and why each step is safe: README.md.
//
// The one rule: while the main thread is paused it runs only if this thread says so. So a resume is posted in the very callback that hears
// of a pause, before anything else can happen, and an error here ends this thread, which ends the session, which resumes.
import { writeSync } from "node:fs";
import { type Debugger, Session } from "node:inspector";
import { workerData } from "node:worker_threads";
import { load, notify, store } from "../../memory/atomics.ts";
import { renderFinding } from "../render-finding.ts";
import { endlessStall, firstLine, overAlready } from "./stall.ts";
import {
  BEAT,
  beatNow,
  beatsBetween,
  DEBUGGER,
  type FrozenNote,
  LIMIT,
  NOTICED,
  SESSION,
  STOP,
  type StallNote,
  type WatchdogStart,
  type WhatRuns,
  whatRunsKey,
} from "./words.ts";

const { words, port, speakAfterMs } = workerData as WatchdogStart;

/** A capture holds the main thread up for some milliseconds: with one every so often that stays below a tenth of its time. */
const restMs = 250;
/** Steps to the program's next frame when the pause fell into Node's own. */
const stepsAtMost = 200;
/** The answer comes within the pause; this is for a thread that died in it. */
const answerMs = 1_000;

process.on("uncaughtException", () => process.exit(1));

/** Reads the stack of the main thread once. */
class Capture {
  readonly beat: number;
  readonly #session = new Session();
  readonly #builtins = new Set<string>();
  readonly #askedAtMs = performance.now();
  readonly #onEnd: (note: StallNote) => void;
  #steps = 0;
  #over = false;

  constructor(beat: number, onEnd: (note: StallNote) => void) {
    this.beat = beat;
    this.#onEnd = onEnd;
  }

  /** Throws where the runtime does not allow it. */
  begin(): void {
    const session = this.#session;
    session.connectToMainThread();
    session.on("Debugger.scriptParsed", ({ params }) => {
      if (params.url.startsWith("node:")) this.#builtins.add(params.scriptId);
    });
    session.on("Debugger.paused", ({ params }) => this.#onPaused(params));
    session.post("Debugger.enable");
    session.post("Debugger.pause");
  }

  /** The main thread goes on: there is nothing left to be read. */
  giveUp(why: string): void {
    this.#end(noStack(this.beat, why));
  }

  #onPaused({ callFrames }: Debugger.PausedEventDataType): void {
    if (this.#over) return;
    const goesOn = load(words, BEAT) !== this.beat || load(words, STOP) === 1;
    const inProgram = callFrames.some(({ location }) => !this.#builtins.has(location.scriptId));
    if (goesOn) {
      this.#session.post("Debugger.resume");
      this.giveUp(overAlready);
    } else if (inProgram || ++this.#steps > stepsAtMost) {
      // Both are in the main thread's queue before this callback ends: it answers and goes on, whatever becomes of this thread.
      const lateMs = performance.now() - this.#askedAtMs;
      const expression = `globalThis[Symbol.for(${JSON.stringify(whatRunsKey)})]()`;
      this.#session.post("Runtime.evaluate", { expression, silent: true, returnByValue: true }, (error, answer) => {
        const found = error === null ? (answer.result.value as WhatRuns | undefined) : undefined;
        if (found === undefined) this.giveUp("the main thread did not answer");
        else this.#end({ beat: this.beat, ...found, lateMs, why: "" });
      });
      this.#session.post("Debugger.resume");
      setTimeout(() => this.giveUp("the main thread did not answer"), answerMs).unref();
    } else this.#session.post("Debugger.stepInto");
  }

  #end(note: StallNote): void {
    if (this.#over) return;
    this.#over = true;
    this.#session.disconnect();
    this.#onEnd(note);
  }
}

function noStack(beat: number, why: string): StallNote {
  return { beat, stack: undefined, task: undefined, lateMs: 0, why };
}

let timer: NodeJS.Timeout | undefined;
let capture: Capture | undefined;
let lastNote: StallNote | undefined;
let restUntilMs = Number.NEGATIVE_INFINITY;
let spokenOf: number | undefined;
/** Why no stack can ever be read here. */
let unable: string | undefined;

function say(note: StallNote): void {
  lastNote = note;
  port.postMessage(note);
}

function notice(beat: number): void {
  store(words, NOTICED, beat);
  if (unable !== undefined) say(noStack(beat, unable));
  else if (load(words, DEBUGGER) === 1) say(noStack(beat, "a debugger is attached, and two would be in each other's way"));
  else if (performance.now() < restUntilMs) say(noStack(beat, "stacks are read only a few times a second"));
  else beginCapture(beat);
}

function beginCapture(beat: number): void {
  store(words, SESSION, 1);
  // The main thread sets STOP, then looks at SESSION; this thread sets SESSION, then looks at STOP: one of them sees the other.
  if (load(words, STOP) === 1) {
    sessionEnded();
    return;
  }
  try {
    capture = new Capture(beat, (note) => {
      capture = undefined;
      restUntilMs = performance.now() + restMs;
      sessionEnded();
      say(note);
    });
    capture.begin();
  } catch (error) {
    capture = undefined;
    sessionEnded();
    unable = `the runtime does not let its main thread be inspected (${firstLine(error)})`;
    say(noStack(beat, unable));
  }
}

function sessionEnded(): void {
  store(words, SESSION, 0);
  notify(words, SESSION);
}

/** Nobody else can: whoever would read a finding stands still. */
function speak(beat: number, blockedMs: number): void {
  spokenOf = beat;
  const known = lastNote?.beat === beat ? lastNote : undefined;
  writeSync(2, `${renderFinding(endlessStall(blockedMs, known))}\n`);
}

/** Looks at the heartbeat. When this is much later than it was due, the whole process stood still, and nobody is guilty. */
function look(dueMs: number): void {
  if (load(words, STOP) === 1) return;
  const limitMs = load(words, LIMIT);
  const beat = load(words, BEAT);
  const ageMs = beatsBetween(beat, beatNow());
  const frozenMs = performance.now() - dueMs;
  if (capture !== undefined && capture.beat !== beat) capture.giveUp(overAlready);
  if (frozenMs > limitMs) port.postMessage({ frozenMs } satisfies FrozenNote);
  else if (ageMs >= limitMs) {
    if (load(words, NOTICED) !== beat) notice(beat);
    if (ageMs >= speakAfterMs && spokenOf !== beat) speak(beat, ageMs);
  }
  const nextMs = ageMs < limitMs ? Math.max(1, limitMs - ageMs) : Math.max(5, limitMs / 4);
  timer = setTimeout(look, nextMs, performance.now() + nextMs);
}

// The other side closes it when the watch is over: then nothing is left here, and the thread ends. Ending it from outside would be as well,
// but a thread that ends by itself leaves nothing half done.
port.on("close", () => {
  clearTimeout(timer);
  capture?.giveUp("the watch is over");
});
port.on("message", () => {});

look(performance.now());
