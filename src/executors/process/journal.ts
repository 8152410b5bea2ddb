// The journal of a child: what it has answered and not yet written to the pipe, in a file that lies in memory and has no name. A write to the
// pipe wakes the parent, which is most of what a tiny task costs; a write to the file wakes nobody. So the answers of many tiny tasks leave in
// one write, and none of them is lost when the next task brings the process down: the parent reads the rest out of the file.
//
// The file is the pipe once more: a byte has the place in the file that it has in the stream. Proof: README.md beside.
import { closeSync, ftruncateSync, readSync, writeSync } from "node:fs";
import { memoryFolder, openNamelessFile } from "./nameless-file.ts";

/** What is over stays in the file until there is this much of it. */
const sweepBytes = 256 * 1024;
/** More than a child leaves unwritten. */
const mostLeft = 256 * 1024;

/** A file for the journal of one child; `undefined` where there is none in memory. */
export function openJournalFile(): number | undefined {
  return process.platform === "linux" ? openNamelessFile(memoryFolder) : undefined;
}

/** The child's side. */
export class Journal {
  readonly #fd: number;
  /** Up to where the stream is in the file. */
  #end = 0;
  #sweptAt = 0;
  #failed = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Notes what comes in the stream from `at` on, and has not been written to the pipe; all before it has been. What of it was noted before is
   *  not noted again. False when it could not be. */
  note(bytes: Uint8Array, at: number): boolean {
    if (this.#failed) return false;
    const from = Math.max(0, this.#end - at);
    if (from >= bytes.byteLength) return true;
    try {
      // Before the first byte that is not over: all that is in the file is.
      if (this.#end <= at && at - this.#sweptAt > sweepBytes) {
        ftruncateSync(this.#fd, 0);
        this.#sweptAt = at;
      }
      const count = bytes.byteLength - from;
      if (writeSync(this.#fd, bytes, from, count, at + from) < count) this.#failed = true;
      else this.#end = at + bytes.byteLength;
    } catch {
      // No memory left, or the task has closed the descriptor.
      this.#failed = true;
    }
    return !this.#failed;
  }
}

/** The parent's side. */
export class JournalReader {
  readonly #fd: number;
  /** Bytes of the stream that are known, and how many have come by the pipe: the others were in the journal. */
  #known = 0;
  #piped = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** A chunk has come by the pipe: what of it is new. */
  arrived(chunk: Buffer): Buffer {
    const repeated = Math.min(chunk.byteLength, this.#known - this.#piped);
    this.#piped += chunk.byteLength;
    this.#known += chunk.byteLength - repeated;
    return repeated > 0 ? chunk.subarray(repeated) : chunk;
  }

  /** What comes next in the stream, the child being gone and its pipe read to the end. */
  last(): Buffer {
    const found = this.#read();
    this.#known += found.byteLength;
    return found;
  }

  /** The same of a child that lives and may write; empty when that cannot be told. `readPipe` empties the pipe into `arrived`. */
  look(readPipe: () => void): Buffer {
    readPipe();
    const known = this.#known;
    const found = this.#read();
    readPipe();
    // What has left since may be gone from the file, and was not read as it was.
    if (this.#known !== known) return found.subarray(0, 0);
    this.#known += found.byteLength;
    return found;
  }

  #read(): Buffer {
    const room = Buffer.allocUnsafe(mostLeft);
    try {
      return room.subarray(0, readSync(this.#fd, room, 0, room.byteLength, this.#known));
    } catch {
      return room.subarray(0, 0);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}
