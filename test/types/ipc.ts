// `brigade/unstable/ipc` as a program's types see it.
import type { FileHandle } from "node:fs/promises";
import type { Receiver, Sender } from "brigade";
import {
  type Descriptor,
  descriptor,
  openPipe,
  openSocket,
  openSocketServer,
  type Pipe,
  type SocketConnection,
} from "brigade/unstable/ipc";

declare const handle: FileHandle;

export async function ends(): Promise<void> {
  using pipe: Pipe<{ readonly id: number }> = await openPipe<{ readonly id: number }>({ name: "rows", maxValueBytes: 1_000 });
  const sender: Sender<{ readonly id: number }> = pipe.sender;
  await sender.send({ id: 1 }, { timeout: 10 });
  // @ts-expect-error Not what it carries.
  await pipe.sender.send("text");
  const row: { readonly id: number } | undefined = await pipe.receiver.receive();
  // A receiver of more is one of less, a sender is not.
  const wider: Receiver<object> = pipe.receiver;
  // @ts-expect-error Not every object has an id.
  const senderOfMore: Sender<object> = pipe.sender;
  return void [row, wider, senderOfMore];
}

export async function sockets(): Promise<void> {
  await using server = await openSocketServer<string, number>("/run/app/socket");
  const connection: SocketConnection<string, number> | undefined = await server.connections.receive();
  await connection?.sender.send("text");
  const received: number | undefined = await connection?.receiver.receive();
  using client = await openSocket<number, string>("/run/app/socket", { signal: AbortSignal.timeout(10), timeout: 5 });
  // @ts-expect-error What is sent here is a number.
  await client.sender.send("text");
  return void received;
}

export function descriptors(): readonly Descriptor[] {
  // @ts-expect-error A path is not open.
  descriptor("/etc/hosts");
  return [descriptor(0), descriptor(handle)];
}
