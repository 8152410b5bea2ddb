// The other side of platform.ts, a worker thread or a forked program: sends back what it gets.
import { parentPort, workerData } from "node:worker_threads";

const port = parentPort;
if (port === null) {
  process.on("message", (value) => process.send?.(value));
} else {
  const { moves } = workerData as { readonly moves: boolean };
  port.on("message", (value: unknown) => port.postMessage(value, moves ? [(value as Uint8Array<ArrayBuffer>).buffer] : []));
}
