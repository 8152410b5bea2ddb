// A pipe in a worker thread, read and written by trying once a millisecond while there is something to wait for.
//
// Not a socket over the descriptor, which the event loop would watch: when a worker thread ends, Node closes every number that `openSync`
// has given it and `closeSync` has not taken back, also one that a socket has adopted and closed long since. By then another thread's
// file may have that number.
import { closeSync, readSync, writeSync } from "node:fs";
import { Duplex } from "node:stream";
import type { Direction, WireStream } from "./wire.ts";

const lookMs = 1;
const chunkBytes = 64 * 1024;

const isFull = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "EAGAIN";

export class PolledPipe extends Duplex implements WireStream {
  readonly #descriptor: number;
  #timer: NodeJS.Timeout | undefined;
  #holds = true;
  #reads = false;
  /** What waits for room, and whom to tell. */
  #rest: { readonly bytes: Uint8Array; readonly done: (error?: Error) => void } | undefined;

  /** Owns the descriptor, which does not block. */
  constructor(descriptor: number, direction: Direction) {
    // Which way it goes is an option that the types of Node 20 do not have.
    const way: object = { readable: direction === "receives", writable: direction === "sends" };
    super({ ...way, highWaterMark: chunkBytes, decodeStrings: false });
    this.#descriptor = descriptor;
  }

  ref(): this {
    this.#holds = true;
    this.#timer?.ref();
    return this;
  }

  unref(): this {
    this.#holds = false;
    // What was begun to be written is finished.
    if (this.#rest === undefined) this.#timer?.unref();
    return this;
  }

  override _read(): void {
    this.#reads = true;
    this.#look();
  }

  override _write(bytes: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    this.#rest = { bytes, done };
    this.#look();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearInterval(this.#timer);
    closeSync(this.#descriptor);
    done(error);
  }

  #look(): void {
    if (this.#reads) this.#tryRead();
    if (this.#rest !== undefined && !this.destroyed) this.#tryWrite(this.#rest.bytes, this.#rest.done);
    const waits = (this.#reads || this.#rest !== undefined) && !this.destroyed;
    if (!waits) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    this.#timer ??= setInterval(() => this.#look(), lookMs);
    if (!this.#holds && this.#rest === undefined) this.#timer.unref();
  }

  #tryRead(): void {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    try {
      const length = readSync(this.#descriptor, chunk, 0, chunkBytes, null);
      this.#reads = false;
      this.push(length === 0 ? null : chunk.subarray(0, length));
    } catch (error) {
      if (isFull(error)) return;
      this.#reads = false;
      this.destroy(error as Error);
    }
  }

  #tryWrite(bytes: Uint8Array, done: (error?: Error) => void): void {
    let at = 0;
    try {
      while (at < bytes.byteLength) at += writeSync(this.#descriptor, bytes, at);
      this.#rest = undefined;
    } catch (error) {
      if (isFull(error)) {
        this.#rest = { bytes: bytes.subarray(at), done };
        return;
      }
      this.#rest = undefined;
      done(error as Error);
      return;
    }
    done();
  }
}
