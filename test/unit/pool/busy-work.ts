// Tasks that keep a worker busy, and a timer of the user's beside them.
import { createServer, type Server } from "node:net";
import { portable } from "../../../src/wire/portable.ts";

let ticks = 0;
let server: Server | undefined;
let timer: NodeJS.Timeout | undefined;

/** Starts a timer and a server that goes on when this is over; gives the server's port. */
export const goOn = portable("goOn", async () => {
  timer = setInterval(() => ticks++, 1).unref();
  const opened = createServer((socket) => socket.end("here"));
  server = opened.unref();
  await new Promise<void>((resolve) => opened.listen(0, "127.0.0.1", resolve));
  return (opened.address() as { readonly port: number }).port;
});
export const stopAndCount = portable("stopAndCount", () => {
  clearInterval(timer);
  server?.close();
  return ticks;
});
export const next = portable("next", (n: number) => n + 1);
