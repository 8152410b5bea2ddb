// What it costs to begin and to end one unit of each kind: the platform's own, empty, so that nothing of a library is in it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { execPath } from "node:process";
import { Worker } from "node:worker_threads";
import type { Variant } from "./experiment.ts";
import { repeat } from "./figures.ts";
import { wallMs } from "./meters.ts";
import { echoProcess, ended } from "./peers.ts";

const coroutines = 1_000;

/** Milliseconds from the wish for a unit to its first answer, and from the wish for its end to its end. */
export interface LifeMs {
  readonly begin: number;
  readonly end: number;
}

/** One of a thousand. */
export async function coroutineLife(): Promise<LifeMs> {
  const enders: (() => void)[] = [];
  const begin = (): Promise<void> => new Promise((resolve) => enders.push(resolve));
  const live = async (): Promise<void> => {
    await begin();
  };
  let lives: Promise<void>[] = [];
  const beginMs = await wallMs(() => {
    lives = Array.from({ length: coroutines }, live);
  });
  const endMs = await wallMs(() => {
    for (const end of enders) end();
    return Promise.all(lives);
  });
  return { begin: beginMs / coroutines, end: endMs / coroutines };
}

export async function threadLife(): Promise<LifeMs> {
  let worker: Worker | undefined;
  const begin = await wallMs(async () => {
    worker = new Worker(
      "const { parentPort } = require('node:worker_threads'); parentPort.on('message', () => {}); parentPort.postMessage(0);",
      {
        eval: true,
      },
    );
    await once(worker, "message");
  });
  return { begin, end: await wallMs(() => worker?.terminate()) };
}

export async function processLife(): Promise<LifeMs> {
  let child: ReturnType<typeof spawn> | undefined;
  const begin = await wallMs(async () => {
    child = spawn(execPath, ["-e", "process.on('message', () => {}); process.send(0);"], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
    await once(child, "message");
  });
  return { begin, end: await wallMs(() => child && ended(child)) };
}

/** How long each kind takes to begin, in ms, six times in turns. The opposite: no process is begun, one that runs is asked. */
export async function beginningsInTurns(variant: Variant) {
  const running = variant === "opposite" ? await echoProcess() : undefined;
  const rounds = await repeat(6, async () => ({
    coroutine: (await coroutineLife()).begin,
    thread: (await threadLife()).begin,
    process: running ? await wallMs(() => running.ask(0)) : (await processLife()).begin,
  }));
  await running?.end();
  return rounds;
}
