// The way out of a worker: items of a stream as frames. Each is encoded at its `yield`, since the generator may change it afterwards.
// Small ones that come in quick succession travel together; one that comes alone leaves at once.

import { type Payload, writePlain } from "../../../wire/plain.ts";
import { copiedBytes } from "../../../wire/transfer.ts";
import type { AbortFrame, ItemsFrame } from "../frames.ts";
import { encodeValue, goesUp, relayAborts } from "../passage.ts";
import { sizeBytes } from "./items.ts";
import type { StreamOutlet } from "./producer.ts";

/** A batch fits into the ring of a thread, with its head. */
const batchBytes = 12 * 1024;
/** Items from here on are not copied into a batch. */
const aloneFrom = 4 * 1024;
/** An item that comes this long after the last frame waits for no other: a frame costs a twentieth of that. */
const quickMs = 0.2;

/** What carries the frames. */
interface ItemsLink {
  readonly sharesMemory: boolean;
  send(frame: ItemsFrame | AbortFrame): void;
}

/** Those that hold items back. */
const holding = new Set<BatchOutlet>();

/** Sends what is held back: the code of a task computes and may not give the event loop a turn for long. */
export function flushHeld(): void {
  if (holding.size > 0) for (const outlet of holding) outlet.flush(false);
}

export class BatchOutlet implements StreamOutlet {
  readonly #link: ItemsLink;
  readonly #id: number;
  /** Made when items come fast for the first time. */
  #batch: Uint8Array | undefined;
  #view: DataView | undefined;
  #filled = 0;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #flushing: NodeJS.Immediate | undefined;

  /** `id` is the number by which the other side knows the stream's task. */
  constructor(link: ItemsLink, id: number) {
    this.#link = link;
    this.#id = id;
  }

  /** Returns at once. An item that is held leaves with the next frame, at the next turn of the event loop, or at the next
   *  `checkpointSync`, whichever comes first. */
  put(item: unknown): number {
    const { payload, signals } = goesUp(encodeValue(item, "item", this.#link.sharesMemory));
    // For good: nobody says when the reader has forgotten a signal.
    if (signals.length > 0) relayAborts(signals, this.#link);
    const weight = copiedBytes(payload);
    if (payload.bytes !== undefined && (weight >= aloneFrom || payload.attachments?.length)) {
      this.flush(false);
      this.#link.send({ type: "items", id: this.#id, packed: false, wanting: false, payload });
      this.#sentAtMs = performance.now();
      return weight;
    }
    if (this.#filled + sizeBytes + weight > batchBytes) this.flush(false);
    this.#append(payload, weight);
    if (performance.now() - this.#sentAtMs >= quickMs) this.flush(false);
    else if (this.#flushing === undefined) {
      this.#flushing = setImmediate(() => this.flush(false));
      holding.add(this);
    }
    return weight;
  }

  flush(wanting: boolean): void {
    if (this.#flushing !== undefined) {
      clearImmediate(this.#flushing);
      this.#flushing = undefined;
      holding.delete(this);
    }
    if (this.#filled === 0 && !wanting) return;
    const bytes = (this.#batch ?? empty).slice(0, this.#filled);
    this.#filled = 0;
    this.#link.send({ type: "items", id: this.#id, packed: true, wanting, payload: { bytes } });
    this.#sentAtMs = performance.now();
  }

  #append(payload: Payload, weight: number): void {
    this.#batch ??= new Uint8Array(batchBytes);
    this.#view ??= new DataView(this.#batch.buffer);
    this.#view.setUint32(this.#filled, weight, true);
    const at = this.#filled + sizeBytes;
    if (payload.bytes === undefined) writePlain(payload, this.#batch, at);
    else this.#batch.set(payload.bytes, at);
    this.#filled = at + weight;
  }
}

const empty = new Uint8Array(0);
