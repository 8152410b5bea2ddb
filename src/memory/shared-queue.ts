// A queue of bytes in shared memory, between many senders and many receivers on any threads: Go's hchan with its two lines, in blocks of
// memory under a mutex that notices the dead. Capacity 0 hands over. States, steps and proof: README.md beside and
// `channels/README.md`. Checked by test/model/protocols/shared-queue.ts.
//
// Invariants
// - Somebody who could be served does not wait, but for cases of a select that are held; their owner looks again.
// - Whoever leaves a place takes what it was given in the same step: a cancel finds an operation in line, and it did not happen, or
//   served, and then it did.

import { wait } from "./atomics.ts";
import { stateAt } from "./block-heap.ts";
import { type Asking, asking, codes, DONE, LEFT, OVER, type QueueValue, unbounded, WAITS } from "./queue-asking.ts";
import { QueueEnd } from "./queue-end.ts";
import {
  attachmentAt,
  brokenAt,
  bufferedAt,
  capacityAt,
  caseAt,
  choiceAt,
  closedAt,
  droppedAt,
  ERROR,
  FETCHING,
  FRESH,
  HANDED,
  isWaiting,
  OFFERED,
  overflowAt,
  PERMIT,
  placeEndAt,
  placeEndTicketAt,
  placeValueAt,
  RECEIVING,
  RESERVING,
  receiveLineAt,
  receiversAt,
  reservedAt,
  SENDING,
  SENT,
  senderAt,
  sendersAt,
  sendLineAt,
  threadAt,
  valuesAt,
} from "./queue-store.ts";

export class SharedQueue extends QueueEnd {
  // ---- making it, before anybody else has it ----

  /** Makes a queue of fresh memory. */
  lay(capacity: number, overflow: number, dropped: number, broken: boolean): void {
    this.store.set(capacityAt, Math.min(capacity, unbounded));
    this.store.set(overflowAt, overflow);
    this.store.set(droppedAt, dropped);
    this.store.set(brokenAt, broken ? 1 : 0);
  }

  /** Puts a value into the buffer, whatever room there is. */
  load(value: QueueValue): void {
    this.serving.push(this.write(value, FRESH));
  }

  /** A permit that is held. */
  loadPermit(): number {
    this.store.count(reservedAt, 1);
    return this.#enlist(PERMIT, asking);
  }

  /** An error that one sending end has left, while others go on. */
  loadError(error: QueueValue): void {
    this.fail(error);
  }

  // ---- sending ----

  /** Sends, or with `waits` stands in line: `DONE`, `WAITS`, a refusal, or a place. Never waits. */
  send(value: QueueValue, who: Asking, waits: boolean): number {
    return this.step(() => {
      const refusal = this.serving.refusal(who.end, who.endTicket);
      if (refusal !== 0) return codes[refusal] as number;
      const block = this.write(value, FRESH);
      if (this.serving.accept(block, who.choice, false)) return DONE;
      if (!waits) {
        this.store.heap.free(block);
        return WAITS;
      }
      return this.#enlistOffer(block, who);
    });
  }

  /** Stands in line with a value, whatever room there is: for one who looks later. A place. Never waits. */
  offer(value: QueueValue, who: Asking): number {
    return this.step(() => this.#enlistOffer(this.write(value, FRESH), who));
  }

  #enlistOffer(block: number, who: Asking): number {
    const place = this.#enlist(SENDING, who);
    this.store.set(place + placeValueAt, block);
    this.store.set(block + senderAt, place);
    this.store.setState(block, OFFERED);
    this.store.append(sendLineAt, place);
    return place;
  }

  /** A permit: `DONE` where none is counted, a refusal, or a place, which holds the permit when it does not wait. Never waits. */
  reserve(who: Asking): number {
    return this.step(() => {
      const refusal = this.serving.refusal(who.end, who.endTicket);
      if (refusal !== 0) return codes[refusal] as number;
      if (this.serving.dropsOldest) return DONE;
      const { hasPlace } = this.serving;
      const place = this.#enlist(RESERVING, who);
      this.store.append(sendLineAt, place);
      if (hasPlace) this.serving.grant(place);
      return place;
    });
  }

