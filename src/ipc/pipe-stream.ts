// A descriptor of a pipe as a stream that waits without occupying one of the threads that read files.
import { isMainThread } from "node:worker_threads";
import { PolledPipe } from "./polled-pipe.ts";
import type { Direction, WireStream } from "./wire.ts";

/** Owns the descriptor from here on. */
export function streamOver(descriptor: number, direction: Direction): WireStream {
  if (!isMainThread) return new PolledPipe(descriptor, direction);
  // Loaded when it is needed: every worker reads this file when it starts.
  const { Socket } = process.getBuiltinModule("node:net");
  return new Socket({ fd: descriptor, readable: direction === "receives", writable: direction === "sends" });
}
