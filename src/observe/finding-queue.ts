// The queue between the detectors and a reader: bounded, because a reader may be slow or gone, and the oldest finding is worth least.

import type { ParkedOperation } from "../core/park-recorder.ts";
import { enterOperation } from "../core/parked.ts";
import { ParkingLot } from "../core/parking-lot.ts";
import type { Finding } from "./finding.ts";

/** Findings that wait for the reader at most. */
const capacity = 1_000;

const ended: IteratorResult<Finding, undefined> = { done: true, value: undefined };

export class FindingQueue {
  readonly waitingFor = "a finding";
  /** Findings that were lost because the reader was too slow. */
  dropped = 0;
  #findings: Finding[] = [];
  #closed = false;
  readonly #readers = new ParkingLot<void>(this);

  put(finding: Finding): void {
    if (this.#closed) return;
    if (this.#findings.length === capacity) {
      this.#findings.shift();
      this.dropped++;
    }
    this.#findings.push(finding);
    this.#readers.shift()?.settle();
  }

  /** What is there is still read. */
  close(): void {
    this.#closed = true;
    this.#readers.settleAll();
  }

  /** Parks the task until there is a finding, or there will be none. */
  async take(): Promise<IteratorResult<Finding, undefined>> {
    for (;;) {
      const scope = enterOperation();
      const value = this.#findings.shift();
      if (value !== undefined) return { done: false, value };
      if (this.#closed) return ended;
      await this.#readers.park(scope, undefined, undefined).promise;
    }
  }
}

/** Whether an operation is somebody's reading of findings, which is no part of the program that is watched. */
export function isReadingFindings({ home }: ParkedOperation): boolean {
  return home instanceof ParkingLot && home.host instanceof FindingQueue;
}
