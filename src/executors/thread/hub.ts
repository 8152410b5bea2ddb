// All links of one near thread: how it is woken by them, and how it blocks on them. One wake word serves all. In the event loop,
// whoever was woken looks at every ring once per turn until two turns in a row found nothing, then rests (the interrupt
// mitigation of Linux' NAPI: one wake-up per burst, not per frame). A worker that dies while this thread is blocked says nothing:
// it is found by a look at its port every 20 ms. Protocol and proof: README.md beside.
import { allocateWords } from "../../memory/atomics.ts";
import { WakeWord } from "../../memory/wake-word.ts";
import { emptyTurns } from "./start.ts";

/** How often the dead are looked for while blocked, and while a worker is known to be on its way out. */
const lookMs = 20;
const exitingLookMs = 2;

/** What the hub asks of a link. */
export interface HubLink {
  /** Its end is near: look often. */
  readonly exiting: boolean;
  /** Hands over what lies in the ring and looks at the claims; true when there was something in the ring. */
  drainRing(): boolean;
  /** Hands over everything that has arrived, by port too; true when there was something. */
  drain(): boolean;
  /** Wakes the worker if it rests. */
  wake(): void;
  /** Reports the exit of a worker that is gone; true when it did. */
  reap(): boolean;
}

export const nearWord = allocateWords(1);
const word = new WakeWord(nearWord);
const links = new Set<HubLink>();
/** A turn is running, or will. */
let turning = false;
let foundNothing = 0;

word.rest();

export function enter(link: HubLink): void {
  links.add(link);
}

export function leave(link: HubLink): void {
  links.delete(link);
}

/** Workers that have been sent something and not been woken for it. */
let unwoken: HubLink[] = [];
/** Tasks sent to them. */
let sent = 0;
/** So many are worth a wake-up by themselves: work that is there should not wait for a long step of this thread. */
const sentAtMost = 64;

/** Wakes the worker when this step is over, with all its microtasks: a hundred tasks sent in one step cost one wake-up, and the first does
 *  not wake the worker only to find that it is alone. */
export function wakeSoon(link: HubLink): void {
  if (!unwoken.includes(link) && unwoken.push(link) === 1) process.nextTick(wakeAll);
  if (++sent === sentAtMost) wakeAll();
}

function wakeAll(): void {
  sent = 0;
  if (unwoken.length === 0) return;
  const all = unwoken;
  unwoken = [];
  for (const link of all) link.wake();
}

/** A worker has woken this thread. */
export function wakened(): void {
  if (turning) return;
  turning = true;
  foundNothing = 0;
  turn();
}

function turn(): void {
  let found = false;
  try {
    for (const link of links) found = link.drainRing() || found;
  } finally {
    // Also when a handler has thrown: the other frames must not wait for ever.
    foundNothing = found ? 0 : foundNothing + 1;
    if (foundNothing < emptyTurns()) setImmediate(turn);
    else rest();
  }
}

/** Asks to be woken, then looks once more. */
function rest(): void {
  turning = false;
  word.rest();
  let found = false;
  // Not a look at the rings alone: a claim is news too.
  for (const link of links) found = link.drainRing() || found;
  if (!found || !word.leave()) return;
  turning = true;
  foundNothing = 0;
  setImmediate(turn);
}

/** Blocks until a link of this thread had something to hand over, frame or exit, `timeoutMs` at most. */
export function pump(timeoutMs: number): void {
  const end = performance.now() + timeoutMs;
  let looked = Number.NEGATIVE_INFINITY;
  wakeAll();
  try {
    for (;;) {
      word.drowse();
      let found = false;
      // A copy, because a handler may open links, and those that end leave the set.
      for (const link of [...links]) found = link.drain() || found;
      const now = performance.now();
      const every = [...links].some((link) => link.exiting) ? exitingLookMs : lookMs;
      if (now - looked >= every) {
        looked = now;
        for (const link of [...links]) found = link.reap() || found;
      }
      // A handler may have sent something.
      wakeAll();
      const leftMs = end - performance.now();
      if (found || leftMs <= 0) return;
      word.sleepSync(Math.min(leftMs, every));
    }
  } finally {
    // What wakes the event loop may have been taken out of the ports above.
    if (turning) word.awake();
    else rest();
  }
}
