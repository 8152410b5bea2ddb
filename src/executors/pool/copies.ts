// Copies in place: values go through the codec and come back, as they would on the way to a worker and home, for work that
// runs on the caller's thread instead. So a change of level never changes a result.
import { CancelledError, TimeoutError } from "../../contract/errors.ts";
import type { Level } from "../../contract/portable.ts";
import type { Handle } from "../../wire/codec.ts";
import { referenceOf } from "../../wire/reference.ts";
import { requireReference } from "../../wire/require-reference.ts";
import type { LocalCopies } from "./local-core.ts";
import { decodeFailure, decodeValue, encodeFailure, encodeValue, type SignalFinder, signalNumber } from "./passage.ts";

/** Copies as a worker of this level would see them. */
export function copiesFor(level: Level): LocalCopies {
  const sharesMemory = level === "thread";
  return {
    in(args, { fn, settings }) {
      // What could not travel to the level that is replaced does not run here either.
      if (referenceOf(fn) === undefined) requireReference(fn, level);
      const { payload, signals } = encodeValue(args, "arguments", sharesMemory, settings.transfer);
      return decodeValue(payload, sameSignals(signals)) as unknown[];
    },
    out: (value) => copyOut(value, sharesMemory),
    failure: (error) => (isCancel(error) ? error : decodeFailure(encodeFailure(error, sharesMemory))),
  };
}

/** A result as it would come back. */
export function copyOut(value: unknown, sharesMemory: boolean): unknown {
  const { payload, signals } = encodeValue(value, "result", sharesMemory);
  return decodeValue(payload, sameSignals(signals));
}

/** In place a signal that travels arrives as itself. */
export function sameSignals(signals: readonly AbortSignal[]): SignalFinder {
  return { adopt: ({ number }: Handle) => signals.find((signal) => signalNumber(signal) === number) ?? AbortSignal.abort() };
}

/** A task recognises its own cancel by identity. */
function isCancel(error: unknown): boolean {
  return error instanceof CancelledError || error instanceof TimeoutError;
}
