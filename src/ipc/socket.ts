// A connection between two programs: a sending and a receiving end over one Unix-domain socket (a named pipe on Windows).
import type { Socket } from "node:net";
import { Channel } from "../channels/channel.ts";
import { SenderEnd } from "../channels/ends.ts";
import type { Receiver, Sender } from "../contract/channel.ts";
import { BrokenChannelError } from "../contract/errors.ts";
import type { WaitOptions } from "../contract/waiting.ts";
import { bindToThread } from "../core/thread-bound.ts";
import { HelloReader, hello } from "./hello.ts";
import { Inlet, InletEnd } from "./inlet.ts";
import { Outlet } from "./outlet.ts";
import { checkWireOptions, type WireOptions, type WireSettings } from "./settings.ts";
import { checkPath } from "./socket-path.ts";
import { Wire } from "./wire.ts";

/** A connection: what is sent here arrives there, and the other way round. Each direction has an end of its own. */
export interface SocketConnection<in Sent, out Received> extends Disposable {
  readonly sender: Sender<Sent>;
  readonly receiver: Receiver<Received>;
  /** Closes both ends; what was sent still leaves. Idempotent. Never waits. */
  close(): void;
}

/** How long the other side may take to say who it is, in milliseconds. */
const helloMs = 5_000;

class SocketSender<T> extends SenderEnd<T> {}
class SocketReceiver<T> extends InletEnd<T> {}
bindToThread(SocketSender, "an end of a socket: connect from there instead");
bindToThread(SocketReceiver, "an end of a socket: connect from there instead");

/** A connection of which nobody has an end any more is given up. */
const dropped = new FinalizationRegistry<{ readonly wire: Wire; ends: number }>((use) => {
  if (--use.ends === 0) use.wire.destroy();
});

/** Connects to a socket that another program serves at `path` (on Windows a name such as `\\.\pipe\jobs`). Waits for its answer, which it
 *  has to give within 5 s; `{ signal, timeout }` shorten that. Rejects with `BrokenChannelError` when nobody serves there, or when it is not brigade.
 *  When a connection ends, connect again; none does so by itself. Parks the task.
 *
 *  @example
 *  ```ts
 *  import { mkdtempSync } from "node:fs";
 *  import { tmpdir } from "node:os";
 *  import { join } from "node:path";
 *  import { openSocket, openSocketServer } from "brigade/unstable/ipc";
 *
 *  const path = join(mkdtempSync(join(tmpdir(), "jobs-")), "socket");
 *  await using server = await openSocketServer<string, number>(path);
 *  using client = await openSocket<number, string>(path);
 *  const served = await server.connections.receive();
 *  await client.sender.send(42);
 *  console.log(await served?.receiver.receive()); // 42
 *  served?.close();
 *  ```
 */
export async function openSocket<Sent, Received>(
  path: string,
  options: WireOptions & WaitOptions = {},
): Promise<SocketConnection<Sent, Received>> {
  const settings = checkWireOptions("socket", options);
  checkPath(path);
  const { connect } = process.getBuiltinModule("node:net");
  const met = new Channel<SocketConnection<Sent, Received>>(1, { name: settings.title });
  const socket = connect({ path, allowHalfOpen: true });
  greet<Sent, Received>(socket, settings, (connection) => {
    if (connection instanceof BrokenChannelError) met.close(connection);
    else met.trySend(connection);
  });
  try {
    return (await met.receive({ signal: options.signal, timeout: options.timeout })) as SocketConnection<Sent, Received>;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Exchanges hellos, then makes a connection of the socket and tells, once. */
export function greet<Sent, Received>(
  socket: Socket,
  settings: WireSettings,
  tell: (connection: SocketConnection<Sent, Received> | BrokenChannelError) => void,
): void {
  const reader = new HelloReader();
  const fail = (message: string, cause: unknown): void => {
    settle();
    socket.destroy();
    tell(new BrokenChannelError(message, undefined, cause === undefined ? undefined : { cause }));
  };
  const onData = (chunk: Buffer): void => {
    let rest: Uint8Array | undefined;
    try {
      rest = reader.push(chunk);
    } catch (cause) {
      fail(`Nothing can be sent over ${settings.title}: ${(cause as Error).message}`, cause);
      return;
    }
    if (rest === undefined) return;
    settle();
    tell(connectionOver<Sent, Received>(socket, settings, rest));
  };
  const onError = (cause: unknown): void => fail(`${settings.title} cannot be reached: ${(cause as Error).message}.`, cause);
  const onClose = (): void => fail(`The other side of ${settings.title} has closed it before it said who it is.`, undefined);
  const timer = setTimeout(
    () => fail(`The other side of ${settings.title} has not said who it is within ${helloMs} ms.`, undefined),
    helloMs,
  );
  const settle = (): void => {
    clearTimeout(timer);
    socket.off("data", onData).off("error", onError).off("close", onClose).off("end", onClose);
    // Whatever a socket that is given up still says is for nobody.
    socket.on("error", () => undefined);
  };
  socket.on("data", onData).on("error", onError).on("close", onClose).on("end", onClose);
  socket.write(hello);
}

function connectionOver<Sent, Received>(socket: Socket, settings: WireSettings, rest: Uint8Array): SocketConnection<Sent, Received> {
  const { wire, outlet, inlet } = halvesOver<Sent, Received>(socket, settings);
  const sender = new SocketSender<Sent>(outlet);
  const receiver = new SocketReceiver<Received>(inlet);
  const use = { wire, ends: 2 };
  dropped.register(sender, use);
  dropped.register(receiver, use);
  inlet.start();
  if (rest.byteLength > 0) wire.push(rest);
  const close = (): void => {
    sender.close();
    receiver.close();
  };
  return { sender, receiver, close, [Symbol.dispose]: close };
}

/** A function of its own: what asks for the wire must not hold the ends, or they would never be dropped. */
function halvesOver<Sent, Received>(socket: Socket, { title, maxValueBytes }: WireSettings) {
  const outlet: Outlet<Sent> = new Outlet<Sent>(title, maxValueBytes, () => wire);
  const inlet: Inlet<Received> = new Inlet<Received>(title, () => wire);
  const wire = new Wire(title, socket, maxValueBytes, outlet, inlet);
  return { wire, outlet, inlet };
}
