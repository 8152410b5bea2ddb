// The near side of one worker thread. States: open (frames pass) → ended (`onExit` reported, the port closed). Two ways lead
// to the end, Node's `exit` event and `reap` while this thread blocks; whichever comes first reports, the other finds it
// ended. Nothing here keeps the program alive. Protocol: README.md beside.
import type { MessagePort, Worker } from "node:worker_threads";
import { WorkerLostError } from "../../contract/errors.ts";
import { timers } from "../../core/timers.ts";
import { workerThreads } from "../../core/worker-threads.ts";
import { allocateWords, store } from "../../memory/atomics.ts";
import { allocateClaims, Offers } from "../../memory/claims.ts";
import { layCommonGround } from "../../memory/common-ground.ts";
import { WakeWord } from "../../memory/wake-word.ts";
import type { FrameFromWorker, FrameToWorker } from "../pool/frames.ts";
import type { Link, LinkEvents, OpenLink, RunOffers, WorkerSettings } from "../pool/link.ts";
import { StderrTail } from "../pool/stderr-tail.ts";
import { uncaughtError } from "../pool/uncaught.ts";
import { isClosed } from "./closed-port.ts";
import type { HubLink } from "./hub.ts";
import { enter, leave, nearWord, pump, wakened, wakeSoon } from "./hub.ts";
import { allocateLane, LaneReceiver, LaneSender } from "./lane.ts";
import type { ExitingNote, FatalNote } from "./start.ts";
import { FLAG, WAKE, wakeUp, wordCount } from "./start.ts";
import { forwardRawOutput } from "./stdio.ts";
import { workerOptions } from "./worker-options.ts";

/** Links to worker threads that run the file at `bootUrl`, which must call `openFarThread`. Of the settings, `cwd`, `nice` and
 *  `permissions` mean nothing here. */
export function openThreadLink(bootUrl: URL): OpenLink {
  return (settings, events) => new ThreadLink(bootUrl, settings, events);
}

class ThreadLink implements Link, HubLink {
  readonly workerId: number | undefined;
  readonly sharesMemory = true;
  readonly pump = pump;
  readonly #settings: WorkerSettings;
  readonly #events: LinkEvents;
  readonly #worker: Worker | undefined;
  readonly #port: MessagePort;
  readonly #words = allocateWords(wordCount);
  readonly #farWord = new WakeWord(this.#words, WAKE);
  readonly #outbox: LaneSender;
  readonly #inbox: LaneReceiver;
  readonly offers: RunOffers;
  readonly #stderrTail = new StderrTail();
  /** What brought it down, wrapped because `undefined` can be thrown. */
  #thrown: { readonly value: unknown } | undefined;
  #exitCode: number | null = null;
  #exiting = false;
  #killed = false;
  #ended = false;

  constructor(bootUrl: URL, settings: WorkerSettings, events: LinkEvents) {
    this.#settings = settings;
    this.#events = events;
    layCommonGround();
    const { MessageChannel, Worker } = workerThreads();
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const [toWorker, fromWorker, claims] = [allocateLane(), allocateLane(), allocateClaims()];
    this.#outbox = new LaneSender(toWorker, port1);
    this.#inbox = new LaneReceiver(fromWorker);
    this.offers = new LaneOffers(claims, this.#outbox);
    port1.on("message", (message) => this.#arrived(message));
    port1.on("messageerror", (error) => this.#fail(error));
    port1.unref();
    enter(this);
    try {
      const shared = { port: port2, nearWord, words: this.#words, toWorker, fromWorker, claims };
      this.#worker = new Worker(bootUrl, workerOptions(settings, shared));
    } catch (error) {
      this.#thrown = { value: error };
      // Never from inside `openLink`: at the next turn, or in `pump` if this thread blocks first.
      setImmediate(() => this.reap());
      return;
    }
    this.workerId = this.#worker.threadId;
    this.#worker.unref();
    this.#worker.on("error", (error) => {
      this.#thrown = { value: error };
    });
    this.#worker.on("exit", (exitCode) => {
      this.#exitCode = exitCode;
      this.drain();
      this.#end();
      // The message with which it was to wake this thread, perhaps for the others, is taken, or was never sent.
      wakened();
    });
    forwardRawOutput(this.#worker, (stream, text) => {
      if (!this.#ended) this.#output(stream, text);
    });
  }

