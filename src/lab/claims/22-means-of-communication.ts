import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath, pid, platform } from "node:process";
import type { Readable, Writable } from "node:stream";
import { portable } from "../../wire/portable.ts";
import { digits, grouped } from "../text/units.ts";
import { doesNotHold, experiment, holds, holdsWithALimit } from "./experiment.ts";
import type { Kit } from "./kit.ts";
import { callsThroughMemory } from "./memory-calls.ts";
import { gate, wallMs } from "./meters.ts";
import { echoProcess, ended } from "./peers.ts";

const [trips, megabytes] = [200, 8] as const;
const bulk = Buffer.alloc(megabytes * 2 ** 20, 7);

let variable = "";

export const setVariable = portable(import.meta, "claim22.setVariable", (): void => {
  variable = "set";
});

export const meansOfCommunication = experiment({
  id: 22,
  statement: "Processes need means of communication: pipes, sockets, message queues, shared memory.",
  tried: "A child process sets a variable of this program; then bytes go there and back by each means: latency and bandwidth.",
  opposite: "A coroutine of this process sets the variable.",
  async run(kit, variant) {
    await (variant === "claimed" ? kit.processes.run(setVariable) : kit.coroutines.run(setVariable));
    return {
      seenWithoutMeans: variable === "" ? 0 : 1,
      ...(await overPipe()),
      ...(await overSocket()),
      ...(await overMessages()),
      ...(await overMemory(kit)),
    };
  },
  judge({ seenWithoutMeans, pipeUs, pipeMBps, socketUs, socketMBps, messageUs, messageMBps, memoryUs, memoryMBps }) {
    if (seenWithoutMeans === 1) return doesNotHold("What the other set was seen here without any.");
    const figure = (name: string, us: number, mbps: number) => `${name} ${digits(us)} µs, ${grouped(mbps)} MB/s`;
    const seen = `Nothing was seen without. There and back: ${figure("a pipe", pipeUs, pipeMBps)}; ${figure("a socket", socketUs, socketMBps)}; ${figure("messages", messageUs, messageMBps)}`;
    if (memoryUs === 0) return holdsWithALimit(`${seen}; memory between processes is not available here.`);
    return holds(`${seen}; ${figure("memory", memoryUs, memoryMBps)}.`);
  },
});

async function overPipe() {
  const child = spawn(execPath, ["-e", "process.stdin.pipe(process.stdout)"], { stdio: ["pipe", "pipe", "ignore"] });
  const [pipeUs, pipeMBps] = await through(child.stdin, child.stdout);
  await ended(child);
  return { pipeUs, pipeMBps };
}

async function overSocket() {
  const name = `brigade-claim-${pid}`;
  const path = platform === "win32" ? `\\\\.\\pipe\\${name}` : join(tmpdir(), name);
  const server = createServer();
  await once(server.listen(path), "listening");
  const source = `const socket = require("node:net").connect(${JSON.stringify(path)}); socket.pipe(socket);`;
  const child = spawn(execPath, ["-e", source], { stdio: "ignore" });
  const [socket] = (await once(server, "connection")) as [Socket];
  const [socketUs, socketMBps] = await through(socket, socket);
  socket.on("error", () => {}).destroy();
  server.close();
  await ended(child);
  return { socketUs, socketMBps };
}

async function overMessages() {
  const peer = await echoProcess();
  const ms = await wallMs(async () => {
    for (let trip = 0; trip < trips; trip++) await peer.ask(trip);
  });
  const bulkMs = await wallMs(() => peer.ask(bulk));
  await peer.end();
  return { messageUs: (ms * 1000) / trips, messageMBps: (2 * megabytes * 1000) / bulkMs };
}

async function overMemory({ openProcesses, memoryBetweenProcesses }: Kit) {
  const ground = memoryBetweenProcesses(bulk.length);
  if (ground === undefined) return { memoryUs: 0, memoryMBps: 0 };
  const memoryUs = await callsThroughMemory(openProcesses({ size: 1 }), ground, trips);
  const bulkMs = await wallMs(() => ground.bytes.set(bulk));
  return { memoryUs, memoryMBps: (megabytes * 1000) / bulkMs };
}

/** Latency in µs, there and back, and bandwidth in MB/s of something that sends back what it is sent. */
async function through(there: Writable, back: Readable): Promise<readonly [number, number]> {
  let [missing, arrived] = [0, gate()];
  back.on("data", (bytes: Buffer) => {
    missing -= bytes.length;
    if (missing <= 0) arrived.resolve();
  });
  const send = async (bytes: Buffer): Promise<void> => {
    [missing, arrived] = [bytes.length, gate()];
    there.write(bytes);
    await arrived.promise;
  };
  const one = Buffer.of(1);
  await send(one);
  const ms = await wallMs(async () => {
    for (let trip = 0; trip < trips; trip++) await send(one);
  });
  const bulkMs = await wallMs(() => send(bulk));
  return [(ms * 1000) / trips, (2 * megabytes * 1000) / bulkMs];
}
