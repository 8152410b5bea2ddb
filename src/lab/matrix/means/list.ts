// The means of communication, in the order of the table. A new one is a file beside this, its far side in answers/, a line here
// and one in tasks.ts.
import { channel } from "./channel.ts";
import type { Means } from "./means.ts";
import { pipe } from "./pipe.ts";
import { port } from "./port.ts";
import { sharedMemory } from "./shared-memory.ts";
import { socket } from "./socket.ts";

/** All of them. */
export const allMeans: readonly Means[] = [channel, port, pipe, socket, sharedMemory];
