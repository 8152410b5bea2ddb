// How a thread blocks on its children: it reads their pipes by itself, in turns, because Node has no way to block on several
// descriptors, nor on one that does not block. Naps between two empty turns grow from 50 µs to 1 ms.
import { blockFor } from "../../memory/atomics.ts";

/** What the pump asks of a link. */
export interface PumpedLink {
  /** Sends what waits and hands over everything that has arrived, the exit included; true when there was something. */
  turn(): boolean;
}

const links = new Set<PumpedLink>();

export function enter(link: PumpedLink): void {
  links.add(link);
}

export function leave(link: PumpedLink): void {
  links.delete(link);
}

/** Blocks until a child of this thread had something to hand over, frame, output or exit, `timeoutMs` at most. */
export function pump(timeoutMs: number): void {
  const start = performance.now();
  for (;;) {
    let found = false;
    // A copy, because a handler may open links, and those that end leave the set.
    for (const link of [...links]) found = link.turn() || found;
    const spentMs = performance.now() - start;
    if (found || spentMs >= timeoutMs) return;
    nap(spentMs, timeoutMs);
  }
}

/** Blocks for a moment, longer the longer it has been in vain. */
export function nap(spentMs: number, timeoutMs: number): void {
  blockFor(Math.min(timeoutMs - spentMs, spentMs < 1 ? 0.05 : spentMs < 20 ? 0.2 : 1));
}
