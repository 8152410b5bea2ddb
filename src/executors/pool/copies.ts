// Copies in place: values go through the codec and come back, as they would on the way to a worker and home, for work that
// runs on the caller's thread instead. So a change of level never changes a result.
import { CancelledError, TimeoutError } from "../../contract/errors.ts";
import type { Level } from "../../contract/portable.ts";
import type { Encoded, Handle } from "../../wire/codec.ts";
import { noteModule } from "../../wire/module-namespaces.ts";
import { encoded } from "../../wire/plain.ts";
import { referenceInValue, requireReference } from "../../wire/require-reference.ts";
import { copiedBytes } from "../../wire/transfer.ts";
import type { LocalCopies } from "./local-core.ts";
import { decodeFailure, decodeValue, encodeFailure, encodeValue, type SignalFinder, signalNumber } from "./passage.ts";
import type { ItemCopy } from "./stream/copying.ts";

/** Modules whose exports are being learnt: error classes are found among them. */
let learning: Promise<unknown> = Promise.resolve();

/** Copies as a worker of this level would see them. */
export function copiesFor(level: Level): LocalCopies {
  const sharesMemory = level === "thread";
  return {
    in(args, { fn, settings }) {
      // What could not travel to the level that is replaced does not run here either.
      const { url } = referenceInValue(fn) ?? requireReference(fn, level);
      const noted = noteModule(url);
      if (noted) learning = Promise.all([learning, noted]);
      const { payload, signals } = encodeValue(args, "arguments", sharesMemory, settings.transfer);
      return decodeValue(payload, sameSignals(signals)) as unknown[];
    },
    out: (value) => copyOut(value, sharesMemory),
    async failure(error) {
      if (isCancel(error)) return error;
      await learning;
      return decodeFailure(encodeFailure(error, sharesMemory));
    },
    report: (value) => copyOut(value, sharesMemory, "progress"),
    item: (value) => copyItem(value, sharesMemory),
  };
}

/** A result, or a report, as it would come back. */
export function copyOut(value: unknown, sharesMemory: boolean, root: "result" | "progress" = "result"): unknown {
  return copied(value, sharesMemory, root).value;
}

/** An item of a stream, as it would come back. */
export function copyItem(item: unknown, sharesMemory: boolean): ItemCopy {
  return copied(item, sharesMemory, "item");
}

function copied(value: unknown, sharesMemory: boolean, root: "result" | "progress" | "item"): ItemCopy {
  const { payload, signals } = encodeValue(value, root, sharesMemory);
  // By way of bytes: a plain list would come back as itself.
  const way = ownBytes(encoded(payload));
  const bytes = copiedBytes(way);
  return { value: decodeValue(way, sameSignals(signals)), bytes };
}

/** Nothing carries it away: what lies beside the bytes as views of the caller's memory becomes copies, as it would arrive. */
function ownBytes(payload: Encoded): Encoded {
  const { attachments } = payload;
  if (!attachments?.some(ArrayBuffer.isView)) return payload;
  const copies = attachments.map((one) => (ArrayBuffer.isView(one) ? new Uint8Array(one as Uint8Array).buffer : one));
  return { ...payload, attachments: copies };
}

/** In place a signal that travels arrives as itself. */
export function sameSignals(signals: readonly AbortSignal[]): SignalFinder {
  return { adopt: ({ number }: Handle) => signals.find((signal) => signalNumber(signal) === number) ?? AbortSignal.abort() };
}

/** A task recognises its own cancel by identity. */
function isCancel(error: unknown): boolean {
  try {
    return error instanceof CancelledError || error instanceof TimeoutError;
  } catch {
    // A proxy that refuses to be looked at.
    return false;
  }
}
