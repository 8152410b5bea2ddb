// What a shared queue consists of: a header, blocks, and the lists that they stand in. Who is served when is for `shared-queue.ts`.
//
// Invariants
// - All is read and written under the guard, except the state word of a place, which its owner looks at and sleeps on.
// - The states of the blocks are the truth, and each changes in one step. Lists and counts follow from them, and are made anew when a
//   thread has died inside the guard (`queue-repair.ts`). Lists are in order of tickets, so the order survives that.
// - A block that is freed is in no list.
import { load, notify, type SharedWords, store } from "./atomics.ts";
import { BlockHeap, nextAt, previousAt, stateAt } from "./block-heap.ts";
import { FutexMutex, ORPHANED } from "./futex-mutex.ts";
import type { Obituary } from "./obituary.ts";

// ---- the header ----
const guardAt = 0;
const heapEndAt = 1;
export const capacityAt = 2;
export const overflowAt = 3;
/** 1: nothing more can be sent. */
export const closedAt = 4;
/** 1: the last receiving end has gone. */
export const brokenAt = 5;
/** The block with the error of `close`. */
export const errorAt = 6;
const ticketAt = 7;
export const droppedAt = 8;
export const bufferedAt = 9;
/** Permits that are held. */
export const reservedAt = 10;
/** Sending ends that are open; the next word counts the receiving ends. */
export const sendersAt = 11;
export const receiversAt = 12;
/** Values that nobody is to have yet, oldest first. A list is two words: its first block, its last. */
export const valuesAt = 14;
export const sendLineAt = 16;
export const receiveLineAt = 18;
/** The threads that use it. */
export const threadsAt = 20;
const freeListsAt = 22;
export const queueHeader = 64;

// ---- a block ----
export const blockTicketAt = 4;
export const threadAt = 5;
/** Of a place: the value that it brings or gets. */
export const placeValueAt = 6;
/** Of a place: the end that it waits on, and that end's ticket; 0 for the queue itself. */
export const placeEndAt = 7;
export const placeEndTicketAt = 10;
/** Of a place: the choice that it is a case of, and which; 0 for one that waits for this alone. */
export const choiceAt = 8;
export const caseAt = 9;
/** Of a value: the place of the receiver that is to have it. */
export const ownerAt = 6;
/** Of a value: the place of the sender that offers it. */
export const senderAt = 7;
export const lengthAt = 8;
/** Of a value: the number of its attachments; 0 when it has none. */
export const attachmentAt = 9;
/** Of a value that was received: the thread that fetches its attachments. */
export const fetcherAt = 11;
/** Of an end: how often it was given away, and received. */
export const givenAt = 6;
export const receivedAt = 7;
/** Of a hold: the end. */
export const heldEndAt = 6;

// ---- states ----
/** A place in the line of senders, of senders that want a permit, of receivers. */
export const SENDING = 1;
export const RESERVING = 2;
export const RECEIVING = 3;
/** A place that was served: the value was accepted, was handed over, there is no more; or it was refused. Its owner has yet to see it. */
export const SENT = 4;
export const HANDED = 5;
export const ENDED = 6;
export const REFUSED_CLOSED = 7;
export const REFUSED_BROKEN = 8;
export const REFUSED_END = 9;
/** A permit. */
export const PERMIT = 10;
/** A value that is being written; one in the hands of a sender in line; in the buffer; meant for a place; the error of `close`. */
export const FRESH = 16;
export const OFFERED = 17;
export const BUFFERED = 18;
export const ASSIGNED = 19;
export const ERROR = 20;
export const SENDING_END = 24;
export const RECEIVING_END = 25;
/** A thread has an end. */
export const HOLD = 26;
/** A thread uses the queue. */
export const ATTACHED = 27;
/** A value that was received, and whose attachments its receiver has yet to fetch: until then nobody may let go of them. */
export const FETCHING = 28;

export const isWaiting = (state: number): boolean => state >= SENDING && state <= RECEIVING;

