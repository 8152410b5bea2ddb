// Frames on a MessagePort: plain records by structured clone, what is attached moved rather than copied.
import { types } from "node:util";
import type { MessagePort, Transferable } from "node:worker_threads";
import type { Payload } from "../../wire/plain.ts";
import { type Frame, runRecord } from "../pool/frames.ts";

/** From here on moving a buffer is cheaper than copying it (about 1 µs either way at 16 KiB). */
const moveFrom = 16 * 1024;

/** Posts a frame. Throws what `postMessage` throws, having sent and moved nothing. */
export function postFrame(port: MessagePort, frame: Frame): void {
  const moved: Transferable[] = [];
  const record = frame.type === "run" ? runRecord(frame) : frame;
  port.postMessage("payload" in record ? prepared(record, moved) : record, moved);
}

/** The frame with what is to be moved noted in `moved`. */
function prepared(frame: Frame & { readonly payload: Payload }, moved: Transferable[]): object {
  const { bytes, attachments } = frame.payload;
  // A plain value is cloned as it is.
  if (bytes === undefined) return frame;
  const keeps = frame.type === "run" && frame.keepsPayload === true;
  for (const attachment of attachments ?? []) {
    if (!keeps && !types.isSharedArrayBuffer(attachment)) moved.push(attachment as Transferable);
  }
  // A view is cloned with its whole buffer: cut out what is meant, or a small frame would carry a slab.
  if (bytes.byteLength < bytes.buffer.byteLength) return { ...frame, payload: { ...frame.payload, bytes: new Uint8Array(bytes) } };
  // Only an outcome or an item is moved: it is sent once, while the pool keeps a `run` to send it elsewhere if this worker dies, and may
  // send one `cancel` to many.
  if ((frame.type === "settled" || frame.type === "items") && bytes.byteLength >= moveFrom && types.isArrayBuffer(bytes.buffer))
    moved.push(bytes.buffer);
  return frame;
}
