// The least that a round trip between two processes costs without memory that both reach: eight bytes there and eight bytes back over
// a pair of sockets, each side in its event loop.
import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { additions } from "../../measure/adders.ts";
import type { Workloads } from "../../measure/workload.ts";

const file = fileURLToPath(new URL("./socket-child.js", import.meta.url));

const { "tiny-1": median, "tiny-1-p99": slowest } = additions(() => {
  const child = spawn(process.execPath, [file], { stdio: ["ignore", "ignore", "inherit", "pipe"] });
  const socket = child.stdio[3] as Socket;
  let answered: ((sum: number) => void) | undefined;
  socket.on("data", (bytes: Buffer) => answered?.(bytes.readInt32LE(0)));
  return (a, b) =>
    new Promise((resolve) => {
      answered = resolve;
      const pair = Buffer.allocUnsafe(8);
      pair.writeInt32LE(a, 0);
      pair.writeInt32LE(b, 4);
      socket.write(pair);
    });
});

export const workloads: Workloads = { socket: median!, "socket-p99": slowest! };
