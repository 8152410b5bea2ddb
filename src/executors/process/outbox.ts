// What a side has to send: the frames of one tick leave in one write, or at once where that matters.
import { FrameWriter } from "./frame-writer.ts";
import type { PipeWriter } from "./pipe-writer.ts";

/** More than this does not wait for the end of the tick. */
const fullBytes = 32 * 1024;

export class Outbox {
  readonly #frames = new FrameWriter();
  readonly #writer: PipeWriter;
  readonly #beforeWriting: (() => void) | undefined;
  #scheduled = false;
  readonly #flushNow = () => {
    this.#scheduled = false;
    this.flush();
  };

  /** `beforeWriting` is called before each write, and may add frames. */
  constructor(writer: PipeWriter, beforeWriting?: () => void) {
    this.#writer = writer;
    this.#beforeWriting = beforeWriting;
  }

  /** Leaves at the end of this tick. Throws what `FrameWriter.add` throws. */
  send(frame: { readonly type: string }): void {
    this.#frames.add(frame);
    if (this.#frames.waitingBytes > fullBytes) this.flush();
    else this.flushSoon();
  }

  /** What is there leaves at the end of this tick. */
  flushSoon(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(this.#flushNow);
  }

  /** Adds a frame to what leaves next, and does not see to it that something does. */
  add(frame: { readonly type: string }): void {
    this.#frames.add(frame);
  }

  /** Leaves now, as far as the pipe has room. */
  flush(): void {
    this.#beforeWriting?.();
    if (this.#frames.isEmpty) return;
    if (this.#writer.write(this.#frames.take())) this.#frames.recycle();
  }
}
