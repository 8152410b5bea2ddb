// brigade's ways between two processes: a pipe, a socket, and a ring in shared memory.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { perOperation } from "../../measure/per-operation.ts";
import type { Workload, Workloads } from "../../measure/workload.ts";
import { brigade, ipc, shared } from "../../shipped.ts";
import * as peers from "./peers.ts";
import { megabyte, record } from "./values.ts";

/** What a way does here: sends, and receives what comes back. */
interface Way {
  readonly send: (value: unknown) => unknown;
  readonly receive: () => unknown;
}
type Open = (sinks: boolean) => Promise<Way>;

const pool = brigade.openProcesses({ size: 1 });
/** A task that nobody awaits: it ends with the program. */
const leave = (task: PromiseLike<unknown>): void => void task.then(undefined, () => undefined);

const pipe: Open = async (sinks) => {
  const [there, back] = [await ipc.openPipe<unknown>(), await ipc.openPipe<unknown>()];
  leave(pool.run(sinks ? peers.sinkPipe : peers.echoPipe, there.receiver, back.sender));
  return { send: (value) => there.sender.send(value), receive: () => back.receiver.receive() };
};

const socket: Open = async (sinks) => {
  const folder = mkdtempSync(join(tmpdir(), "brigade-bench-"));
  const path = join(folder, "socket");
  const server = await ipc.openSocketServer<unknown, unknown>(path);
  leave(pool.run(sinks ? peers.sinkSocket : peers.echoSocket, path));
  const connection = await server.connections.receive();
  await server.close();
  rmSync(folder, { recursive: true });
  if (connection === undefined) throw new Error("nobody has connected");
  return { send: (value) => connection.sender.send(value), receive: () => connection.receiver.receive() };
};

/** Room for a few of the largest values. */
const ringBytes = 2 ** 23;
const rings = () => {
  const arena = shared.SharedArena.create(2 * ringBytes, { scope: "processes" });
  const options = { slotBytes: 4_096 };
  return [arena.ring<unknown>(1_024, options), arena.ring<unknown>(64, options)] as const;
};

const ring: Open = async (sinks) => {
  const [there, back] = rings();
  leave(pool.run(sinks ? peers.sinkRing : peers.echoRing, there, back));
  return { send: (value) => there.send(value), receive: () => back.receive() };
};

function roundTrip(open: Open): Workload {
  let way: Way | undefined;
  return perOperation(async (n) => {
    way ??= await open(false);
    for (let i = 0; i < n; i++) {
      await way.send(i);
      if ((await way.receive()) !== i) throw new Error("another value has come back");
    }
  });
}

function oneWay(open: Open, value: unknown): Workload {
  let way: Way | undefined;
  return perOperation(async (n) => {
    way ??= await open(true);
    for (let i = 1; i < n; i++) await way.send(value);
    await way.send(undefined);
    await way.receive();
  });
}

const of = (suffix: string, open: Open): Workloads => ({
  [`round-trip${suffix}`]: roundTrip(open),
  [`record${suffix}`]: oneWay(open, record),
  [`1MB${suffix}`]: oneWay(open, megabyte),
});

export const workloads: Workloads = {
  ...of("", pipe),
  ...of("-socket", socket),
  ...of("-ring", ring),
};
