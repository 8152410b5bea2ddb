import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { execPath } from "node:process";
import { portable } from "../../wire/portable.ts";
import { median } from "../compare/statistics.ts";
import { factor, grouped } from "../text/units.ts";
import { doesNotHold, experiment, holds, holdsWithALimit } from "./experiment.ts";
import { range, repeat } from "./figures.ts";
import type { Kit } from "./kit.ts";
import { collectGarbage, privateBytes, wallMs } from "./meters.ts";
import { ended } from "./peers.ts";

const [connections, questions] = [16, 30] as const;
const server =
  "const server = require('node:net').createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1', () => process.send(server.address().port));";

const open: Socket[] = [];

/** Opens a connection on this thread and keeps it. */
export const openConnection = portable(import.meta, "claim41.openConnection", async (port: number): Promise<void> => {
  const socket = connect(port, "127.0.0.1").setNoDelay(true);
  await once(socket, "connect");
  open.push(socket);
});

/** Asks so many questions on one connection of this thread, one after the other. */
export const converse = portable(import.meta, "claim41.converse", async (index: number): Promise<void> => {
  const socket = open[index];
  for (let question = 0; question < questions; question++) {
    socket?.write("?");
    if (socket) await once(socket, "data");
  }
});

export const manyConnections = experiment({
  id: 41,
  statement: "Massive network input and output belongs to coroutines, not to a thread for each connection.",
  tried:
    "16 connections on one thread, then 16 threads with one connection each: memory of a connection, and questions answered, in turns.",
  opposite: "What is said of the coroutines is done by the threads, and the other way round.",
  async run(kit, variant) {
    const child = spawn(execPath, ["-e", server], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
    const [port] = (await once(child, "message")) as [number];
    const sides = [await onCoroutines(kit, port), await onThreads(kit, port)];
    if (variant === "opposite") sides.reverse();
    const [coroutines, threads] = sides as [Side, Side];
    const walls = await repeat(4, async () => ({ coroutines: await wallMs(coroutines.ask), threads: await wallMs(threads.ask) }));
    for (const socket of open) socket.destroy();
    await ended(child);
    const perSecond = (side: "coroutines" | "threads") => (connections * questions * 1000) / median(walls.map((wall) => wall[side]));
    return {
      bytesOnOneThread: coroutines.bytes,
      bytesOnThreadsOfTheirOwn: threads.bytes,
      perSecondOnOneThread: perSecond("coroutines"),
      perSecondOnThreadsOfTheirOwn: perSecond("threads"),
      ...range(
        "timesFaster",
        walls.map((wall) => wall.threads / wall.coroutines),
      ),
    };
  },
  judge({
    bytesOnOneThread,
    bytesOnThreadsOfTheirOwn,
    perSecondOnOneThread,
    perSecondOnThreadsOfTheirOwn,
    timesFaster,
    timesFasterMin,
    timesFasterMax,
  }) {
    const seen = `A connection costs ${grouped(bytesOnOneThread / 1024)} KB on one thread, ${grouped(bytesOnThreadsOfTheirOwn / 1024)} KB with a thread of its own; answers per second ${grouped(perSecondOnOneThread)} and ${grouped(perSecondOnThreadsOfTheirOwn)}: ${factor(timesFaster)}× as many on one thread.`;
    if (bytesOnThreadsOfTheirOwn < 3 * bytesOnOneThread) return doesNotHold(seen);
    if (timesFasterMin > 0.8) return holds(seen);
    const answers = timesFasterMax < 1 ? "threads answered more" : "about the answers the rounds do not agree";
    return holdsWithALimit(`For memory; ${answers}. ${seen}`);
  },
});

interface Side {
  /** Memory of one connection. */
  readonly bytes: number;
  ask(): Promise<unknown>;
}

async function onCoroutines({ coroutines }: Kit, port: number): Promise<Side> {
  await openConnection(port);
  collectGarbage();
  const before = privateBytes();
  await Promise.all(Array.from({ length: connections }, () => coroutines.run(openConnection, port)));
  collectGarbage();
  // the connections differ by less than what a page is
  const bytes = Math.max(1024, (privateBytes() - before) / connections);
  return { bytes, ask: () => Promise.all(Array.from({ length: connections }, (_, index) => coroutines.run(converse, index))) };
}

async function onThreads({ openThreads }: Kit, port: number): Promise<Side> {
  collectGarbage();
  const before = privateBytes();
  const pools = await repeat(connections, async () => {
    const pool = openThreads({ size: 1 });
    await pool.run(openConnection, port);
    return pool;
  });
  return { bytes: (privateBytes() - before) / connections, ask: () => Promise.all(pools.map((pool) => pool.run(converse, 0))) };
}
