// A pipe of a child, read in two ways: by the event loop, and by `readNow` while the loop stands still. Order holds as on the far
// side (README.md): both run on one thread, the stream hands each chunk on within the callback that brings it, and before reading
// by itself this side takes what the stream has kept back.
import { readSync } from "node:fs";
import type { Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";

const chunkBytes = 64 * 1024;
/** For all of a thread: what was read is handed on before anything else is. */
let room: Buffer | undefined;

export class PipeReader {
  readonly #pipe: Socket;
  readonly #onChunk: (chunk: Buffer) => void;
  #isOver = false;

  constructor(pipe: Socket, onChunk: (chunk: Buffer) => void) {
    this.#pipe = pipe;
    this.#onChunk = onChunk;
    pipe.unref();
    pipe.on("data", onChunk);
  }

  /** The descriptor; `undefined` where it cannot be read or written without the event loop. */
  get fd(): number | undefined {
    return descriptorOf(this.#pipe);
  }

  /** The other side has closed it, as far as `readNow` has seen. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Hands over what has arrived; true when there was something. Never waits. */
  readNow(): boolean {
    const { fd } = this;
    if (this.#isOver || fd === undefined || this.#pipe.destroyed) return false;
    let found = false;
    const kept = this.#pipe.readableLength > 0 ? (this.#pipe.read() as Buffer | null) : null;
    if (kept !== null) {
      found = true;
      this.#onChunk(kept);
    }
    for (;;) {
      // A handler may block in turn, and read by this same way: then the room is not ours any more.
      const buffer = room ?? Buffer.allocUnsafeSlow(chunkBytes);
      room = undefined;
      const length = this.#read(fd, buffer);
      if (length > 0) this.#onChunk(buffer.subarray(0, length));
      room = buffer;
      if (length <= 0) return found;
      found = true;
      if (length < buffer.byteLength) return true;
    }
  }

  /** Bytes read; 0 at the end, -1 when there are none. */
  #read(fd: number, buffer: Buffer): number {
    try {
      const length = readSync(fd, buffer, 0, buffer.byteLength, null);
      if (length === 0) this.#isOver = true;
      return length;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") this.#isOver = true;
      return -1;
    }
  }
}

/** Reads a pipe of UTF-8, in pieces of whole characters; what a dead writer has left of one becomes the replacement character. */
export function readText(pipe: Socket, onText: (text: string) => void): PipeReader {
  const decoder = new StringDecoder("utf8");
  pipe.on("error", () => pipe.destroy());
  pipe.on("end", () => {
    const rest = decoder.end();
    if (rest !== "") onText(rest);
  });
  return new PipeReader(pipe, (chunk) => {
    const text = decoder.write(chunk);
    if (text !== "") onText(text);
  });
}

/** The descriptor of a pipe; `undefined` on Windows, and where the runtime does not tell. */
function descriptorOf(pipe: Socket): number | undefined {
  if (process.platform === "win32") return undefined;
  const fd = (pipe as unknown as { readonly _handle?: { readonly fd?: unknown } | null })._handle?.fd;
  return typeof fd === "number" && fd >= 0 ? fd : undefined;
}
