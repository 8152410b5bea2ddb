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

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** What the journal has from this place of the stream on. Certain when the child is gone and its pipe is read to the end, or when the
   *  pipe is still empty afterwards. */
  readFrom(at: number): Buffer {
    const room = Buffer.allocUnsafe(mostLeft);
    try {
      return room.subarray(0, readSync(this.#fd, room, 0, room.byteLength, at));
    } catch {
      return room.subarray(0, 0);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}
