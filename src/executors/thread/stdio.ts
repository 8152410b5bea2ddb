// Output of a worker thread. Node sends it to the main thread's event loop, apart from everything else: it would come after
// the result that it was printed before, be lost with a worker that exits, and wait as long as the main thread blocks. So the
// worker writes its output as frames, and Node's own way serves only what is printed before brigade runs.
import { StringDecoder } from "node:string_decoder";
import type { Worker } from "node:worker_threads";

type Stream = "stdout" | "stderr";
type Done = (error?: Error | null) => void;
interface Chunk {
  readonly chunk: Buffer | string;
  readonly encoding: BufferEncoding;
}

/** Far side: what is written to `process.stdout` and `process.stderr` goes to `send`, at once and in order. */
export function captureOutput(send: (stream: Stream, text: string) => void): void {
  for (const name of ["stdout", "stderr"] as const) {
    const decoder = new StringDecoder("utf8");
    // `_write` and not `write`: buffering, corking and callbacks stay those of a stream.
    const emit = (chunks: readonly Chunk[], done: Done): void => {
      let text = "";
      for (const { chunk, encoding } of chunks) text += decoder.write(asBytes(chunk, encoding));
      if (text !== "") send(name, text);
      done();
    };
    process[name]._write = (chunk, encoding, done) => emit([{ chunk, encoding }], done);
    process[name]._writev = (chunks, done) => emit(chunks, done);
  }
}

function asBytes(chunk: Buffer | string, encoding: BufferEncoding): Buffer {
  return typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk;
}

/** Near side: hands on what Node delivers itself. A worker opened with `stdout: true` must be read or its first write never
 *  ends. Where reading cannot be kept from holding the program open, the raw output is left unread. */
export function forwardRawOutput(worker: Worker, onText: (stream: Stream, text: string) => void): void {
  for (const name of ["stdout", "stderr"] as const) {
    const readable = worker[name];
    // Node refs the worker's own port while someone reads, except where this is false: so it does for what it pipes itself.
    const key = Object.getOwnPropertySymbols(readable).find((symbol) => symbol.description === "kIncrementsPortRef");
    if (key === undefined) continue;
    Object.defineProperty(readable, key, { value: false });
    readable.setEncoding("utf8");
    readable.on("data", (text: string) => onText(name, text));
  }
}
