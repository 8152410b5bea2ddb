// The far side of a child process. Bytes arrive in two ways: from libuv by event while the loop turns, and by `readSync` when
// code that holds the thread polls. Both feed one decoder at once, in the order in which the kernel gave them out, so order
// holds however they mix. Proof: README.md beside.
import { readSync } from "node:fs";
import type { Socket, SocketConstructorOpts } from "node:net";
import { UnsupportedError } from "../../contract/errors.ts";
import { type FrameFromWorker, type FrameToWorker, recordOfBytes } from "../pool/frames.ts";
import type { FarLink, FarStart } from "../pool/link.ts";
import { describe, uncaughtIsFatal } from "../pool/uncaught.ts";
import { encodeFrame, FrameDecoder } from "./frame-codec.ts";
import type { PipeWriter } from "./pipe-writer.ts";
import { DescriptorWriter, SocketWriter } from "./pipe-writer.ts";
import type { FatalFrame, OpenFrame } from "./start.ts";
import { linkFd } from "./start.ts";
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
  const { name, taskIdPrefix, setup, teardown, mapsSources } = await link.opened;
  if (mapsSources) (process as { setSourceMapsEnabled?: (on: boolean) => void }).setSourceMapsEnabled?.(true);
  watchParent();
  return { level: "process", name, taskIdPrefix, setup, teardown, link };
}

class ProcessFarLink implements FarLink {
  readonly sharesMemory = false;
  readonly opened: Promise<OpenFrame>;
  readonly #writer: PipeWriter;
  readonly #decoder = new FrameDecoder();
  /** For `readSync` alone: libuv writes to the other one. */
  readonly #polled = Buffer.allocUnsafeSlow(direct ? chunkBytes : 0);
  #open: ((frame: OpenFrame) => void) | undefined;
  #onFrame: ((frame: FrameToWorker) => void) | undefined;
  #flaggedAtMs = 0;
  /** No tick follows: what other exit handlers send leaves at once. */
  #exiting = false;

  constructor() {
    const socket = this.#openSocket();
    this.#writer = direct ? new DescriptorWriter(linkFd) : new SocketWriter(socket);
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
    this.#write(recordOfBytes(frame), frame.type === "started" || frame.type === "items");
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
    if (!direct || this.#onFrame === undefined) return;
    this.#deliver();
    for (;;) {
      const length = this.#readNow();
      if (length === 0) return;
      this.#accept(this.#polled.subarray(0, length));
    }
  }

  flush(): Promise<void> {
    return this.#writer.flushed();
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

  #write(frame: { readonly type: string }, urgent: boolean): void {
    this.#writer.write(encodeFrame(frame), urgent || this.#exiting);
  }

  #accept(chunk: Uint8Array): void {
    this.#decoder.push(chunk);
    this.#deliver();
  }

  /** Also called from inside a delivery, when that one polls; then the inner call takes what the outer would have. */
  #deliver(): void {
    if (this.#open !== undefined) {
      const first = this.#decoder.next();
      if (first === undefined) return;
      this.#open(first as unknown as OpenFrame);
      this.#open = undefined;
    }
    while (this.#onFrame !== undefined) {
      const frame = this.#decoder.next();
      if (frame === undefined) return;
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
