// Whole messages over blocking descriptors: a read or write may do less than asked.
import { readSync, writeSync } from "node:fs";

/** Fills `bytes`. Blocks the thread. Throws when the other side has closed. */
export function readAll(descriptor: number, bytes: Uint8Array): void {
  for (let got = 0; got < bytes.byteLength; ) {
    const count = readSync(descriptor, bytes, got, bytes.byteLength - got, null);
    if (count === 0) throw new RangeError("The pipe ended in the middle of a message.");
    got += count;
  }
}

/** Writes all of `bytes`. Blocks the thread while the pipe is full. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let sent = 0; sent < bytes.byteLength; ) sent += writeSync(descriptor, bytes, sent, bytes.byteLength - sent);
}
