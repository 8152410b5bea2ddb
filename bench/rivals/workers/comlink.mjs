// The worker's side of comlink.
import { parentPort } from "node:worker_threads";
import { expose } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";

expose(
  {
    /** @param {number} a @param {number} b @returns {number} */
    add: (a, b) => a + b,
  },
  nodeEndpoint(parentPort),
);
