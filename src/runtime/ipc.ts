// The door for talking to other processes: `import { … } from "brigade/unstable/ipc"`.
import "./ipc-values.ts";

export { type Descriptor, descriptor } from "../ipc/descriptor.ts";
export { openPipe, type Pipe } from "../ipc/pipe.ts";
export type { WireOptions } from "../ipc/settings.ts";
export { openSocket, type SocketConnection } from "../ipc/socket.ts";
export { openSocketServer, type SocketServer } from "../ipc/socket-server.ts";
