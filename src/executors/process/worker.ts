// The far side of a child process. Bytes arrive in two ways: from libuv by event while the loop turns, and by `readSync` when
// code that holds the thread polls. Both feed one decoder at once, in the order in which the kernel gave them out, so order
// holds however they mix. Proof: README.md beside.
import { readSync } from "node:fs";
import type { Socket, SocketConstructorOpts } from "node:net";
import { UnsupportedError } from "../../contract/errors.ts";
import type { ClaimsFrame, FrameFromWorker, FrameToWorker } from "../pool/frames.ts";
import type { FarLink, FarStart } from "../pool/link.ts";
import { encodeFailure } from "../pool/passage.ts";
import { describe, uncaughtIsFatal } from "../pool/uncaught.ts";
import { FrameReader } from "./frame-reader.ts";
import { Journal } from "./journal.ts";
import { LongBytes } from "./long-bytes.ts";
import { Outbox } from "./outbox.ts";
import type { PipeWriter } from "./pipe-writer.ts";
import { DescriptorWriter, SocketWriter } from "./pipe-writer.ts";
import { nap } from "./pump.ts";
import type { FatalFrame, OpenFrame } from "./start.ts";
import { fromParentFd, journalFd, linkFd, tokenFd, toParentFd } from "./start.ts";
import { TokenClaims } from "./tokens.ts";
import { watchParent } from "./watchdog.ts";

/** Whether the descriptor can be read and written at once, without the event loop. */
const direct = process.platform !== "win32";
/** How often code that calls `checkpointSync` in a loop is asked to poll. */
const pollMs = 2;
/** How long an exiting child may wait for a parent that does not read. */
const lastWordsMs = 5_000;
const chunkBytes = 64 * 1024;

/** Takes over the process it is called in, which `openProcessLink` must have started; call it once, first thing. Resolves when
 *  the settings have arrived. The process lives until it is ended, and exits at once when its parent is gone. Rejects with
 *  `UnsupportedError` elsewhere. */
export async function openFarProcess(): Promise<FarStart> {
  const link = new ProcessFarLink();
  const { name, taskIdPrefix, setup, teardown, memoryLimit, mapsSources } = await link.opened;
  if (mapsSources) (process as { setSourceMapsEnabled?: (on: boolean) => void }).setSourceMapsEnabled?.(true);
  watchParent();
  return { level: "process", name, taskIdPrefix, setup, teardown, memoryLimit, link };
}

class ProcessFarLink implements FarLink {
  readonly sharesMemory = false;
  readonly claimsUnseen = true;
  readonly wait = direct ? (timeoutMs: number): void => this.#wait(timeoutMs) : undefined;
  readonly opened: Promise<OpenFrame>;
  readonly #writer: PipeWriter;
  readonly #outbox: Outbox;
  readonly #decoder = new FrameReader();
  /** Absent where nothing is sent ahead. */
  #tokens: TokenClaims | undefined;
  /** There from the first: a run may come in one chunk with the settings. */
  readonly #places = new LongBytes(toParentFd, fromParentFd, 0);
  /** For `readSync` alone: libuv writes to the other one. */
  readonly #polled = Buffer.allocUnsafeSlow(direct ? chunkBytes : 0);
  #open: ((frame: OpenFrame) => void) | undefined;
  #onFrame: ((frame: FrameToWorker) => void) | undefined;
  #flaggedAtMs = 0;
  /** No tick follows: what other exit handlers send leaves at once. */
  #exiting = false;

  constructor() {
    const socket = this.#openSocket();
    this.#decoder.places = this.#places;
    this.#writer = direct ? new DescriptorWriter(linkFd, true) : new SocketWriter(socket);
    this.#outbox = new Outbox(this.#writer);
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
    // The parent is gone. Exit handlers of the program still run.
    for (const event of ["end", "close", "error"]) socket.on(event, () => process.exit(1));
    process.on("uncaughtExceptionMonitor", (thrown) => {
      if (uncaughtIsFatal()) this.#write(fatal(thrown), true);
    });
    process.on("exit", () => {
      this.#exiting = true;
      this.#outbox.flush();
      this.#writer.flushSync(lastWordsMs);
    });
  }

