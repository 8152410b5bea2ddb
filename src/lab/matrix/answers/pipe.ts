// The far side of two pipes, one for each direction, read and written blocking: the kernel puts the thread away until there is something.
import { closeSync, openSync } from "node:fs";
import { resourceUsage } from "node:process";
import { readAll, writeAll } from "../pipe-bytes.ts";

/** What begins a message: 1 asks for a byte back, else the bytes that follow; 0 ends it. */
export const askByte = 1;

/** Answers until it is told to end. Returns how often the kernel has put a thread of this process away meanwhile. Blocks the thread. */
export function answerPipe(incoming: string, outgoing: string): number {
  // each end opened for reading and writing: neither waits for the other to come, and none goes when the other does
  const [input, output] = [openSync(incoming, "r+"), openSync(outgoing, "r+")];
  const before = switches();
  const header = new Uint8Array(4);
  const words = new Uint32Array(header.buffer);
  const ack = Uint8Array.of(1);
  let buffer = new Uint8Array(0);
  try {
    for (;;) {
      readAll(input, header);
      const length = words[0] ?? 0;
      if (length === 0) return switches() - before;
      if (length !== askByte) {
        if (buffer.byteLength < length) buffer = new Uint8Array(length);
        readAll(input, buffer.subarray(0, length));
      }
      writeAll(output, ack);
    }
  } finally {
    closeSync(input);
    closeSync(output);
  }
}

/** How often the kernel has put a thread of this process away. */
export function switches(): number {
  const { voluntaryContextSwitches, involuntaryContextSwitches } = resourceUsage();
  return voluntaryContextSwitches + involuntaryContextSwitches;
}
