// The other side of each way between two processes: it gives back what comes, or counts it.
import type { Receiver, Sender } from "../../../src/runtime/index.ts";
import type { SharedRing } from "../../../src/runtime/shared.ts";
import { brigade, ipc } from "../../shipped.ts";

const { portable } = brigade;

export const echoPipe = portable(import.meta, "echoPipe", async (from: Receiver<unknown>, to: Sender<unknown>) => {
  for await (const value of from) await to.send(value);
});

/** Takes values, and says so once for each `undefined` among them. */
export const sinkPipe = portable(import.meta, "sinkPipe", async (from: Receiver<unknown>, to: Sender<unknown>) => {
  for await (const value of from) if (value === undefined) await to.send(0);
});

export const echoSocket = portable(import.meta, "echoSocket", async (path: string) => {
  using socket = await ipc.openSocket<unknown, unknown>(path);
  for await (const value of socket.receiver) await socket.sender.send(value);
});

export const sinkSocket = portable(import.meta, "sinkSocket", async (path: string) => {
  using socket = await ipc.openSocket<unknown, unknown>(path);
  for await (const value of socket.receiver) if (value === undefined) await socket.sender.send(0);
});

export const echoRing = portable(import.meta, "echoRing", async (from: SharedRing<unknown>, to: SharedRing<unknown>) => {
  for await (const value of from) await to.send(value);
});

export const sinkRing = portable(import.meta, "sinkRing", async (from: SharedRing<unknown>, to: SharedRing<unknown>) => {
  for await (const value of from) if (value === undefined) await to.send(0);
});
