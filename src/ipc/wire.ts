// A wire: one byte stream of the system (a pipe, a socket) with frames on it, and at most one half of a channel for each direction.
//
// Invariants
// - At most one frame waits to be written (and what closing adds): the outlet asks `free` first. What was begun is finished, whoever is
//   cancelled meanwhile, so nothing on the stream is ever torn.
// - While the inlet has no room nothing is read, so what has arrived and was not received is at most a chunk and a frame.
// - It keeps the program alive while somebody waits for a value, and while bytes wait to be written.
import type { Duplex } from "node:stream";
import { BrokenChannelError } from "../contract/errors.ts";
import { END, FAIL, FrameCutter, piecesOf, STOP, VALUE } from "./framing.ts";
import { capitalized } from "./settings.ts";

/** What a wire runs over. */
export interface WireStream extends Duplex {
  ref(): unknown;
  unref(): unknown;
}

/** Which way a pipe goes, seen from this end. */
export type Direction = "sends" | "receives";

/** The half that sends. */
export interface SendingSide {
  /** The system has taken everything. */
  freed(): void;
  /** Nobody will receive any more. Idempotent. */
  broke(): void;
}

/** The half that receives. */
export interface ReceivingSide {
  /** Takes another value now. */
  readonly hasRoom: boolean;
  /** A value as bytes. Throws when it cannot be decoded. */
  value(payload: Uint8Array): void;
  /** No more values: the end, with the bytes of an error, or a reason of this side. */
  end(failure: Uint8Array | undefined): void;
  broke(reason: BrokenChannelError): void;
}

export class Wire {
  readonly #title: string;
  readonly #stream: WireStream;
  readonly #frames: FrameCutter;
  readonly #outlet: SendingSide | undefined;
  /** `undefined` once it has been closed here; what still comes for it is thrown away. */
  #inlet: ReceivingSide | undefined;
  /** Writes are under way that the system has not taken. */
  #stalled = false;
  #pumping = false;
  #holds = false;
  /** The end has come, or will not. */
  #isOver = false;
  /** No more bytes will come; why, if it was an error. */
  #ended: { readonly cause: unknown } | undefined;
  readonly #written = () => {
    if (!this.#stalled || !this.free) return;
    this.#stalled = false;
    this.#outlet?.freed();
  };

  constructor(title: string, stream: WireStream, mostBytes: number, outlet: SendingSide | undefined, inlet: ReceivingSide | undefined) {
    this.#title = title;
    this.#stream = stream;
    this.#frames = new FrameCutter(mostBytes);
    this.#outlet = outlet;
    this.#inlet = inlet;
    stream.unref();
    stream.on("error", (cause) => this.#end({ cause }));
    stream.on("close", () => this.#end({ cause: undefined }));
    stream.on("finish", () => this.#letGo());
    if (inlet === undefined) return;
    stream.on("data", (chunk: Buffer) => this.push(chunk));
    stream.on("end", () => this.#end({ cause: undefined }));
  }

  /** The system has taken all that was written. */
  get free(): boolean {
    return this.#stream.writableLength === 0;
  }

  /** Writes a frame; false when nobody is there to read it. Never waits. */
  write(kind: number, payload: Uint8Array | undefined): boolean {
    const stream = this.#stream;
    if (!stream.writable) return false;
    const pieces = piecesOf(kind, payload);
    if (pieces.length > 1) stream.cork();
    for (const piece of pieces) stream.write(piece, this.#written);
    if (pieces.length > 1) stream.uncork();
    // An error of this very write is told later, but known now.
    if (stream.errored !== null) return false;
    this.#stalled = !this.free;
    return true;
  }

  /** Says that nothing more will be sent. */
  finish(failure: Uint8Array | undefined): void {
    if (!this.#stream.writable) return;
    this.write(failure === undefined ? END : FAIL, failure);
    this.#stream.end();
  }

  /** The receiving half is closed here. */
  stop(): void {
    if (this.#inlet === undefined) return;
    this.#inlet = undefined;
    if (this.#outlet === undefined) {
      this.destroy();
      return;
    }
    if (!this.#isOver) this.write(STOP, undefined);
    this.pump();
    this.#letGo();
  }

  /** Keeps the program alive, or does not. */
  hold(holds: boolean): void {
    // A socket without a handle would keep the wish, and a listener for each, until it is connected again.
    if (holds === this.#holds || this.#stream.destroyed) return;
    this.#holds = holds;
    if (holds) this.#stream.ref();
    else this.#stream.unref();
  }

  /** Ends it at once, as a death would; what waits to be written is lost. */
  destroy(): void {
    this.#stream.destroy();
  }

  /** Bytes have arrived. */
  push(chunk: Uint8Array): void {
    this.#frames.push(chunk);
    this.pump();
  }

  /** Hands on what has arrived, as far as there is room. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#inlet?.hasRoom !== false) {
        const frame = this.#frames.next();
        if (frame === undefined) break;
        this.#handle(frame.kind, frame.payload);
      }
    } catch (cause) {
      this.#breakWith(`${capitalized(this.#title)} is broken: what came is nothing that brigade has sent.`, cause);
      this.destroy();
    } finally {
      this.#pumping = false;
    }
    if (this.#inlet?.hasRoom === false) this.#stream.pause();
    else if (this.#ended === undefined) this.#stream.resume();
    else this.#conclude();
  }

  #handle(kind: number, payload: Uint8Array): void {
    if (kind === STOP) {
      if (this.#outlet === undefined) throw new RangeError("Not a frame: a pipe has no way back.");
      this.#outlet.broke();
      this.#stream.end();
      this.#letGo();
      return;
    }
    if (this.#isOver) throw new RangeError("Not a frame: the end has been before it.");
    if (kind === VALUE) {
      this.#inlet?.value(payload);
      return;
    }
    this.#isOver = true;
    this.#inlet?.end(kind === FAIL ? payload : undefined);
    this.#letGo();
  }

  #end(ended: { readonly cause: unknown }): void {
    const known = this.#ended;
    // What went wrong tells more than that it is over.
    if (known === undefined || (known.cause === undefined && ended.cause !== undefined)) this.#ended = ended;
    if (ended.cause !== undefined) this.#outlet?.broke();
    this.pump();
  }

  /** All that came has been handed on. */
  #conclude(): void {
    if (!this.#isOver) {
      const how = this.#frames.partial ? "ended in the middle of a value" : "ended without being closed";
      this.#breakWith(`${capitalized(this.#title)} ${how}: whoever had the sending end has died, or let go of it.`, this.#ended?.cause);
      this.destroy();
    }
    if (this.#stream.destroyed) this.#outlet?.broke();
  }

  #breakWith(message: string, cause: unknown): void {
    this.#frames.clear();
    const isOver = this.#isOver;
    this.#isOver = true;
    if (!isOver) this.#inlet?.broke(new BrokenChannelError(message, undefined, cause === undefined ? undefined : { cause }));
    this.#outlet?.broke();
  }

  /** Both directions are over, as far as this side is concerned. */
  #letGo(): void {
    const wantsNothing = this.#isOver || this.#inlet === undefined;
    if (wantsNothing && (this.#outlet === undefined || this.#stream.writableFinished)) this.#stream.destroy();
  }
}
