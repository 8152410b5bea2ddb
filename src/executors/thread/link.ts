// The near side of one worker thread. States: open (frames pass) → ended (`onExit` reported, the port closed). Two ways lead
// to the end, Node's `exit` event and `reap` while this thread blocks; whichever comes first reports, the other finds it
// ended. Nothing here keeps the program alive. Protocol: README.md beside.
import type { MessagePort, WorkerOptions } from "node:worker_threads";
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { WorkerLostError } from "../../contract/errors.ts";
import { allocateWords, store } from "../../memory/atomics.ts";
import { Doorbell } from "../../memory/doorbell.ts";
import type { FrameFromWorker, FrameToWorker } from "../pool/frames.ts";
import type { Link, LinkEvents, OpenLink, WorkerSettings } from "../pool/link.ts";
import { inheritedArguments, mapsSources, underPermissionModel } from "../pool/runtime-arguments.ts";
import { StderrTail } from "../pool/stderr-tail.ts";
import { uncaughtError } from "../pool/uncaught.ts";
import type { HubLink } from "./hub.ts";
import { enter, isClosed, leave, nearBell, pump, ringSelf } from "./hub.ts";
import { postFrame } from "./post.ts";
import type { ExitingNote, FatalNote, ThreadStart } from "./start.ts";
import { BELL, FLAG, startKey, wordCount } from "./start.ts";
import { forwardRawOutput } from "./stdio.ts";

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
  readonly #bell = new Doorbell(this.#words, BELL);
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
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on("message", (message) => this.#take(message));
    port1.on("messageerror", (error) => this.#fail(error));
    port1.unref();
    enter(this);
    try {
      this.#worker = new Worker(bootUrl, this.#options(port2));
    } catch (error) {
      this.#thrown = { value: error };
      // Never from inside `openLink`: at the next turn, or in `pump` if this thread blocks first.
      ringSelf();
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
    });
    forwardRawOutput(this.#worker, (stream, text) => {
      if (!this.#ended) this.#output(stream, text);
    });
  }

  get exiting(): boolean {
    return this.#exiting || this.#killed;
  }

  #options(port: MessagePort): WorkerOptions {
    const { name, setup, teardown, memoryLimit, stackSize, env } = this.#settings;
    const start: ThreadStart = { name, setup, teardown, port, nearBell, words: this.#words, mapsSources: mapsSources() };
    const inherited = inheritedArguments(process.execArgv);
    // A given list is parsed anew and flags of the whole process are refused in it, so none is given while Node's own way of
    // inheriting serves. Only `--input-type` really is in the way of a file.
    const mustFilter = !underPermissionModel() && process.execArgv.some((argument) => argument.startsWith("--input-type"));
    return {
      name,
      workerData: { [startKey]: start },
      transferList: [port],
      stdout: true,
      stderr: true,
      resourceLimits: {
        ...(memoryLimit === undefined ? {} : { maxOldGenerationSizeMb: memoryLimit }),
        ...(stackSize === undefined ? {} : { stackSizeMb: stackSize }),
      },
      ...(env === undefined ? {} : { env: { ...env } }),
      ...(mustFilter ? { execArgv: inherited.filter(isOfThread) } : {}),
    };
  }

  send(frame: FrameToWorker): void {
    if (this.#ended) return;
    try {
      postFrame(this.#port, frame);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#bell.ring();
  }

  kill(): void {
    this.#killed = true;
    void this.#worker?.terminate();
  }

  raiseFlag(): void {
    store(this.#words, FLAG, 1);
  }

  drain(): boolean {
    let found = false;
    while (!this.#ended) {
      let received: { readonly message: unknown } | undefined;
      try {
        received = receiveMessageOnPort(this.#port);
      } catch (error) {
        this.#fail(error);
        continue;
      }
      if (received === undefined) break;
      found = this.#take(received.message) || found;
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

  /** Takes one message off the port; true when it was for the pool. */
  #take(message: unknown): boolean {
    if (this.#ended) return false;
    const frame = message as FrameFromWorker | FatalNote | ExitingNote;
    if (frame.type === "output") this.#output(frame.stream, frame.text);
    else if (frame.type === "fatal") this.#thrown = { value: frame.thrown };
    else if (frame.type === "exiting") [this.#exiting, this.#exitCode] = [true, frame.exitCode];
    else this.#events.onFrame(frame);
    return frame.type !== "fatal" && frame.type !== "exiting";
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

/** Flags that a single thread may be given; the rest are settled once for the process. Values that follow a flag stay. */
function isOfThread(argument: string, index: number, all: readonly string[]): boolean {
  const flag = argument.startsWith("-") ? argument : (all[index - 1] ?? "");
  return /^(--import|--require|-r|--loader|--experimental-loader|--conditions|-C|--enable-source-maps|--no-warnings)(=|$)/.test(flag);
}
