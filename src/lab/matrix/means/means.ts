// What a means of communication is: a line to one unit, over which small messages go there and back and large ones go there.
import type { MatrixHost, MatrixLevel } from "../experiment.ts";

/** Bytes of a large message. */
export const largeBytes = 1 << 20;

/** A line to a unit that answers. */
export interface Line {
  /** A small message there and its answer back, `n` times in a row. */
  ask(n: number): void | Promise<void>;
  /** `n` large messages there in a row, and one answer when all have come. Absent where nothing is copied. */
  ship?(n: number): void | Promise<void>;
  /** Lets the other side end. */
  close(): unknown;
}

/** A means of communication. */
export interface Means {
  /** Part of the rows' ids. */
  readonly id: string;
  readonly title: string;
  /** What it is made of on each level that has it. */
  readonly made: Readonly<Partial<Record<MatrixLevel, string>>>;
  /** Opens a line to a fresh unit of the level. Rejects where the means is not to be had; the message says why. */
  open(level: MatrixLevel, host: MatrixHost): Promise<Line>;
}

/** A large message that no compression or zero page makes lighter. */
export function largeMessage(): Uint8Array {
  return Uint8Array.from({ length: largeBytes }, (_, i) => (i * 31 + (i >>> 8)) & 0x7f);
}
