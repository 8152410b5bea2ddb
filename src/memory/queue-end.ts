// The end of a shared queue, its ends, and the threads that use it.

import { DONE, END_CLOSED, type QueueValue } from "./queue-asking.ts";
import { QueueSteps } from "./queue-steps.ts";
import {
  ATTACHED,
  blockTicketAt,
  brokenAt,
  closedAt,
  ERROR,
  errorAt,
  FRESH,
  givenAt,
  HOLD,
  heldEndAt,
  RECEIVING_END,
  receivedAt,
  receiversAt,
  SENDING_END,
  sendersAt,
  threadAt,
  threadsAt,
} from "./queue-store.ts";

export abstract class QueueEnd extends QueueSteps {
  #lookedAtMs = 0;

  /** The error of `close`; `undefined` when there is none. Never waits. */
  get error(): QueueValue | undefined {
    this.store.enter();
    const block = this.store.get(errorAt);
    if (block !== 0) this.read(block);
    this.store.leave();
    return block === 0 ? undefined : this.taken;
  }

  /** Closes for senders; false when that has happened. Never waits. */
  close(error: QueueValue | undefined): boolean {
    let first = false;
    this.step(() => {
      first = this.store.get(closedAt) === 0;
      this.fail(first ? error : undefined);
      this.serving.close();
      return DONE;
    });
    return first;
  }

  /** Opens an end that this thread has. Never waits. */
  openEnd(sends: boolean): { readonly end: number; readonly endTicket: number } {
    const { store } = this;
    let end = 0;
    this.step(() => {
      end = store.create(0, sends ? SENDING_END : RECEIVING_END);
      this.#hold(end);
      store.count(sends ? sendersAt : receiversAt, 1);
      if (!sends) store.set(brokenAt, 0);
      return DONE;
    });
    return { end, endTicket: store.get(end + blockTicketAt) };
  }

  /** Closes an end; the last one closes or breaks the queue. Never waits. */
  closeEnd(end: number, endTicket: number, error: QueueValue | undefined): void {
    this.step(() => {
      if (!this.serving.isOpenEnd(end, endTicket)) return DONE;
      this.fail(error);
      this.serving.closeEnd(end);
      return DONE;
    });
  }

  /** This thread is about to give an end away. Never waits. */
  giveEnd(end: number, endTicket: number): void {
    this.step(() => {
      if (this.serving.isOpenEnd(end, endTicket)) this.store.count(end + givenAt, 1);
      return DONE;
    });
  }

  /** This thread was given an end by the thread `giver`, which has it no more when all that it gave away have arrived. False when it is
   *  closed. Never waits. */
  receiveEnd(end: number, endTicket: number, giver: number): boolean {
    const { store } = this;
    return (
      this.step(() => {
        if (!this.serving.isOpenEnd(end, endTicket)) return END_CLOSED;
        if (!this.#isHolder(end)) this.#hold(end);
        store.count(end + receivedAt, 1);
        if (giver !== store.me && store.get(end + receivedAt) >= store.get(end + givenAt)) this.#letGo(end, giver);
        return DONE;
      }) === DONE
    );
  }

  #isHolder(end: number): boolean {
    const { store } = this;
    for (const block of store.heap.blocks()) {
      if (store.stateOf(block) === HOLD && store.get(block + heldEndAt) === end && store.get(block + threadAt) === store.me) return true;
    }
    return false;
  }

  #hold(end: number): void {
    const { store } = this;
    // In this order, because a state is what makes a block true.
    const hold = store.create(0, FRESH);
    store.set(hold + heldEndAt, end);
    store.setState(hold, HOLD);
  }

  #letGo(end: number, thread: number): void {
    const { store } = this;
    for (const block of store.heap.blocks()) {
      if (store.stateOf(block) !== HOLD || store.get(block + heldEndAt) !== end || store.get(block + threadAt) !== thread) continue;
      store.heap.free(block);
    }
  }

  protected fail(error: QueueValue | undefined): void {
    if (error !== undefined && this.store.get(errorAt) === 0) this.store.set(errorAt, this.write(error, ERROR));
  }

  // ---- threads ----

  /** This thread uses the queue: from now on its death is looked for. Never waits. */
  attach(): void {
    this.step(() => {
      const { store } = this;
      for (const block of store.in(threadsAt)) if (store.get(block + threadAt) === store.me) return DONE;
      store.append(threadsAt, store.create(0, ATTACHED));
      return DONE;
    });
  }

  /** Looks whether a thread that uses it has died. Never waits. */
  lookForDead(): void {
    this.step(() => {
      const { store } = this;
      const dead = [...store.in(threadsAt)].filter((attached) => store.isLost(attached)).map((attached) => store.get(attached + threadAt));
      for (const thread of dead) this.serving.bury(thread);
      return DONE;
    });
  }

  /** The same, for those who ask over and over: once in a while. True when it looked. Never waits. */
  lookForDeadNowAndThen(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#lookedAtMs < this.store.lookMs) return false;
    this.#lookedAtMs = nowMs;
    this.lookForDead();
    return true;
  }
}
