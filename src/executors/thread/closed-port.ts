// How the death of a thread is told without an event loop: its ports are closed.
import type { MessagePort } from "node:worker_threads";
import { workerThreads } from "../../core/worker-threads.ts";

const alive = Symbol("alive");
const throwsAlive = {
  get probe(): never {
    throw alive;
  },
};
let spare: MessagePort | undefined;
let canTell = false;

/** Whether the port is closed, which the thread at its other end brings about by ending and in no other way. Needs no turn of
 *  the event loop; everything the thread had posted must have been received before, since that comes first in the port. */
export function isClosed(port: MessagePort): boolean {
  if (spare === undefined) {
    const { MessageChannel } = workerThreads();
    const { port1, port2 } = new MessageChannel();
    spare = new MessageChannel().port1;
    port2.close();
    // Elsewhere than in Node the trick may not work; then death shows in the event loop alone, as it does without it.
    canTell = refuses(spare, port2) && !refuses(spare, port1);
    port1.close();
  }
  return canTell && refuses(spare, port);
}

/** A closed port in a transfer list is refused before the value is looked at; with an open one the getter is reached, throws,
 *  and so nothing is ever posted or moved. `eventLoopUtilization` would look neater, but it answers 0 until the near event
 *  loop has seen the worker's `online` message: never, for a worker started by a thread that then blocks. */
function refuses(through: MessagePort, port: MessagePort): boolean {
  try {
    through.postMessage(throwsAlive, [port]);
  } catch (error) {
    return error !== alive;
  }
  return false;
}
