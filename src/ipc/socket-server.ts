// Serves a socket at a path: every program that connects is a connection to receive.
import type { Server, Socket } from "node:net";
import { Channel } from "../channels/channel.ts";
import type { Receiver } from "../contract/channel.ts";
import { BrokenChannelError } from "../contract/errors.ts";
import { checkWireOptions, type WireOptions } from "./settings.ts";
import { greet, type SocketConnection } from "./socket.ts";
import { checkPath, prepareSocketPlace } from "./socket-path.ts";

/** A socket that is served. It keeps the program alive until it is closed. */
export interface SocketServer<in Sent, out Received> extends AsyncDisposable {
  readonly path: string;
  /** Those who have connected, until the server is closed. */
  readonly connections: Receiver<SocketConnection<Sent, Received>>;
  /** Takes no more connections and removes the socket; those that were received go on, others are closed. Idempotent. Resolves when it is done. */
  close(): Promise<void>;
}

/** Connections that nobody has received yet; further ones are turned away. */
const mostWaiting = 128;
/** Of those, who have not said yet who they are: anybody of this user may connect and be silent. */
const mostSilent = 128;

/** Serves a socket at `path`, for programs of the same user: the socket is theirs alone (0600), and so must be the right to write in its
 *  directory, which is made (0700) where there is none. On Windows the path is a name such as `\\.\pipe\jobs`. Each connection is told from others by
 *  its own pair of ends; a program that sends garbage loses its own and no other. A socket that a dead server has left behind is replaced.
 *
 *  Rejects with `BrokenChannelError` when another server is there, with `RangeError` when the path cannot be used safely.
 *
 *  @example
 *  ```ts
 *  import { mkdtempSync } from "node:fs";
 *  import { tmpdir } from "node:os";
 *  import { join } from "node:path";
 *  import { openSocket, openSocketServer } from "brigade/unstable/ipc";
 *
 *  const path = join(mkdtempSync(join(tmpdir(), "jobs-")), "socket");
 *  await using server = await openSocketServer<string, string>(path);
 *  using client = await openSocket<string, string>(path);
 *  await client.sender.send("hello");
 *  using connection = await server.connections.receive();
 *  console.log(await connection?.receiver.receive()); // hello
 *  ```
 */
export async function openSocketServer<Sent, Received>(path: string, options: WireOptions = {}): Promise<SocketServer<Sent, Received>> {
  const settings = checkWireOptions("socket", options);
  checkPath(path);
  const { createServer } = process.getBuiltinModule("node:net");
  if (await isServed(path)) throw new BrokenChannelError(`Another program serves ${path}: close it, or choose another path.`);
  const met = new Channel<SocketConnection<Sent, Received>>(mostWaiting, { name: settings.title });
  const silent = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (silent.size >= mostSilent) {
      socket.destroy();
      return;
    }
    silent.add(socket);
    greet<Sent, Received>(socket, settings, (connection) => {
      silent.delete(socket);
      if (connection instanceof BrokenChannelError) return;
      if (met.closed || !met.trySend(connection)) socket.destroy();
    });
  });
  const place = prepareSocketPlace(path);
  try {
    await listening(server, place.temporary);
    place.settle();
  } catch (error) {
    server.close();
    place.remove();
    throw error;
  }
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= new Promise((resolve) => {
      // Those whom nobody has received are told so.
      for (let left = met.tryReceive(); left !== undefined; left = met.tryReceive()) left.close();
      met.close();
      place.remove();
      for (const socket of silent) socket.destroy();
      // Resolves when it listens no more, not when the last connection has ended: those belong to whoever received them.
      server.close();
      setImmediate(resolve);
    });
    return closed;
  };
  return { path, connections: met.receiver(), close, [Symbol.asyncDispose]: close };
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path }, () => {
      server.off("error", reject);
      // What goes wrong with one connection is told by that connection.
      server.on("error", () => undefined);
      resolve();
    });
  });
}

/** Whether somebody answers there. */
function isServed(path: string): Promise<boolean> {
  const { connect } = process.getBuiltinModule("node:net");
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code !== "ENOENT" && error.code !== "ECONNREFUSED" && error.code !== "ENOTSOCK"),
    );
  });
}
