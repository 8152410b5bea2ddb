// What comes from a child, frame by frame, until something comes that is none: nothing after that can be trusted.
import type { FrameFromWorker } from "../pool/frames.ts";
import { FrameReader } from "./frame-reader.ts";
import type { LongBytes } from "./long-bytes.ts";
import type { FatalFrame } from "./start.ts";
import { frameFromWorker } from "./start.ts";

export class Inbox {
  readonly #frames = new FrameReader();
  #error: unknown;
  /** A frame came that no worker sends: those behind it do not count. */
  #stopped = false;

  /** Where long bytes may lie. */
  set places(places: LongBytes) {
    this.#frames.places = places;
  }

  /** Why nothing more is read; `undefined` while all is well. */
  get error(): unknown {
    return this.#error;
  }

  /** Whether the bytes so far end in the middle of a frame. */
  get partial(): boolean {
    return this.#frames.partial;
  }

  /** Stores what came whole, also before garbage; the chunk may be reused afterwards. */
  push(chunk: Buffer): void {
    if (this.#error !== undefined) return;
    try {
      this.#frames.push(chunk);
    } catch (error) {
      this.#error = error;
    }
  }

  /** The next frame, removed; `undefined` when there is none, or it is not one that a worker sends. */
  next(): FrameFromWorker | FatalFrame | undefined {
    const raw = this.#stopped ? undefined : this.#frames.next();
    if (raw === undefined) return undefined;
    try {
      return frameFromWorker(raw);
    } catch (error) {
      this.#error ??= error;
      this.#stopped = true;
      return undefined;
    }
  }
}
