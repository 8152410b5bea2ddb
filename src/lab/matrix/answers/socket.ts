// The far side of a local socket: length-prefixed messages; a byte goes back for each.
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Calls back for each message that has come whole: four bytes of length, then so many. Keeps nothing of it. */
function onMessages(socket: Socket, seen: () => void): void {
  const header = Buffer.alloc(4);
  let have = 0;
  let left = 0;
  socket.on("data", (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; ) {
      if (have < 4) {
        const part = Math.min(4 - have, chunk.length - at);
        chunk.copy(header, have, at, at + part);
        have += part;
        at += part;
        if (have < 4) return;
        left = header.readUInt32LE(0);
      }
      const part = Math.min(left, chunk.length - at);
      left -= part;
      at += part;
      if (left === 0) {
        have = 0;
        seen();
      }
    }
  });
}

/** Connects to `path`, and answers until the other side ends. */
export async function answerSocket(path: string): Promise<void> {
  const socket = connect(path);
  socket.setNoDelay(true);
  const ack = Buffer.of(1);
  onMessages(socket, () => socket.write(ack));
  await once(socket, "close");
}
