// The error envelope: whatever was thrown arrives as something to reject with. An error keeps its class, its properties and
// its stack, below which the stack of the caller goes on; anything else keeps its value if it has one that can travel.
import { NotSerializableError } from "../contract/errors.ts";
import { Decoder } from "./decoder.ts";
import { Encoder } from "./encoder.ts";
import { isError } from "./kinds.ts";
import type { DecodeOptions, Encoded, EncodeOptions } from "./options.ts";
import { borrowWriter, returnWriter } from "./writer.ts";

/** How to decode what was thrown. */
export interface DecodeErrorOptions extends DecodeOptions {
  /** A stack taken where the task was submitted; its frames go below those of the worker. */
  readonly callerStack?: string | undefined;
  /** What was crossed, for the line between both stacks: `task "parse" (thread threads-1)`. */
  readonly crossing?: string | undefined;
}

/** What was thrown, as bytes. Never throws: what an error carries and cannot travel becomes `undefined`, and something that
 *  cannot travel at all (a function, a symbol, a hostile proxy) becomes a `NotSerializableError` that says what it was. */
export function encodeError(error: unknown, options: EncodeOptions): Encoded {
  try {
    return encodeLeniently(error, options);
  } catch (cause) {
    const what = typeof error === "object" ? "an object that cannot be read" : `a ${typeof error}`;
    const message = `The task threw ${what}, which cannot travel; throw an Error instead.`;
    const stand = new NotSerializableError(message, options.root, { cause });
    // Nothing of the user's is left in here but the cause, and its chain; without it nothing at all.
    try {
      return encodeLeniently(stand, options);
    } catch {
      return encodeLeniently(new NotSerializableError(message, options.root), { root: options.root });
    }
  }
}

function encodeLeniently(error: unknown, { transfer: _, ...options }: EncodeOptions): Encoded {
  const writer = borrowWriter();
  try {
    return new Encoder(writer, options, true).encode(error);
  } finally {
    returnWriter(writer);
  }
}

/** What was thrown, to reject with. Never throws: bytes that cannot be decoded give the `NotSerializableError` that says so. */
export function decodeError(encoded: Encoded, options: DecodeErrorOptions = {}): unknown {
  let reason: unknown;
  try {
    reason = new Decoder(encoded, { root: "reason", ...options }, true).decode();
  } catch (failure) {
    reason = failure;
  }
  if (options.callerStack !== undefined && typeof reason === "object" && reason !== null && isError(reason)) {
    const value = joinStacks(reason, options.callerStack, options.crossing);
    // `Reflect`, because a class of the user may have frozen what it made.
    Reflect.defineProperty(reason, "stack", { value, writable: true, configurable: true, enumerable: false });
  }
  return reason;
}

function joinStacks(error: Error, callerStack: string, crossing: string | undefined): string {
  // Any of the three may be anything: they are own properties that somebody set.
  const { stack, name, message } = error as { readonly stack?: unknown; readonly name: unknown; readonly message: unknown };
  const header = [name, message].filter((text) => typeof text === "string" && text !== "").join(": ");
  const above = typeof stack === "string" && stack !== "" ? withoutHost(stack) : header;
  const between = `    at brigade${crossing === undefined ? "" : ` ${crossing}`}`;
  const lines = callerStack.split("\n");
  const first = lines.findIndex((line) => /^\s+at /.test(line));
  return [above, between, ...(first < 0 ? [] : lines.slice(first))].join("\n");
}

/** The worker's stack down to the user's last frame: what called that is brigade's. */
function withoutHost(stack: string): string {
  const host = stack.search(/\n\s+at (?:async )?(?:\w+\.)?brigadeTask[ (]/);
  return host < 0 ? stack : stack.slice(0, host);
}