  /** Uses up a permit, or the right to send where none is counted (0): `DONE` or a refusal. Never waits. */
  fill(permit: number, value: QueueValue, who: Asking): number {
    return this.step(() => {
      const { store } = this;
      this.#spend(permit);
      const refusal = this.serving.refusal(who.end, who.endTicket);
      if (refusal === 0) {
        const block = this.write(value, FRESH);
        if (permit === 0) this.serving.accept(block, 0, false);
        else if (!this.serving.hand(block, 0, false)) this.serving.push(block);
      }
      if (store.get(sendLineAt) !== 0) this.serving.admit();
      return refusal === 0 ? DONE : (codes[refusal] as number);
    });
  }

  /** Gives a permit back unused. Never waits. */
  giveBack(permit: number): void {
    this.step(() => {
      this.#spend(permit);
      this.serving.admit();
      return DONE;
    });
  }

  #spend(permit: number): void {
    if (permit === 0) return;
    this.store.heap.free(permit);
    this.store.count(reservedAt, -1);
  }

  // ---- receiving ----

  /** Receives, or with `waits` stands in line: `DONE`, `OVER`, `WAITS` or a place. Never waits. */
  receive(who: Asking, waits: boolean): number {
    return this.step(() => {
      const outcome = this.#take(who, waits);
      if (outcome !== WAITS || !waits) return outcome;
      const place = this.#enlist(RECEIVING, who);
      this.store.append(receiveLineAt, place);
      // At capacity 0 it is a place, for those who wait for a permit.
      if (this.store.get(sendLineAt) !== 0) this.serving.admit();
      return place;
    });
  }

  /** As one who goes on to wait would; but it does not: `DONE`, `OVER` or `WAITS`. Never waits. */
  tryReceiveStanding(who: Asking): number {
    return this.step(() => this.#take(who, true));
  }

  /** Stands in line, whatever there is: for one who looks later. A place. Never waits. */
  await(who: Asking): number {
    return this.step(() => {
      const place = this.#enlist(RECEIVING, who);
      this.store.append(receiveLineAt, place);
      return place;
    });
  }

  /** Values that were received for somebody who did not live to see them, oldest first: to those who wait, and before all that are buffered.
   *  One step, so that nobody gets a later one first. Never waits. */
  takeBack(values: readonly QueueValue[]): void {
    this.step(() => {
      for (const value of values.toReversed()) this.serving.unshift(this.write(value, FRESH));
      this.serving.serve();
      return DONE;
    });
  }

  #take({ end, endTicket, choice }: Asking, standing: boolean): number {
    const { store } = this;
    if (!this.serving.isOpenEnd(end, endTicket)) return OVER;
    if (store.get(bufferedAt) > 0) {
      this.read(store.get(valuesAt));
      this.release(this.serving.shift());
      if (store.get(sendLineAt) !== 0) this.serving.admit();
      return DONE;
    }
    const sender = store.get(sendLineAt) === 0 ? 0 : this.serving.pull(choice, standing);
    if (sender !== 0) {
      const value = store.get(sender + placeValueAt);
      this.read(value);
      store.settle(sender, SENT);
      this.release(value);
      return DONE;
    }
    return store.get(closedAt) === 1 ? OVER : WAITS;
  }

  // ---- in line ----

  /** Its owner looks for itself, with its choice held: `WAITS`, or how it ended, and then the place is left. Never waits. */
  look(place: number, choice: number): number {
    return this.step(() => {
      const { store } = this;
      const state = store.stateOf(place);
      if (!isWaiting(state)) return this.#finish(place);
      const end = store.get(place + placeEndAt);
      const endTicket = store.get(place + placeEndTicketAt);
      let outcome: number;
      if (state === RECEIVING) outcome = this.#take({ end, endTicket, choice, which: 0 }, true);
      else {
        const refusal = this.serving.refusal(end, endTicket);
        const value = store.get(place + placeValueAt);
        if (refusal !== 0) outcome = codes[refusal] as number;
        else outcome = this.serving.accept(value, choice, false) ? DONE : WAITS;
        // The value has gone on: the place must not take it along.
        if (outcome === DONE) store.set(place + placeValueAt, 0);
      }
      if (outcome !== WAITS) this.#leave(place, state);
      return outcome;
    });
  }

  /** Leaves a place: `LEFT` when it was in line, else how it ended. A permit is kept. Never waits. */
  finish(place: number): number {
    return this.step(() => this.#finish(place));
  }

  #finish(place: number): number {
    const { store } = this;
    const state = store.stateOf(place);
    if (state === PERMIT) return DONE;
    if (isWaiting(state)) {
      this.#leave(place, state);
      this.serving.serve();
      return LEFT;
    }
    const value = state === HANDED ? store.get(place + placeValueAt) : 0;
    if (value !== 0) this.read(value);
    // The place first: who finds the value with no place for it puts it back.
    store.heap.free(place);
    if (value !== 0) this.release(value);
    return codes[state] as number;
  }

  #leave(place: number, state: number): void {
    const { store } = this;
    store.remove(state === RECEIVING ? receiveLineAt : sendLineAt, place);
    const value = store.get(place + placeValueAt);
    store.heap.free(place);
    // A sleep of its own cannot be taken back, but ended.
    store.wake(place);
    if (state === SENDING && value !== 0) store.heap.free(value);
  }

  /** Still in line. Never waits. */
  waits(place: number): boolean {
    return isWaiting(this.store.stateOf(place));
  }

  /** The word to sleep on while the place waits. */
  indexOf(place: number): number {
    return place + stateAt;
  }

  /** Blocks the thread while the place waits, until `endMs` at most; `onLook` is called from time to time. */
  sleepSync(place: number, endMs: number, onLook: () => void): void {
    for (let state = this.store.stateOf(place); isWaiting(state); state = this.store.stateOf(place)) {
      const leftMs = endMs === Number.POSITIVE_INFINITY ? endMs : endMs - performance.now();
      if (leftMs <= 0) return;
      if (wait(this.store.words, this.indexOf(place), state, Math.min(leftMs, this.store.lookMs)) === "timed-out") {
        this.lookForDead();
        onLook();
      }
    }
  }

  /** Somebody who was in line already can be served from now on: at capacity 0, the place that those may wait for who want a permit.
   *  Never waits. */
  arrivedIfWanted(): void {
    if (this.store.get(capacityAt) > 0 || this.store.get(sendLineAt) === 0) return;
    this.step(() => {
      this.serving.admit();
      return DONE;
    });
  }

  // ---- counts of this moment; never wait ----

  get capacity(): number {
    return this.store.get(capacityAt);
  }

  /** Whether it is an end, and open. */
  isOpenEnd(end: number, endTicket: number): boolean {
    return this.serving.isOpenEnd(end, endTicket);
  }

  get closed(): boolean {
    return this.store.get(closedAt) === 1;
  }

  get counts(): { readonly buffered: number; readonly dropped: number; readonly senders: number; readonly receivers: number } {
    const { store } = this;
    const [buffered, dropped] = [store.get(bufferedAt), store.get(droppedAt)];
    return { buffered, dropped, senders: store.get(sendersAt), receivers: store.get(receiversAt) };
  }

  get waiting(): { readonly senders: number; readonly receivers: number } {
    this.store.enter();
    const [senders, receivers] = [this.serving.countWaiting(sendLineAt), this.serving.countWaiting(receiveLineAt)];
    this.store.leave();
    return { senders, receivers };
  }

  /** The attachments that values in it still need, and those that are being fetched, as `thread:number`. */
  get attachments(): ReadonlySet<string> {
    const { store } = this;
    const needed = new Set<string>();
    store.enter();
    for (const block of store.heap.blocks()) {
      const state = store.stateOf(block);
      const isValue = (state >= OFFERED && state <= ERROR) || state === FETCHING;
      if (!isValue || store.get(block + attachmentAt) === 0) continue;
      needed.add(`${store.get(block + threadAt)}:${store.get(block + attachmentAt)}`);
    }
    store.leave();
    return needed;
  }

  /** A place that is in no line yet. */
  #enlist(state: number, { end, endTicket, choice, which }: Asking): number {
    const { store } = this;
    const place = store.create(0, FRESH);
    store.set(place + placeEndAt, end);
    store.set(place + placeEndTicketAt, endTicket);
    store.set(place + choiceAt, choice);
    store.set(place + caseAt, which);
    store.setState(place, state);
    return place;
  }
}