  get exiting(): boolean {
    return this.#exiting || this.#killed;
  }

  send(frame: FrameToWorker): void {
    if (this.#ended) return;
    try {
      this.#outbox.send(frame);
    } catch (error) {
      this.#fail(error);
      return;
    }
    // A task waits its turn anyway; everything else may be what the worker waits for.
    if (frame.type === "run") wakeSoon(this);
    else this.wake();
  }

  wake(): void {
    if (!this.#ended && this.#farWord.wake()) this.#port.postMessage(wakeUp);
  }

  kill(): void {
    this.#killed = true;
    void this.#worker?.terminate();
  }

  distrust(error: unknown): void {
    this.#fail(error);
  }

  raiseFlag(): void {
    store(this.#words, FLAG, 1);
  }

  drainRing(): boolean {
    let found = false;
    // The time at which what lies here is learned; whoever takes it in need not ask for each.
    if (!this.#inbox.isEmpty) timers.now();
    try {
      for (;;) {
        const frame = this.#ended ? undefined : (this.#inbox.next() as FrameFromWorker | undefined);
        if (frame === undefined) break;
        found = true;
        if (frame.type === "output") this.#output(frame.stream, frame.text);
        else this.#events.onFrame(frame);
      }
    } catch (error) {
      this.#fail(error);
    }
    if (!this.#ended) this.#events.onDrained?.();
    return found;
  }

  drain(): boolean {
    let found = this.drainRing();
    while (!this.#ended) {
      let received: { readonly message: unknown } | undefined;
      try {
        received = workerThreads().receiveMessageOnPort(this.#port);
      } catch (error) {
        this.#fail(error);
        continue;
      }
      if (received === undefined) break;
      this.#note(received.message);
      found = this.drainRing() || found;
    }
    return found;
  }

  reap(): boolean {
    if (this.#ended || (this.#worker !== undefined && !isClosed(this.#port))) return false;
    this.drain();
    if (this.#thrown === undefined && !this.#exiting && !this.#killed) this.#thrown = { value: this.#unexplained() };
    this.#end();
    return true;
  }

  /** The event loop brings a message. */
  #arrived(message: unknown): void {
    if (this.#ended) return;
    this.#note(message);
    if (message === wakeUp) wakened();
    else this.drainRing();
  }

  /** Notes one message of the port; a frame is handed out by `drainRing`, after what lies in the ring. */
  #note(message: unknown): void {
    if (message === wakeUp) return;
    const frame = message as FrameFromWorker | FatalNote | ExitingNote;
    if (frame.type === "fatal") this.#thrown = { value: frame.thrown };
    else if (frame.type === "exiting") [this.#exiting, this.#exitCode] = [true, frame.exitCode];
    else this.#inbox.hold(frame);
  }

  #output(stream: "stdout" | "stderr", text: string): void {
    if (stream === "stderr") this.#stderrTail.append(text);
    this.#events.onOutput(stream, text);
  }

  /** A frame could not be sent or read: whoever waits for it would wait for ever, so the worker goes. */
  #fail(error: unknown): void {
    this.#thrown ??= { value: error };
    this.kill();
  }

  #unexplained(): WorkerLostError {
    const { name: worker, memoryLimit } = this.#settings;
    const limit = memoryLimit === undefined ? "" : ` (memoryLimit ${memoryLimit} MB)`;
    const message = `${worker} ended without a word, most likely out of memory${limit}; this thread was blocked and could not be told.`;
    return new WorkerLostError(message, { worker, stderrTail: this.#stderrTail.toString() });
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    leave(this);
    this.#port.close();
    this.#events.onExit({
      exitCode: this.#exitCode,
      signal: null,
      ...(this.#thrown === undefined ? {} : { error: uncaughtError(this.#thrown.value, this.#settings.name) }),
      stderrTail: this.#stderrTail.toString(),
    });
  }
}

/** Offers that hold back while the ring is full or waits for the port. */
class LaneOffers extends Offers implements RunOffers {
  readonly #outbox: LaneSender;

  constructor(claims: ReturnType<typeof allocateClaims>, outbox: LaneSender) {
    super(claims);
    this.#outbox = outbox;
  }

  get hasRoom(): boolean {
    return this.hasPlace && this.#outbox.hasRoom;
  }
}
