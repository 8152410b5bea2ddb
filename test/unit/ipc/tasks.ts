// What the children of the tests of pipes and descriptors do.
import { fstatSync, readSync, writeSync } from "node:fs";
import { portable, type Receiver, type Sender, serializable } from "brigade";
import { type Descriptor, openSocket } from "brigade/unstable/ipc";
import { descriptors, ofPipes } from "./support.ts";

/** Its arrival kills whoever receives it. */
export class Poison {
  readonly deadly = true;
}
serializable(Poison, {
  name: "test.Poison",
  encode: () => 0,
  decode: () => {
    process.kill(process.pid, "SIGKILL");
    return new Poison();
  },
});

export const count = portable("count", async (out: Sender<number>, upTo: number) => {
  for (let n = 0; n < upTo; n++) await out.send(n);
  out.close();
  return process.pid;
});

export const relay = portable("relay", async (from: Receiver<number>, to: Sender<number>) => {
  for await (const n of from) await to.send(n);
  to.close();
  return process.pid;
});

export const failAfter = portable("failAfter", async (out: Sender<number>, values: number) => {
  for (let n = 0; n < values; n++) await out.send(n);
  out.close(new RangeError("the well is dry"));
});

export const dieSending = portable("dieSending", async (out: Sender<unknown>, values: readonly unknown[]) => {
  for (const value of values) await out.send(value);
  process.kill(process.pid, "SIGKILL");
  await new Promise(() => undefined);
});

/** Begins a value that the pipe cannot take whole, and dies. */
export const dieMidway = portable("dieMidway", async (out: Sender<Uint8Array>, bytes: number) => {
  out.trySend(new Uint8Array(bytes));
  process.kill(process.pid, "SIGKILL");
  await new Promise(() => undefined);
});

export const dieReceiving = portable("dieReceiving", async (from: Receiver<number>) => {
  await from.receive();
  process.kill(process.pid, "SIGKILL");
  await new Promise(() => undefined);
});

export const giveBack = portable("giveBack", (out: Sender<number>) => out);

export const leaveOpen = portable("leaveOpen", async (out: Sender<number>) => {
  await out.send(1);
});

export const take = portable("take", (..._given: unknown[]) => 0);

export const pipesOpen = portable("pipesOpen", () => ofPipes());

export const askAt = portable("askAt", async (path: string, question: string) => {
  using socket = await openSocket<string, string>(path);
  await socket.sender.send(question);
  return await socket.receiver.receive();
});

export const readAll = portable("readAll", (file: Descriptor) => {
  using own = file;
  const room = Buffer.alloc(1_024);
  return room.toString("utf8", 0, readSync(own.fd, room, 0, room.byteLength, null));
});

export const append = portable("append", (file: Descriptor, text: string) => {
  using own = file;
  return writeSync(own.fd, text);
});

export const tryWrite = portable("tryWrite", (file: Descriptor) => {
  using own = file;
  try {
    writeSync(own.fd, "x");
    return "written";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
});

/** Whether closing closes it, and what is open then. */
export const closeTwice = portable("closeTwice", (file: Descriptor) => {
  const before = descriptors().length;
  file.close();
  file.close();
  try {
    fstatSync(file.fd);
    return undefined;
  } catch {
    return before - descriptors().length;
  }
});
