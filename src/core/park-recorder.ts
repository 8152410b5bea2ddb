// The park recorder: the seam through which an observer learns which operations wait inside brigade (`core/parked.ts`), and where.
//
// Opt-in: with no recorder installed an operation costs one comparison when it parks and one when it leaves, and nothing is written
// down. A recorder is told synchronously, from inside the operation: it takes notes, and never throws, waits or parks anything itself.
// It may come late, and then hears `left` of what it was never told.
import type { Parked } from "./parked.ts";

/** A parked operation, whatever it brings and gives. */
export type ParkedOperation = Parked<never, never>;

/** Who takes the notes. */
export interface ParkRecorder {
  /** An operation has parked, in its scope (`operation.scope`), waiting for `operation.home.waitingFor`. */
  parked(operation: ParkedOperation): void;
  /** It has ended, one way or another. */
  left(operation: ParkedOperation): void;
}

/** The recorder that is installed. Read by operations on their way; assigned by `exchangeParkRecorder` alone. */
export let parkRecorder: ParkRecorder | undefined;

/** Installs a recorder, or none; returns the one that was there. */
export function exchangeParkRecorder(next: ParkRecorder | undefined): ParkRecorder | undefined {
  const previous = parkRecorder;
  parkRecorder = next;
  return previous;
}