  #openSocket(): Socket {
    // `onread` and not the stream's events: the callback gets the bytes when libuv has read them, so that none can wait in the
    // stream's buffer while a poll reads those after them.
    const onread = {
      buffer: Buffer.allocUnsafeSlow(chunkBytes),
      callback: (length: number, buffer: Uint8Array): boolean => {
        this.#accept(buffer.subarray(0, length));
        return true;
      },
    };
    try {
      // Loaded here and not at the top: a worker thread has this file in its bundle too and no use for sockets.
      const net = process.getBuiltinModule("node:net");
      return new net.Socket({ fd: linkFd, readable: true, writable: true, onread } as SocketConstructorOpts);
    } catch (cause) {
      const message = "This file is the inside of a brigade child process and is started by brigade only.";
      throw new UnsupportedError(message, "openFarProcess", { cause });
    }
  }

  send(frame: FrameFromWorker): void {
    // `started` goes out before the code runs: a crash right after it must not look like a task that never began. Items go out before the
    // generator goes on: it may compute for long without a turn of the event loop.
    try {
      this.#write(frame, frame.type === "started" || frame.type === "items");
    } catch (error) {
      if (frame.type !== "settled" || !(error instanceof RangeError)) throw error;
      // A result that does not fit into a frame is the task's failure, and not this process's.
      this.#write({ ...frame, state: "failed", payload: encodeFailure(error, false) }, false);
    }
  }

  claim(number: number): boolean | undefined {
    const isMine = this.#tokens === undefined ? true : this.#tokens.claim(number);
    // Code is about to be entered, which may take its time or bring the process down: what has been answered is safe before it.
    if (isMine) this.#outbox.secure();
    return isMine;
  }

  receive(onFrame: (frame: FrameToWorker) => void): void {
    this.#onFrame = onFrame;
    // What has waited, but never from inside this call.
    setImmediate(() => this.#deliver());
  }

  flagged(): boolean {
    if (!direct) return false;
    const now = performance.now();
    if (now - this.#flaggedAtMs < pollMs) return false;
    this.#flaggedAtMs = now;
    return true;
  }

  poll(): void {
    if (direct) this.#drain();
  }

  /** Sends what is on its way out, then hands over what has arrived; true when there was something. */
  #drain(): boolean {
    if (this.#onFrame === undefined) return false;
    this.#outbox.flush();
    this.#writer.flushSync(0);
    this.#deliver();
    for (let found = false; ; found = true) {
      const length = this.#readNow();
      if (length === 0) return found;
      this.#accept(this.#polled.subarray(0, length));
    }
  }

  #wait(timeoutMs: number): void {
    const start = performance.now();
    for (;;) {
      const spentMs = performance.now() - start;
      if (this.#drain() || spentMs >= timeoutMs) return;
      nap(spentMs, timeoutMs);
    }
  }

  async flush(): Promise<void> {
    this.#outbox.flush();
    await Promise.all([this.#writer.flushed(), written(process.stdout), written(process.stderr)]);
  }

  /** Bytes that are there, into `#polled`; 0 when there are none. */
  #readNow(): number {
    try {
      const length = readSync(linkFd, this.#polled, 0, this.#polled.byteLength, null);
      if (length === 0) process.exit(1);
      return length;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
      process.exit(1);
    }
  }

  #write(frame: FrameFromWorker | FatalFrame, urgent: boolean): void {
    this.#outbox.send(frame);
    if (urgent || this.#exiting) this.#outbox.flush();
  }

  #accept(chunk: Uint8Array): void {
    this.#decoder.push(chunk as Buffer);
    if (this.#places.owes) this.#outbox.flushSoon();
    this.#deliver();
  }

  /** Also called from inside a delivery, when that one polls; then the inner call takes what the outer would have. */
  #deliver(): void {
    if (this.#open !== undefined) {
      const first = this.#decoder.next();
      if (first === undefined) return;
      const open = first as unknown as OpenFrame;
      if (open.sendsAhead) this.#tokens = new TokenClaims(tokenFd);
      if (open.placedBytes !== undefined) {
        this.#places.grow(open.placedBytes);
        this.#outbox.places = this.#places;
      }
      if (open.keepsJournal) this.#outbox.journal = new Journal(journalFd);
      this.#open(open);
      this.#open = undefined;
    }
    while (this.#onFrame !== undefined) {
      const frame = this.#decoder.next();
      if (frame === undefined) return;
      if (frame.type === "claims") this.#tokens?.grant((frame as unknown as ClaimsFrame).granted);
      this.#onFrame(frame as unknown as FrameToWorker);
    }
  }
}

function fatal(thrown: unknown): FatalFrame {
  try {
    if (thrown instanceof Error) {
      const { name, message, stack } = thrown;
      return { type: "fatal", isError: true, name: String(name), message: String(message), stack: stack && String(stack) };
    }
  } catch {
    // A getter that throws; described below.
  }
  return { type: "fatal", isError: false, message: describe(thrown) };
}

/** How long a parent that does not read may hold up the end. */
const outputMs = 1_000;

/** Resolves when the stream has written everything: a pipe that was full keeps the rest back, and an exit would drop it. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength === 0 || !stream.writable) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, outputMs);
    stream.write("", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
