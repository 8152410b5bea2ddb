// The ledger of parked operations: which wait inside brigade now, and where each began to.
import type { ParkedOperation, ParkRecorder } from "../../core/park-recorder.ts";
import { Origin, stacksKept } from "../origin.ts";

export class ParkLedger implements ParkRecorder {
  /** The operations that are parked now, the longest first. */
  readonly operations = new Map<ParkedOperation, Origin>();

  parked(operation: ParkedOperation): void {
    this.operations.set(operation, new Origin(this.operations.size < stacksKept));
  }

  left(operation: ParkedOperation): void {
    this.operations.delete(operation);
  }
}
