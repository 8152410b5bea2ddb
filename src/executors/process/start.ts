// What passes over the pipe beside the frames of the pool, and which frames a near side accepts.
import type { PortableReference } from "../../contract/portable.ts";
import type { FrameFromWorker } from "../pool/frames.ts";
import type { RawFrame } from "./frame-writer.ts";

/** Where the child finds its end of the pipe. */
export const linkFd = 3;
/** And the file of tokens (tokens.ts), where runs are sent ahead. */
export const tokenFd = 4;
/** Files of long bytes (long-bytes.ts): from the parent, and to it. */
export const fromParentFd = 5;
export const toParentFd = 6;
/** The journal of the child (journal.ts). */
export const journalFd = 7;

/** The first frame to a child: what it is started with. In no argument and no variable, which other users can read. */
export interface OpenFrame {
  readonly type: "open";
  readonly name: string;
  readonly taskIdPrefix: string;
  readonly setup?: PortableReference | undefined;
  readonly teardown?: PortableReference | undefined;
  /** Megabytes. */
  readonly memoryLimit?: number | undefined;
  readonly mapsSources: boolean;
  /** There is a file of tokens. */
  readonly sendsAhead: boolean;
  /** What the file of long bytes from the child may hold; absent when there is none. */
  readonly placedBytes?: number | undefined;
  /** There is a journal. */
  readonly keepsJournal: boolean;
}

/** Uncaught, and nobody in the child handles it: what `stderr` says too, but as fields. */
export interface FatalFrame {
  readonly type: "fatal";
  readonly isError: boolean;
  readonly name?: string | undefined;
  readonly message: string;
  readonly stack?: string | undefined;
}

/** What each frame of a child must have. */
const shapes: Readonly<Record<(FrameFromWorker | FatalFrame)["type"], { readonly id: boolean; readonly payload: boolean }>> = {
  ready: { id: false, payload: false },
  broken: { id: false, payload: true },
  started: { id: true, payload: false },
  settled: { id: true, payload: true },
  progress: { id: true, payload: true },
  items: { id: true, payload: true },
  credit: { id: true, payload: false },
  submit: { id: true, payload: true },
  cancel: { id: true, payload: true },
  abort: { id: false, payload: true },
  figures: { id: false, payload: false },
  worn: { id: false, payload: false },
  channels: { id: false, payload: true },
  output: { id: false, payload: false },
  fatal: { id: false, payload: false },
};

/** The frame, if a worker may send such a one; throws a `RangeError` that names what is wrong otherwise. */
export function frameFromWorker(frame: RawFrame): FrameFromWorker | FatalFrame {
  const shape = Object.hasOwn(shapes, frame.type) ? shapes[frame.type as keyof typeof shapes] : undefined;
  if (shape === undefined) throw new RangeError(`A worker sends no frame of type ${JSON.stringify(frame.type.slice(0, 40))}.`);
  if (shape.id && !Number.isSafeInteger(frame["id"])) throw new RangeError(`A "${frame.type}" frame lacks its id.`);
  if (shape.payload !== (frame.payload !== undefined))
    throw new RangeError(`A "${frame.type}" frame ${shape.payload ? "lacks its" : "has no"} payload.`);
  return frame as unknown as FrameFromWorker | FatalFrame;
}

const errorClasses: Readonly<Record<string, ErrorConstructor>> = {
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
};

/** What a child died of, as an Error again: of the built-in class it had, with its name, message and stack. */
export function errorOf(fatal: FatalFrame, worker: string): unknown {
  if (!fatal.isError) return new TypeError(`${worker} was brought down by a thrown value that is no Error: ${fatal.message}.`);
  const name = fatal.name ?? "Error";
  const ErrorClass = (Object.hasOwn(errorClasses, name) && errorClasses[name]) || errorClasses["Error"];
  const error = new (ErrorClass as ErrorConstructor)(fatal.message);
  if (error.name !== name) Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  Object.defineProperty(error, "stack", { value: fatal.stack, configurable: true, writable: true });
  return error;
}
