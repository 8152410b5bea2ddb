// Somebody to talk to: a thread and a process that send back whatever they are sent.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { execPath } from "node:process";
import { Worker } from "node:worker_threads";

/** Sends back what it is sent. */
export interface Peer {
  /** Resolves with what came back. */
  ask(message: unknown): Promise<unknown>;
  end(): Promise<void>;
}

/** A thread behind its message port. Resolves when it runs. */
export async function echoThread(): Promise<Peer> {
  const worker = new Worker(
    'const { parentPort } = require("node:worker_threads"); parentPort.on("message", (m) => parentPort.postMessage(m));',
    {
      eval: true,
    },
  );
  await once(worker, "online");
  return {
    ask: (message) => answer(worker, () => worker.postMessage(message)),
    async end() {
      await worker.terminate();
    },
  };
}

/** A child process behind its IPC channel. Resolves when it has answered. */
export async function echoProcess(): Promise<Peer> {
  const child = spawn(execPath, ["-e", 'process.on("message", (m) => process.send(m))'], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    serialization: "advanced",
  });
  const peer: Peer = {
    ask: (message) => answer(child, () => child.send(message as object)),
    end: () => ended(child),
  };
  await peer.ask("ready");
  return peer;
}

/** Kills a child and resolves when it is gone. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

function answer(from: Worker | ChildProcess, send: () => unknown): Promise<unknown> {
  return new Promise((resolve) => {
    from.once("message", resolve);
    send();
  });
}
