// What every decoder needs and none keeps. It is lent, not shared: classes of the user may decode in their turn.
import type { DecodeFrame } from "./decode-frame.ts";

/** Lent for one message. */
export interface DecodeScratch {
  /** Values of objects that are not made yet. */
  readonly waiting: unknown[];
  /** Frames that may be used again. */
  readonly idle: DecodeFrame[];
}

/** More is given back to the collector. */
const keptValues = 4_096;
const keptFrames = 64;
let spare: DecodeScratch | undefined;

/** Lends one. */
export function borrowScratch(): DecodeScratch {
  const scratch = spare ?? { waiting: [], idle: [] };
  spare = undefined;
  return scratch;
}

/** Takes it back; what waits in it must have been cleared. */
export function returnScratch(scratch: DecodeScratch): void {
  if (scratch.waiting.length > keptValues) scratch.waiting.length = 0;
  if (scratch.idle.length > keptFrames) scratch.idle.length = 0;
  spare = scratch;
}
