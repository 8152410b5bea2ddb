// Values there and back through brigade's pools of one worker, and through the value codec alone.
import { decode, encode } from "../../../src/wire/codec.ts";
import { perOperation } from "../../measure/per-operation.ts";
import type { Workloads } from "../../measure/workload.ts";
import { brigade } from "../../shipped.ts";
import { echo } from "./echo.ts";
import { byteWorkloads, type Echo, named, objectWorkloads, ownBytes, sharedBytes } from "./there-and-back.ts";
import { objects } from "./values.ts";

function onThread(): Echo {
  const pool = brigade.openThreads({ size: 1 });
  return (value) => pool.run(echo, value);
}

/** What is sent is moved; what comes back is copied once, since nobody says that the worker has done with it. */
function moved(): Echo {
  const pool = brigade.openThreads({ size: 1 });
  return (bytes) => pool.with({ transfer: [(bytes as Uint8Array<ArrayBuffer>).buffer] }).run(echo, bytes);
}

function inProcess(): Echo {
  const pool = brigade.openProcesses({ size: 1 });
  return (value) => pool.run(echo, value);
}

// The codec is no door of its own: this is what dist/ is bundled from.
const codec = Object.fromEntries(
  Object.entries(objects).map(([name, value]) => [
    name,
    perOperation((n) => {
      for (let i = 0; i < n; i++) decode(encode(value, { root: "value" }));
    }),
  ]),
);

export const workloads: Workloads = {
  ...named("codec", codec),
  ...named("thread", objectWorkloads(onThread)),
  ...named("thread", byteWorkloads(onThread, ownBytes)),
  ...named("thread", byteWorkloads(moved, ownBytes), "-moved"),
  ...named("thread", byteWorkloads(onThread, sharedBytes), "-shared"),
  ...named("process", objectWorkloads(inProcess)),
  ...named("process", byteWorkloads(inProcess, ownBytes)),
};
