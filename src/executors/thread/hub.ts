// All links of one near thread, and how that thread blocks on them: one doorbell that every worker rings, and a look at every
// port whenever it rang. A worker that dies without ringing (out of memory, terminated) is found by looking at its port every
// 20 ms, because a blocked thread gets no `exit` event. Protocol and proof: README.md beside.
import type { MessagePort } from "node:worker_threads";
import { MessageChannel } from "node:worker_threads";
import { allocateWords } from "../../memory/atomics.ts";
import { Doorbell } from "../../memory/doorbell.ts";

/** How often the dead are looked for while blocked, and while a worker is known to be on its way out. */
const lookMs = 20;
const exitingLookMs = 2;

/** What the hub asks of a link. */
export interface HubLink {
  /** Its end is near: look often. */
  readonly exiting: boolean;
  /** Hands over everything that has arrived; true when there was something. */
  drain(): boolean;
  /** Reports the exit of a worker that is gone; true when it did. */
  reap(): boolean;
}

export const nearBell = allocateWords(1);
const bell = new Doorbell(nearBell);
const links = new Set<HubLink>();

export function enter(link: HubLink): void {
  links.add(link);
}

export function leave(link: HubLink): void {
  links.delete(link);
}

/** Rings this thread's own bell: an exit is to be reported that no worker can announce. */
export function ringSelf(): void {
  bell.ring();
}

/** Blocks until a link of this thread had something to hand over, frame or exit, `timeoutMs` at most. */
export function pump(timeoutMs: number): void {
  const end = performance.now() + timeoutMs;
  let looked = Number.NEGATIVE_INFINITY;
  for (;;) {
    const seen = bell.read();
    let found = false;
    // A copy, because a handler may open links, and those that end leave the set.
    for (const link of [...links]) found = link.drain() || found;
    const now = performance.now();
    const every = [...links].some((link) => link.exiting) ? exitingLookMs : lookMs;
    if (now - looked >= every) {
      looked = now;
      for (const link of [...links]) found = link.reap() || found;
    }
    const leftMs = end - performance.now();
    if (found || leftMs <= 0) return;
    bell.sleepSync(seen, Math.min(leftMs, every));
  }
}

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
