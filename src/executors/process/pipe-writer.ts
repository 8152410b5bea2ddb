// The far side's way out. On POSIX it writes the descriptor itself instead of leaving it to a socket: what a socket has queued
// cannot be written any more once `process.exit` runs, and half a frame may be among it. Here every byte not yet taken by the
// operating system is in one list, which the `exit` handler can still write. Invariant: bytes leave in the order of `write`.

import { writevSync } from "node:fs";
import type { Socket } from "node:net";
import { blockFor } from "../../memory/atomics.ts";

/** How the far side writes. */
export interface PipeWriter {
  /** Takes pieces of a frame; they leave at the end of this tick, or with `urgent` before the call returns if there is room. */
  write(pieces: readonly Uint8Array[], urgent: boolean): void;
  /** Resolves when the operating system has everything. */
  flushed(): Promise<void>;
  /** Blocks until it has everything, or the reader is gone, `timeoutMs` at most. */
  flushSync(timeoutMs: number): void;
}

/** Pieces per call: what every system's `writev` takes. */
const maxPieces = 64;
/** A full pipe is tried again at every turn of the loop for this long, since a reader at work empties it within
 *  microseconds; then once per millisecond. */
const eagerMs = 20;
/** Before such a turn the processor is left to the reader, which may need this very one. */
const pauseMs = 0.05;

/** Writes a descriptor that does not block. */
export class DescriptorWriter implements PipeWriter {
  readonly #fd: number;
  #pieces: Uint8Array[] = [];
  #scheduled = false;
  #stalledSinceMs: number | undefined;
  #waiters: (() => void)[] = [];
  /** The reader is gone; everything is dropped. */
  #broken = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(pieces: readonly Uint8Array[], urgent: boolean): void {
    if (this.#broken) return;
    for (const piece of pieces) if (piece.byteLength > 0) this.#pieces.push(piece);
    if (urgent && this.#stalledSinceMs === undefined) this.#attempt();
    this.#schedule();
  }

  flushed(): Promise<void> {
    if (this.#pieces.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  flushSync(timeoutMs: number): void {
    const end = performance.now() + timeoutMs;
    while (!this.#attempt() && performance.now() < end) blockFor(1);
  }

  #schedule(): void {
    if (this.#scheduled || this.#pieces.length === 0) return;
    this.#scheduled = true;
    const run = (): void => {
      this.#scheduled = false;
      this.#attempt();
      this.#schedule();
    };
    if (this.#stalledSinceMs === undefined) process.nextTick(run);
    else if (performance.now() - this.#stalledSinceMs < eagerMs) {
      setImmediate(() => {
        blockFor(pauseMs);
        run();
      });
    } else setTimeout(run, 1);
  }

  /** Writes what the pipe takes; true when nothing is left. */
  #attempt(): boolean {
    try {
      while (this.#pieces.length > 0) {
        this.#drop(writevSync(this.#fd, this.#pieces.slice(0, maxPieces)));
        this.#stalledSinceMs = undefined;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") {
        this.#stalledSinceMs ??= performance.now();
        return false;
      }
      this.#broken = true;
      this.#pieces = [];
    }
    this.#stalledSinceMs = undefined;
    for (const resolve of this.#waiters.splice(0)) resolve();
    return true;
  }

  /** Forgets the first `count` bytes. */
  #drop(count: number): void {
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

/** Writes through a socket, where descriptors cannot be written at once (Windows). What is still queued at `process.exit` is
 *  lost there. */
export class SocketWriter implements PipeWriter {
  readonly #socket: Socket;
  #pending = 0;
  #waiters: (() => void)[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  write(pieces: readonly Uint8Array[], urgent: boolean): void {
    const socket = this.#socket;
    if (!socket.writable) return;
    if (!urgent && socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    this.#pending++;
    pieces.forEach((piece, index) => {
      if (index < pieces.length - 1) socket.write(piece);
      else socket.write(piece, () => this.#written());
    });
    if (urgent) while (socket.writableCorked > 0) socket.uncork();
  }

  flushed(): Promise<void> {
    if (this.#pending === 0 || this.#socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  flushSync(): void {
    return;
  }

  #written(): void {
    if (--this.#pending === 0) for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
