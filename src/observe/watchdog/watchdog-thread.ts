// The watched thread's side of its watchdog: starts the thread, ends it, and collects what it found out. Protocol: README.md.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { allocateWords, load, store, wait } from "../../memory/atomics.ts";
import { firstLine } from "./stall.ts";
import {
  BEAT,
  beatNow,
  DEBUGGER,
  type FrozenNote,
  LIMIT,
  NOTICED,
  SESSION,
  STOP,
  type StallNote,
  type WatchdogStart,
  wordCount,
} from "./words.ts";

/** A stall that has lasted so long may never end. */
const speakAfterMs = 5_000;
/** What fits into a word and into the runtime's timers. */
const longestLimitMs = 2 ** 30;
/** The end of a program waits for the end of a session, or Node would say that it waits for a debugger. */
const sessionEndMs = 500;

export class WatchdogThread {
  readonly #words = allocateWords(wordCount);
  readonly #port: MessagePort;
  readonly #userDebugs = debuggerQuestion();
  readonly #onExit = () => this.#endSession();
  /** Why it sees nothing, once it has died. */
  dead: string | undefined;

  /** Throws where no thread may be started. */
  constructor(limitMs: number) {
    const { port1, port2 } = new MessageChannel();
    this.limit(limitMs);
    this.beat();
    const start: WatchdogStart = { words: this.#words, port: port2, speakAfterMs };
    // Nothing of the program's runs on this thread: no preloads, no loaders. Under the permission model flags are left alone.
    const alone = process.permission === undefined ? { execArgv: [], env: {} } : {};
    const worker = new Worker(findProgram(), { workerData: start, transferList: [port2], name: "brigade watchdog", ...alone });
    worker.unref();
    worker.on("error", (error) => {
      this.dead = `its watchdog could not run: ${firstLine(error)}`;
    });
    worker.on("exit", () => {
      this.dead ??= "its watchdog has ended";
      store(this.#words, SESSION, 0);
    });
    this.#port = port1;
    port1.unref();
    process.on("exit", this.#onExit);
  }

  /** This thread is alive. Returns the instant as the watchdog names it. */
  beat(): number {
    store(this.#words, BEAT, beatNow());
    store(this.#words, DEBUGGER, this.#userDebugs?.() ? 1 : 0);
    return load(this.#words, BEAT);
  }

  /** What shall count as a stall from now on. */
  limit(limitMs: number): void {
    store(this.#words, LIMIT, Math.min(longestLimitMs, Math.ceil(limitMs)));
  }

  /** Whether it has noticed the stall after this heartbeat, and so has told or will tell of it. */
  hasNoticed(beat: number): boolean {
    return this.dead === undefined && load(this.#words, NOTICED) === beat;
  }

  /** The next note that has arrived. */
  receive(): StallNote | FrozenNote | undefined {
    const received = receiveMessageOnPort(this.#port) as { readonly message: StallNote | FrozenNote } | undefined;
    return received?.message;
  }

  close(): void {
    process.off("exit", this.#onExit);
    this.#endSession();
    this.#port.close();
  }

  #endSession(): void {
    store(this.#words, STOP, 1);
    const untilMs = performance.now() + sessionEndMs;
    while (load(this.#words, SESSION) === 1 && performance.now() < untilMs) wait(this.#words, SESSION, 1, 20);
  }
}

/** The watchdog's program: the file beside this one, or that of the installed package when brigade was bundled into a program. */
function findProgram(): URL {
  const beside = new URL("./watchdog.js", import.meta.url);
  if (existsSync(fileURLToPath(beside))) return beside;
  return new URL("./watchdog.js", pathToFileURL(createRequire(import.meta.url).resolve("brigade/worker")));
}

/** Whether a debugger of the user's can be attached; nothing to ask where the runtime has no inspector. */
function debuggerQuestion(): (() => boolean) | undefined {
  try {
    const inspector = process.getBuiltinModule("node:inspector");
    return () => inspector.url() !== undefined;
  } catch {
    return undefined;
  }
}
