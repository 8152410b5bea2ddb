// A worker that knows nothing but its share: told so many items, it does them all and says that it has.
import { parentPort } from "node:worker_threads";
import { spin } from "./items.ts";

function doShare(items: readonly number[]): number {
  let sum = 0;
  for (const turns of items) sum += spin(turns);
  return sum;
}

if (parentPort) parentPort.on("message", (items: readonly number[]) => parentPort?.postMessage(doShare(items)));
else process.on("message", (items: readonly number[]) => process.send?.(doShare(items)));
