// A lane: one direction of a link. Frames go by the ring; what the ring does not take (too long, memory beside the bytes, no
// room) goes by the port, and everything after it too, until the other side has taken it. So order needs no numbers: while a
// frame is under way by port nothing is written to the ring. Proof: README.md beside.
import type { MessagePort } from "node:worker_threads";
import type { SharedWords } from "../../memory/atomics.ts";
import { load, store } from "../../memory/atomics.ts";
import { allocateRing, RingReader, RingWriter } from "../../memory/ring.ts";
import type { Frame } from "../pool/frames.ts";
import { postFrame } from "./post.ts";
import { FrameReader, FrameWriter } from "./ring-frames.ts";

/** Bytes of a ring: a thousand small tasks fit, and an idle worker costs next to nothing. */
const ringBytes = 64 * 1024;

/** What both ends of a lane share. */
export interface LaneMemory {
  readonly ring: SharedArrayBuffer;
  /** One word: how many frames the receiver has taken that came by port. Written by the receiver alone. */
  readonly taken: SharedWords;
}

export function allocateLane(): LaneMemory {
  return { ring: allocateRing(ringBytes), taken: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) };
}

/** The sending end. */
export class LaneSender {
  readonly #ring: RingWriter;
  readonly #frames: FrameWriter;
  readonly #taken: SharedWords;
  readonly #port: MessagePort;
  /** Frames sent by port. */
  #posted = 0;

  constructor({ ring, taken }: LaneMemory, port: MessagePort) {
    this.#ring = new RingWriter(ring);
    this.#frames = new FrameWriter(this.#ring);
    this.#taken = taken;
    this.#port = port;
  }

  /** Sends a frame, by ring or by port. Throws what `postMessage` throws, having sent and moved nothing. Never waits. */
  send(frame: Frame): void {
    if (!this.#isDiverted && this.#frames.write(frame)) return;
    postFrame(this.#port, frame);
    this.#posted = (this.#posted + 1) | 0;
  }

  /** Whether the next frame will go by the ring, as far as its kind and its length allow. */
  get hasRoom(): boolean {
    return !this.#isDiverted && this.#ring.hasRoom;
  }

  /** Frames are under way by port, so that the ring has to wait. */
  get #isDiverted(): boolean {
    return this.#posted !== 0 && load(this.#taken, 0) !== this.#posted;
  }
}

/** The receiving end. */
export class LaneReceiver {
  readonly #ring: RingReader;
  readonly #frames: FrameReader;
  readonly #taken: SharedWords;
  /** Came by port and not yet handed out. */
  #held: Frame[] = [];
  #count = 0;

  constructor({ ring, taken }: LaneMemory) {
    this.#ring = new RingReader(ring);
    this.#frames = new FrameReader(this.#ring.bytes);
    this.#taken = taken;
  }

  /** A frame has come by port. It may have overtaken records that are still in the ring, so it is held until those are out. */
  hold(frame: Frame): void {
    this.#held.push(frame);
  }

  get isEmpty(): boolean {
    return this.#ring.isEmpty && this.#held.length === 0;
  }

  /** The next frame in the order in which they were sent; `undefined` when none has come. Never waits. */
  next(): Frame | undefined {
    if (this.#ring.next()) return this.#frames.read(this.#ring.start, this.#ring.end);
    const frame = this.#held.shift();
    if (frame === undefined) return undefined;
    // Before it is handled: its handler may look for further frames, which the sender may now put into the ring.
    this.#count = (this.#count + 1) | 0;
    store(this.#taken, 0, this.#count);
    return frame;
  }
}
