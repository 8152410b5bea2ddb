// The worker's side of workerpool.
import { worker } from "workerpool";

worker({
  /** @param {number} a @param {number} b @returns {number} */
  add: (a, b) => a + b,
});
