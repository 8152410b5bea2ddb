// The far side of a worker thread. It hands out frames for 8 ms at most, then gives its event loop a turn, so timers and sockets
// of the user go on under any load; when there are none it rests in the event loop, where they go on too. While code of the user
// holds the thread frames are taken by `poll` and `wait`. Protocol: README.md beside.
import type { MessagePort } from "node:worker_threads";
import { receiveMessageOnPort, workerData } from "node:worker_threads";
import { UnsupportedError } from "../../contract/errors.ts";
import { timers } from "../../core/timers.ts";
import { exchange } from "../../memory/atomics.ts";
import { claim } from "../../memory/claims.ts";
import { WakeWord } from "../../memory/wake-word.ts";
import type { FrameFromWorker, FrameToWorker } from "../pool/frames.ts";
import type { FarLink, FarStart } from "../pool/link.ts";
import { describe, uncaughtIsFatal } from "../pool/uncaught.ts";
import { LaneReceiver, LaneSender } from "./lane.ts";
import type { ExitingNote, FatalNote, ThreadStart } from "./start.ts";
import { emptyTurns, FLAG, startKey, WAKE, wakeUp } from "./start.ts";
import { captureOutput } from "./stdio.ts";

/** Takes over the thread it is called in, which `openThreadLink` must have started; call it once, first thing. From then on
 *  output goes over the link, and the thread lives until it is ended. Throws `UnsupportedError` elsewhere. */
export function openFarThread(): FarStart {
  const start = (workerData as Readonly<Record<string, ThreadStart>> | null)?.[startKey];
  if (start === undefined) {
    throw new UnsupportedError("This file is the inside of a brigade worker thread and is started by brigade only.", "openFarThread");
  }
  const { name, taskIdPrefix, setup, teardown, memoryLimit, mapsSources } = start;
  if (mapsSources) (process as { setSourceMapsEnabled?: (on: boolean) => void }).setSourceMapsEnabled?.(true);
  return { level: "thread", name, taskIdPrefix, setup, teardown, memoryLimit, link: new ThreadFarLink(start) };
}

/** Longest stretch without a turn of the event loop, as far as it is up to this side. */
const sliceMs = 8;
const framesPerClockRead = 32;

class ThreadFarLink implements FarLink {
  readonly sharesMemory = true;
  readonly #port: MessagePort;
  readonly #words: ThreadStart["words"];
  readonly #claims: ThreadStart["claims"];
  readonly #nearWord: WakeWord;
  readonly #ownWord: WakeWord;
  readonly #outbox: LaneSender;
  readonly #inbox: LaneReceiver;
  #onFrame: ((frame: FrameToWorker) => void) | undefined;
  /** Frames are being handed out, or will be at the next turn. */
  #serving = false;
  /** Turns in a row that found nothing. */
  #foundNothing = 0;
  readonly #serve = () => this.#serveSlice();

  constructor({ port, words, nearWord, toWorker, fromWorker, claims }: ThreadStart) {
    this.#port = port;
    this.#words = words;
    this.#claims = claims;
    this.#nearWord = new WakeWord(nearWord);
    this.#ownWord = new WakeWord(words, WAKE);
    this.#outbox = new LaneSender(fromWorker, port);
    this.#inbox = new LaneReceiver(toWorker);
    port.ref();
    captureOutput((stream, text) => this.send({ type: "output", stream, text }));
    process.on("uncaughtExceptionMonitor", (thrown) => {
      if (uncaughtIsFatal()) this.#noteFatal(thrown);
    });
    process.on("exit", (exitCode) => this.#note({ type: "exiting", exitCode }));
  }

  send(frame: FrameFromWorker): void {
    this.#outbox.send(frame);
    this.#wakeNear();
  }

  claim(number: number): boolean {
    const isMine = claim(this.#claims, number);
    // It is news: from now on the task runs.
    if (isMine) this.#wakeNear();
    return isMine;
  }

  receive(onFrame: (frame: FrameToWorker) => void): void {
    this.#onFrame = onFrame;
    this.#port.on("message", (message: FrameToWorker | typeof wakeUp) => {
      if (message !== wakeUp) this.#inbox.hold(message);
      if (!this.#serving) this.#serveSlice();
    });
    this.#serveSoon();
  }

  flagged(): boolean {
    return exchange(this.#words, FLAG, 0) === 1;
  }

  poll(): void {
    this.#drain();
    this.#restAfterPolling();
  }

  wait(timeoutMs: number): void {
    const end = performance.now() + timeoutMs;
    for (;;) {
      this.#ownWord.drowse();
      const found = this.#drain();
      const leftMs = end - performance.now();
      if (found || leftMs <= 0) break;
      this.#ownWord.sleepSync(leftMs);
    }
    this.#ownWord.awake();
    this.#restAfterPolling();
  }

  /** What was sent is in the other thread's hands when `send` returns. */
  flush(): Promise<void> {
    return Promise.resolve();
  }

  #wakeNear(): void {
    if (this.#nearWord.wake()) this.#port.postMessage(wakeUp);
  }

  #serveSoon(): void {
    this.#serving = true;
    setImmediate(this.#serve);
  }

  #serveSlice(): void {
    this.#serving = true;
    this.#foundNothing++;
    const end = timers.now() + sliceMs;
    try {
      let count = 0;
      for (let frame = this.#inbox.next(); frame !== undefined; frame = this.#inbox.next()) {
        this.#foundNothing = 0;
        this.#onFrame?.(frame as FrameToWorker);
        // A task that was entered has read the clock; other frames take no time.
        if ((++count % framesPerClockRead === 0 ? timers.now() : timers.recentMs) >= end) break;
      }
    } finally {
      // Also after a throw, which is for whoever handles uncaught errors: the frames behind that one are still to be handed out.
      if (this.#foundNothing < emptyTurns() || !this.#rests()) this.#serveSoon();
    }
  }

  /** Asks to be woken; false when something has come meanwhile that nobody will wake it for. */
  #rests(): boolean {
    this.#ownWord.rest();
    if (!this.#inbox.isEmpty && this.#ownWord.leave()) return false;
    this.#serving = false;
    this.#foundNothing = 0;
    return true;
  }

  /** The message that was to wake the event loop may have been taken out of the port by polling, so it has to be asked for again. */
  #restAfterPolling(): void {
    if (!this.#serving && !this.#rests()) this.#serveSoon();
  }

  #drain(): boolean {
    const onFrame = this.#onFrame;
    if (onFrame === undefined) return false;
    for (let found = false; ; ) {
      for (let frame = this.#inbox.next(); frame !== undefined; frame = this.#inbox.next()) {
        found = true;
        onFrame(frame as FrameToWorker);
      }
      const received = receiveMessageOnPort(this.#port) as { readonly message: FrameToWorker | typeof wakeUp } | undefined;
      if (received === undefined) return found;
      if (received.message !== wakeUp) this.#inbox.hold(received.message);
    }
  }

  #note(note: FatalNote | ExitingNote): void {
    this.#port.postMessage(note);
    this.#wakeNear();
  }

  #noteFatal(thrown: unknown): void {
    try {
      this.#note({ type: "fatal", thrown });
    } catch {
      // Functions, proxies, throwing getters: what cannot be cloned is described.
      this.#note({ type: "fatal", thrown: describe(thrown) });
    }
  }
}
