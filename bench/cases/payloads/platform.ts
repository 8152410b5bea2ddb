// The same by what the platform offers: `postMessage` to a worker, IPC with a forked program, and what clones a value in place.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { deserialize, serialize } from "node:v8";
import { Worker } from "node:worker_threads";
import { perOperation } from "../../measure/per-operation.ts";
import type { Workload, Workloads } from "../../measure/workload.ts";
import { byteWorkloads, type Echo, named, objectWorkloads, ownBytes, sharedBytes } from "./there-and-back.ts";
import { objects } from "./values.ts";

const echoProgram = new URL("./platform-echo.js", import.meta.url);

/** Answers come in the order of the messages. */
function inOrder(send: (value: unknown) => void, listen: (onAnswer: (value: unknown) => void) => void): Echo {
  const waiting: ((value: unknown) => void)[] = [];
  let answered = 0;
  listen((value) => {
    waiting[answered++]?.(value);
    if (answered === waiting.length) {
      waiting.length = 0;
      answered = 0;
    }
  });
  return (value) =>
    new Promise((resolve) => {
      waiting.push(resolve);
      send(value);
    });
}

function byMessage(moves: boolean): Echo {
  const worker = new Worker(echoProgram, { workerData: { moves } });
  const send = (value: unknown) => worker.postMessage(value, moves ? [(value as Uint8Array<ArrayBuffer>).buffer] : []);
  return inOrder(send, (onAnswer) => worker.on("message", onAnswer));
}

function byIpc(): Echo {
  const child = fork(fileURLToPath(echoProgram), { serialization: "advanced" });
  return inOrder(
    (value) => child.send(value as object),
    (onAnswer) => child.on("message", onAnswer),
  );
}

const inPlace = (clone: (value: unknown) => unknown): Readonly<Record<string, Workload>> =>
  Object.fromEntries(
    Object.entries(objects).map(([name, value]) => [
      name,
      perOperation((n) => {
        for (let i = 0; i < n; i++) clone(value);
      }),
    ]),
  );

export const workloads: Workloads = {
  ...named("structuredClone", inPlace(structuredClone)),
  ...named(
    "json",
    inPlace((value) => JSON.parse(JSON.stringify(value))),
  ),
  ...named(
    "v8",
    inPlace((value) => deserialize(serialize(value))),
  ),
  ...named(
    "thread",
    objectWorkloads(() => byMessage(false)),
  ),
  ...named(
    "thread",
    byteWorkloads(() => byMessage(false), ownBytes),
  ),
  ...named(
    "thread",
    byteWorkloads(() => byMessage(true), ownBytes),
    "-moved",
  ),
  ...named(
    "thread",
    byteWorkloads(() => byMessage(false), sharedBytes),
    "-shared",
  ),
  ...named("process", objectWorkloads(byIpc)),
  ...named("process", byteWorkloads(byIpc, ownBytes)),
  // There is no sharing by IPC: the same bytes, copied.
  ...named("process", byteWorkloads(byIpc, ownBytes), "-shared"),
};
