// The limit: the same items split evenly over plain threads or plain processes beforehand, one message there and one back.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { mapWorkloads, type OpenMapper } from "./case.ts";

const file = new URL("./plain-worker.js", import.meta.url);

interface PlainWorker {
  tell(items: readonly number[]): void;
  onAnswer(callback: () => void): void;
}

function splitOver(start: () => PlainWorker): OpenMapper {
  return async (count) => {
    const workers = Array.from({ length: count }, start);
    const map = async (items: readonly number[]): Promise<void> => {
      const share = Math.ceil(items.length / count);
      await Promise.all(
        workers.map(
          (worker, place) =>
            new Promise<void>((resolve) => {
              worker.onAnswer(resolve);
              worker.tell(items.slice(place * share, (place + 1) * share));
            }),
        ),
      );
    };
    await map(workers.map(() => 1));
    return map;
  };
}

export const workloads = {
  ...mapWorkloads(
    splitOver(() => {
      const worker = new Worker(file);
      return { tell: (items) => worker.postMessage(items), onAnswer: (callback) => worker.once("message", callback) };
    }),
    "-threads",
  ),
  ...mapWorkloads(
    splitOver(() => {
      const child = fork(fileURLToPath(file));
      return { tell: (items) => child.send(items), onAnswer: (callback) => child.once("message", callback) };
    }),
    "-processes",
  ),
};
