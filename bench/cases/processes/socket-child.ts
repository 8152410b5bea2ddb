// The other side of limits.ts.
import { Socket } from "node:net";

const socket = new Socket({ fd: 3, readable: true, writable: true });
socket.on("data", (bytes: Buffer) => {
  const sum = Buffer.alloc(8);
  sum.writeInt32LE(bytes.readInt32LE(0) + bytes.readInt32LE(4), 0);
  socket.write(sum);
});
