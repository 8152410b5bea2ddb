// The way out of either side. On POSIX it writes the descriptor itself instead of leaving it to a socket: what a socket has queued
// cannot be written any more once `process.exit` runs or a thread blocks, and half a frame may be among it. Here every byte not
// yet taken by the operating system is in one list, which can still be written then. Invariant: bytes leave in the order of `write`.
import { writeSync, writevSync } from "node:fs";
import type { Socket } from "node:net";
import { blockFor } from "../../memory/atomics.ts";

/** How a side writes. */
export interface PipeWriter {
  /** Takes pieces; true when the operating system has them all, so that their memory may be used again. */
  write(pieces: readonly Uint8Array[]): boolean;
  /** The pipe is full: whoever can wait should. */
  readonly isStalled: boolean;
  /** Resolves when the operating system has everything. */
  flushed(): Promise<void>;
  /** Blocks until it has everything, or the reader is gone, `timeoutMs` at most; with 0 it tries once. */
  flushSync(timeoutMs: number): void;
  /** Nothing will be written any more. */
  close(): void;
}

/** Pieces per call: what every system's `writev` takes. */
const maxPieces = 64;
/** A full pipe is tried again at every turn of the loop for this long, since a reader at work empties it within microseconds; then
 *  once per millisecond, and after `longMs` ever more seldom: nobody reads. */
const eagerMs = 2;
const longMs = 100;
const seldomMs = 10;

/** Writes a descriptor that does not block. With `holds` a full pipe keeps the program alive. */
export class DescriptorWriter implements PipeWriter {
  readonly #fd: number;
  readonly #holds: boolean;
  #pieces: Uint8Array[] = [];
  #scheduled = false;
  #stalledSinceMs: number | undefined;
  #waiters: (() => void)[] = [];
  /** The reader is gone, or this end is closed; everything is dropped. */
  #closed = false;
  readonly #retry = () => {
    this.#scheduled = false;
    if (!this.#attempt()) this.#schedule();
  };

  constructor(fd: number, holds: boolean) {
    this.#fd = fd;
    this.#holds = holds;
  }

  get isStalled(): boolean {
    return this.#stalledSinceMs !== undefined;
  }

  write(pieces: readonly Uint8Array[]): boolean {
    if (this.#closed) return true;
    for (const piece of pieces) if (piece.byteLength > 0) this.#pieces.push(piece);
    if (this.#stalledSinceMs === undefined && this.#attempt()) return true;
    this.#schedule();
    return false;
  }

  flushed(): Promise<void> {
    if (this.#pieces.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  flushSync(timeoutMs: number): void {
    const end = performance.now() + timeoutMs;
    while (!this.#attempt() && performance.now() < end) blockFor(1);
  }

  close(): void {
    this.#closed = true;
    this.#pieces = [];
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const stalledMs = performance.now() - (this.#stalledSinceMs ?? 0);
    if (stalledMs < eagerMs) setImmediate(this.#retry);
    else {
      const timer = setTimeout(this.#retry, stalledMs < longMs ? 1 : seldomMs);
      if (!this.#holds) timer.unref();
    }
  }

  /** Writes what the pipe takes; true when nothing is left. */
  #attempt(): boolean {
    try {
      while (this.#pieces.length > 0) {
        const [first] = this.#pieces;
        const count =
          this.#pieces.length === 1
            ? writeSync(this.#fd, first as Uint8Array)
            : writevSync(this.#fd, this.#pieces.length > maxPieces ? this.#pieces.slice(0, maxPieces) : this.#pieces);
        this.#drop(count);
        this.#stalledSinceMs = undefined;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") {
        this.#stalledSinceMs ??= performance.now();
        return false;
      }
      this.close();
    }
    this.#stalledSinceMs = undefined;
    for (const resolve of this.#waiters.splice(0)) resolve();
    return true;
  }

  /** Forgets the first `count` bytes. */
  #drop(count: number): void {
    if (this.#pieces.length === 1 && (this.#pieces[0] as Uint8Array).byteLength === count) {
      this.#pieces = [];
      return;
    }
    let whole = 0;
    for (let left = count; whole < this.#pieces.length; whole++) {
      const piece = this.#pieces[whole] as Uint8Array;
      if (piece.byteLength > left) {
        this.#pieces[whole] = piece.subarray(left);
        break;
      }
      left -= piece.byteLength;
    }
    this.#pieces.splice(0, whole);
  }
}

/** Bytes that a socket may have in its queue before others should wait. */
const queuedBytes = 64 * 1024;

/** Writes through a socket, where descriptors cannot be written at once (Windows). What is still queued at `process.exit` is
 *  lost there. */
export class SocketWriter implements PipeWriter {
  readonly #socket: Socket;
  #pending = 0;
  #waiters: (() => void)[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get isStalled(): boolean {
    return this.#socket.writableLength > queuedBytes;
  }

  write(pieces: readonly Uint8Array[]): boolean {
    const socket = this.#socket;
    if (!socket.writable) return true;
    this.#pending++;
    socket.cork();
    pieces.forEach((piece, index) => {
      if (index < pieces.length - 1) socket.write(piece);
      else socket.write(piece, () => this.#written());
    });
    socket.uncork();
    return false;
  }

  flushed(): Promise<void> {
    if (this.#pending === 0 || this.#socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  flushSync(): void {
    return;
  }

  close(): void {
    return;
  }

  #written(): void {
    if (--this.#pending === 0) for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
