// The far side of a worker thread. It reads its frames from one port, by event while its loop turns and by
// `receiveMessageOnPort` while its code holds the thread: both take the head of one queue, so order holds however they mix.
// Protocol: README.md beside.
import type { MessagePort } from "node:worker_threads";
import { receiveMessageOnPort, workerData } from "node:worker_threads";
import { UnsupportedError } from "../../contract/errors.ts";
import { exchange } from "../../memory/atomics.ts";
import { Doorbell } from "../../memory/doorbell.ts";
import type { FrameFromWorker, FrameToWorker } from "../pool/frames.ts";
import type { FarLink, FarStart } from "../pool/link.ts";
import { describe, uncaughtIsFatal } from "../pool/uncaught.ts";
import { postFrame } from "./post.ts";
import type { ExitingNote, FatalNote, ThreadStart } from "./start.ts";
import { BELL, FLAG, startKey } from "./start.ts";
import { captureOutput } from "./stdio.ts";

/** Takes over the thread it is called in, which `openThreadLink` must have started; call it once, first thing. From then on
 *  output goes over the link, and the thread lives until it is ended. Throws `UnsupportedError` elsewhere. */
export function openFarThread(): FarStart {
  const start = (workerData as Readonly<Record<string, ThreadStart>> | null)?.[startKey];
  if (start === undefined) {
    throw new UnsupportedError("This file is the inside of a brigade worker thread and is started by brigade only.", "openFarThread");
  }
  const { name, setup, teardown, mapsSources } = start;
  if (mapsSources) (process as { setSourceMapsEnabled?: (on: boolean) => void }).setSourceMapsEnabled?.(true);
  return { level: "thread", name, setup, teardown, link: new ThreadFarLink(start) };
}

class ThreadFarLink implements FarLink {
  readonly sharesMemory = true;
  readonly #port: MessagePort;
  readonly #words: ThreadStart["words"];
  readonly #nearBell: Doorbell;
  readonly #bell: Doorbell;
  #onFrame: ((frame: FrameToWorker) => void) | undefined;

  constructor({ port, words, nearBell }: ThreadStart) {
    this.#port = port;
    this.#words = words;
    this.#nearBell = new Doorbell(nearBell);
    this.#bell = new Doorbell(words, BELL);
    port.ref();
    captureOutput((stream, text) => this.send({ type: "output", stream, text }));
    process.on("uncaughtExceptionMonitor", (thrown) => {
      if (uncaughtIsFatal()) this.#noteFatal(thrown);
    });
    process.on("exit", (exitCode) => this.#note({ type: "exiting", exitCode }));
  }

  send(frame: FrameFromWorker): void {
    postFrame(this.#port, frame);
    this.#nearBell.ring();
  }

  receive(onFrame: (frame: FrameToWorker) => void): void {
    this.#onFrame = onFrame;
    this.#port.on("message", (frame: FrameToWorker) => onFrame(frame));
  }

  flagged(): boolean {
    return exchange(this.#words, FLAG, 0) === 1;
  }

  poll(): void {
    this.#drain();
  }

  wait(timeoutMs: number): void {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const seen = this.#bell.read();
      if (this.#drain()) return;
      const leftMs = end - performance.now();
      if (leftMs <= 0) return;
      this.#bell.sleepSync(seen, leftMs);
    }
  }

  /** A post is in the other thread's queue when it returns. */
  flush(): Promise<void> {
    return Promise.resolve();
  }

  #drain(): boolean {
    const onFrame = this.#onFrame;
    if (onFrame === undefined) return false;
    let found = false;
    for (;;) {
      const received = receiveMessageOnPort(this.#port) as { readonly message: FrameToWorker } | undefined;
      if (received === undefined) return found;
      found = true;
      onFrame(received.message);
    }
  }

  #note(note: FatalNote | ExitingNote): void {
    this.#port.postMessage(note);
    this.#nearBell.ring();
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
