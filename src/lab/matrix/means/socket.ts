// A local stream socket (on Windows a named pipe), as programs use one: through the event loops of both sides.
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { pid, platform } from "node:process";
import { largeBytes, largeMessage, type Means } from "./means.ts";

const made = platform === "win32" ? "a named pipe" : "a Unix socket";

export const socket: Means = {
  id: "socket",
  title: "socket",
  made: { coroutine: made, thread: made, process: made },
  async open(_, host) {
    const path = platform === "win32" ? `\\\\.\\pipe\\brigade-matrix-${pid}` : join(host.folder, "socket");
    const server = createServer();
    server.listen(path);
    await once(server, "listening");
    const answering = host.open().run(host.tasks.answerSocket, path);
    const refused = answering.then(() => Promise.reject(new RangeError("The other side of the socket has gone.")));
    refused.catch(() => {});
    const [peer] = (await Promise.race([once(server, "connection"), refused])) as [Socket];
    server.close();
    peer.setNoDelay(true);
    let awaited = 0;
    let done = (): void => {};
    // what comes back is one byte for each message
    peer.on("data", (chunk: Buffer) => {
      awaited -= chunk.length;
      if (awaited === 0) done();
    });
    const answers = (n: number) => {
      awaited = n;
      return new Promise<void>((resolve) => {
        done = resolve;
      });
    };
    const small = Buffer.from([1, 0, 0, 0, 1]);
    const large = Buffer.concat([Buffer.from(Uint32Array.of(largeBytes).buffer), largeMessage()]);
    return {
      async ask(n) {
        for (let i = 0; i < n; i++) {
          const come = answers(1);
          peer.write(small);
          await come;
        }
      },
      async ship(n) {
        const come = answers(n);
        // no faster than the system takes it: what waits in memory has not been sent
        for (let i = 0; i < n; i++) if (!peer.write(large)) await once(peer, "drain");
        await come;
      },
      close: () => peer.end(),
    };
  },
};
