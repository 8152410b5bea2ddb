// Another program at the end of a socket: it says what it was sent, until it is told to end in one way or another.
import { openSocket } from "brigade/unstable/ipc";

const [path = ""] = process.argv.slice(2);
using socket = await openSocket<unknown, unknown>(path);
for await (const value of socket.receiver) {
  if (value === "die") process.kill(process.pid, "SIGKILL");
  if (value === "fail") socket.sender.close(new RangeError("as you wish"));
  else await socket.sender.send({ said: value, pid: process.pid });
}
