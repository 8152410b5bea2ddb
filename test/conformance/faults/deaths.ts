import assert from "node:assert/strict";
import { WorkerLostError } from "../../../src/runtime/index.ts";
import { assertError } from "../ground.ts";

/** The error of a task whose worker died. */
export function assertLost(error: unknown, end: Partial<Pick<WorkerLostError, "exitCode" | "signal">> = {}, message?: RegExp): asserts error is WorkerLostError {
  assertError(error, WorkerLostError, "ERR_BRIGADE_WORKER_LOST", message);
  for (const [key, value] of Object.entries(end)) assert.equal(error[key as keyof typeof end], value, `${key} of ${error.message}`);
}
