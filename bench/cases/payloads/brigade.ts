// Values there and back through brigade's pools of one worker, and through the value codec alone.
import { decode, encode } from "../../../src/wire/codec.ts";
import { perOperation } from "../../measure/per-operation.ts";
import type { Workloads } from "../../measure/workload.ts";
import { brigade, shared } from "../../shipped.ts";
import { echo, echoMoved } from "./echo.ts";
import { byteWorkloads, type Echo, named, objectWorkloads, ownBytes, sharedBytes } from "./there-and-back.ts";
import { objects } from "./values.ts";

function onThread(): Echo {
  const pool = brigade.openThreads({ size: 1 });
  return (value) => pool.run(echo, value);
}

/** Moved there and back. */
function moved(): Echo {
  const pool = brigade.openThreads({ size: 1 });
  return (bytes) => pool.with({ transfer: [(bytes as Uint8Array<ArrayBuffer>).buffer] }).run(echoMoved, bytes as Uint8Array<ArrayBuffer>);
}

/** Bytes in memory between processes. */
const arenaBytes = (length: number): Uint8Array => shared.SharedArena.create(length + 64, { scope: "processes" }).array(Uint8Array, length);

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
  ...named("process", byteWorkloads(inProcess, arenaBytes), "-shared"),
};
