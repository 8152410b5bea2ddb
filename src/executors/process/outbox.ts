// What a side has to send: the frames of one tick leave in one write, or at once where that matters.
import { FrameWriter } from "./frame-writer.ts";
import type { Journal } from "./journal.ts";
import type { LongBytes } from "./long-bytes.ts";
import type { PipeWriter } from "./pipe-writer.ts";

/** More than this does not wait for the end of the tick. */
const fullBytes = 32 * 1024;
/** What follows the last write within this time may wait for the next one, if it is in the journal. */
const quickMs = 0.25;

export class Outbox {
  #places: LongBytes | undefined;
  readonly #frames = new FrameWriter();
  readonly #writer: PipeWriter;
  readonly #beforeWriting: (() => void) | undefined;
  #scheduled = false;
  #journal: Journal | undefined;
  /** Bytes that have left, and when the last did. */
  #left = 0;
  #leftAtMs = 0;
  readonly #flushNow = () => {
    this.#scheduled = false;
    this.flush();
  };

  /** `beforeWriting` is called before each write, and may add frames. */
  constructor(writer: PipeWriter, beforeWriting?: () => void) {
    this.#writer = writer;
    this.#beforeWriting = beforeWriting;
  }

  /** From now on long bytes go there. */
  set places(places: LongBytes) {
    this.#places = places;
    this.#frames.places = places;
  }

  /** From now on what must not be lost may wait there. */
  set journal(journal: Journal) {
    this.#journal = journal;
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

  /** Nothing of it may be lost if this process ends now: it leaves, or is noted when something has left a moment ago. */
  secure(): void {
    if (this.#frames.isEmpty) return;
    const { waiting } = this.#frames;
    if (
      this.#journal === undefined ||
      waiting === undefined ||
      this.#writer.isStalled ||
      performance.now() - this.#leftAtMs >= quickMs ||
      !this.#journal.note(waiting, this.#left)
    )
      this.flush();
  }

  /** Leaves now, as far as the pipe has room. */
  flush(): void {
    this.#beforeWriting?.();
    if (this.#places?.owes) this.#frames.addRead(this.#places.takeRead());
    if (this.#frames.isEmpty) return;
    const pieces = this.#frames.take();
    if (this.#journal !== undefined) {
      this.#leftAtMs = performance.now();
      for (const piece of pieces) this.#left += piece.byteLength;
    }
    if (this.#writer.write(pieces)) this.#frames.recycle();
  }
}
