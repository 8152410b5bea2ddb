// The worker of raw.ts.
import { parentPort } from "node:worker_threads";

/** An addition to do. */
export interface RawCall {
  readonly id: number;
  readonly a: number;
  readonly b: number;
}

/** One that is done. */
export interface RawAnswer {
  readonly id: number;
  readonly sum: number;
}

const answerTo = ({ id, a, b }: RawCall): RawAnswer => ({ id, sum: a + b });

parentPort?.on("message", (call: RawCall | RawCall[]) => {
  parentPort?.postMessage(Array.isArray(call) ? call.map(answerTo) : answerTo(call));
});