/** How long a thread sleeps before it looks for the dead. */
const defaultLookMs = 20;

export class QueueStore {
  readonly heap: BlockHeap;
  readonly me: number;
  readonly obituary: Obituary;
  readonly lookMs: number;
  readonly #guard: FutexMutex;
  /** Makes everything follow from the states again. Set by the owner. */
  repair: () => void = () => {};

  constructor(buffer: SharedArrayBuffer, me: number, obituary: Obituary, lookMs: number = defaultLookMs) {
    this.heap = new BlockHeap(buffer, queueHeader, heapEndAt, freeListsAt);
    this.me = me;
    this.obituary = obituary;
    this.lookMs = lookMs;
    this.#guard = new FutexMutex(this.heap.words, guardAt, me, obituary, undefined, lookMs);
  }

  get words(): SharedWords {
    return this.heap.words;
  }

  /** Takes the guard. It is held for some dozens of steps, so blocking for it is no matter, on an event loop either. */
  enter(): void {
    if (this.#guard.acquireSync(Number.POSITIVE_INFINITY, false) !== ORPHANED) {
      this.heap.renew();
      return;
    }
    this.#guard.acquireSync(Number.POSITIVE_INFINITY, true);
    this.heap.renew();
    this.repair();
  }

  leave(): void {
    this.#guard.release();
  }

  get(at: number): number {
    return this.heap.words[at] as number;
  }

  set(at: number, value: number): void {
    this.heap.words[at] = value;
  }

  count(at: number, change: number): void {
    this.set(at, this.get(at) + change);
  }

  stateOf(block: number): number {
    return load(this.heap.words, block + stateAt);
  }

  setState(block: number, state: number): void {
    store(this.heap.words, block + stateAt, state);
  }

  /** Takes a place out of its line and tells its thread. */
  settle(place: number, state: number): void {
    this.remove(this.stateOf(place) === RECEIVING ? receiveLineAt : sendLineAt, place);
    this.setState(place, state);
    this.wake(place);
  }

  /** All who sleep on it: a cancelled wait of an earlier owner of the block may still hang on the word. */
  wake(place: number): void {
    notify(this.heap.words, place + stateAt);
  }

  /** Whether the thread of a block is dead. */
  isLost(block: number): boolean {
    return this.obituary.has(this.get(block + threadAt));
  }

  nextTicket(): number {
    const ticket = (this.get(ticketAt) + 1) | 0;
    this.set(ticketAt, ticket);
    return ticket;
  }

  /** A block of this thread, in that state, with a ticket. */
  create(byteLength: number, state: number): number {
    const block = this.heap.allocate(byteLength);
    for (let at = previousAt; at < 14; at++) this.set(block + at, 0);
    this.set(block + blockTicketAt, this.nextTicket());
    this.set(block + threadAt, this.me);
    this.setState(block, state);
    return block;
  }

  // ---- lists ----

  /** In a list, from the first on. The caller may take out the one it is given. */
  *in(list: number): Generator<number> {
    for (let block = this.get(list); block !== 0; ) {
      const next = this.get(block + nextAt);
      yield block;
      block = next;
    }
  }

  append(list: number, block: number): void {
    this.insert(list, block, this.get(list + 1));
  }

  /** Behind `previous`; in front of all when that is 0. */
  insert(list: number, block: number, previous: number): void {
    const next = previous === 0 ? this.get(list) : this.get(previous + nextAt);
    this.set(block + previousAt, previous);
    this.set(block + nextAt, next);
    this.set(previous === 0 ? list : previous + nextAt, block);
    this.set(next === 0 ? list + 1 : next + previousAt, block);
  }

  remove(list: number, block: number): void {
    const previous = this.get(block + previousAt);
    const next = this.get(block + nextAt);
    this.set(previous === 0 ? list : previous + nextAt, next);
    this.set(next === 0 ? list + 1 : next + previousAt, previous);
  }
}
