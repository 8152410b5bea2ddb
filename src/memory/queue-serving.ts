// Who of a shared queue is served, and with what: the rules of a channel (`channels/README.md`), under the guard. Nothing here takes the
// guard, and nothing here is told to anybody but by the state of a place.
//
// The order inside each step is what survives the death of the thread that takes it: a value says where it belongs before the place that
// gets it says so, and a choice is won before its sender's value moves. `queue-repair.ts` finishes or undoes the rest.
import { nextAt } from "./block-heap.ts";
import type { Choices } from "./choices.ts";
import {
  ASSIGNED,
  BUFFERED,
  blockTicketAt,
  brokenAt,
  bufferedAt,
  capacityAt,
  caseAt,
  choiceAt,
  closedAt,
  droppedAt,
  ENDED,
  FETCHING,
  fetcherAt,
  HANDED,
  HOLD,
  heldEndAt,
  isWaiting,
  overflowAt,
  ownerAt,
  PERMIT,
  placeEndAt,
  placeEndTicketAt,
  placeValueAt,
  type QueueStore,
  RECEIVING,
  RECEIVING_END,
  REFUSED_BROKEN,
  REFUSED_CLOSED,
  REFUSED_END,
  RESERVING,
  receiveLineAt,
  receiversAt,
  reservedAt,
  SENDING,
  SENDING_END,
  SENT,
  senderAt,
  sendersAt,
  sendLineAt,
  threadAt,
  threadsAt,
  valuesAt,
} from "./queue-store.ts";

/** What a full buffer does. */
export const WAIT = 0;
export const DROP_OLDEST = 1;
export const DROP_NEWEST = 2;

export class QueueServing {
  readonly store: QueueStore;
  readonly choices: Choices;
  /** Threads that were found dead on the way. They are buried when the step is over, since that serves others. */
  readonly #found = new Set<number>();

  constructor(store: QueueStore, choices: Choices) {
    this.store = store;
    this.choices = choices;
  }

  get hasRoom(): boolean {
    const { store } = this;
    return store.get(bufferedAt) + store.get(reservedAt) < store.get(capacityAt);
  }

  get dropsOldest(): boolean {
    return this.store.get(overflowAt) === DROP_OLDEST;
  }

  /** There is a place to be reserved. At capacity 0 that is a receiver in line. */
  get hasPlace(): boolean {
    if (this.store.get(capacityAt) === 0) return this.countWaiting(receiveLineAt) > this.store.get(reservedAt);
    return this.dropsOldest || this.hasRoom;
  }

  /** How many in line may be served now. */
  countWaiting(line: number): number {
    let count = 0;
    for (const place of this.store.in(line)) {
      const choice = this.store.get(place + choiceAt);
      if ((choice === 0 || this.choices.isOpen(choice)) && !this.#isLost(place)) count++;
    }
    return count;
  }

  #isLost(place: number): boolean {
    if (!this.store.isLost(place)) return false;
    this.#found.add(this.store.get(place + threadAt));
    return true;
  }

  /** Buries those who were found dead. */
  buryFound(): void {
    for (const thread of this.#found) {
      this.#found.delete(thread);
      this.bury(thread);
    }
  }

  /** The end of a place, or another one, is open. */
  isOpenEnd(end: number, ticket: number): boolean {
    if (end === 0) return true;
    const state = this.store.stateOf(end);
    return (state === SENDING_END || state === RECEIVING_END) && this.store.get(end + blockTicketAt) === ticket;
  }

  // ---- values to receivers ----

  /** Hands the value over, buffers or drops it, unless it would have to wait. `choice`: whose case brings it, which its other cases must
   *  not get. `waits`: that case stands in line, and others may win it. */
  accept(value: number, choice: number, waits: boolean): boolean {
    const { store } = this;
    const free = store.get(capacityAt) > 0 || store.get(reservedAt) === 0 || this.hasPlace;
    if (free && this.hand(value, choice, waits)) return true;
    if (this.hasRoom) this.push(value);
    else if (store.get(overflowAt) === WAIT) return false;
    else this.#drop(value);
    return true;
  }

  /** Hands a value to the first receiver in line that can have it. */
  hand(value: number, choice: number, waits: boolean): boolean {
    const { store } = this;
    const before = store.stateOf(value);
    for (let place = store.get(receiveLineAt); place !== 0; place = store.get(place + nextAt)) {
      if (this.#isLost(place)) continue;
      store.set(value + ownerAt, place);
      store.setState(value, ASSIGNED);
      if (this.#win(place, choice, waits)) {
        store.set(place + placeValueAt, value);
        store.settle(place, HANDED);
        return true;
      }
      store.setState(value, before);
    }
    return false;
  }

  /** Wins a place for one that is a case of `choice`. Where both stand in line as cases, one of them has to look for itself. */
  #win(place: number, choice: number, waits: boolean): boolean {
    const other = this.store.get(place + choiceAt);
    if (other === 0) return true;
    if (other === choice) return false;
    if (!waits || choice === 0) return this.choices.win(other, this.store.get(place + caseAt));
    if (this.choices.remind(other)) this.store.wake(place);
    return false;
  }

  /** Puts a value at the end of the buffer. */
  push(value: number): void {
    const { store } = this;
    store.set(value + blockTicketAt, store.nextTicket());
    store.setState(value, BUFFERED);
    // Only now: an offer without a sender would be nobody's.
    store.set(value + senderAt, 0);
    store.append(valuesAt, value);
    store.count(bufferedAt, 1);
  }

  /** Takes the oldest value out of the buffer; it is the caller's. */
  shift(): number {
    const value = this.store.get(valuesAt);
    this.store.remove(valuesAt, value);
    this.store.count(bufferedAt, -1);
    return value;
  }

  #drop(value: number): void {
    this.store.count(droppedAt, 1);
    if (!this.dropsOldest) {
      this.store.heap.free(value);
      return;
    }
    this.store.heap.free(this.shift());
    this.push(value);
  }

  /** A value that was meant for somebody goes back to where it came from. */
  putBack(value: number): void {
    const { store } = this;
    const ticket = store.get(value + blockTicketAt);
    let previous = 0;
    for (const other of store.in(valuesAt)) {
      if (((store.get(other + blockTicketAt) - ticket) | 0) > 0) break;
      previous = other;
    }
    store.setState(value, BUFFERED);
    store.insert(valuesAt, value, previous);
    store.count(bufferedAt, 1);
  }

  /** Puts a value before all that are buffered. */
  unshift(value: number): void {
    const { store } = this;
    const first = store.get(valuesAt);
    if (first !== 0) store.set(value + blockTicketAt, (store.get(first + blockTicketAt) - 1) | 0);
    this.putBack(value);
  }

  /** What was handed to a place whose owner did not live to see it. */
  #takeBack(place: number): void {
    const value = this.store.get(place + placeValueAt);
    if (this.store.stateOf(value) === ASSIGNED && this.store.get(value + ownerAt) === place) this.putBack(value);
  }

  // ---- senders ----

  /** The first sender whose value one may have who receives now; 0 when there is none. It is won, and the value still offered.
   *  `standing`: whoever asks goes on to wait. */
  pull(choice: number, standing: boolean): number {
    const { store } = this;
    // At capacity 0 whoever goes on to wait is himself the place that a permit stands for. Elsewhere a permit is for a place in
    // the buffer and does not stand in the way.
    const inOrder = standing && store.get(capacityAt) === 0;
    if (inOrder && store.get(reservedAt) > 0) return 0;
    for (let place = store.get(sendLineAt); place !== 0; place = store.get(place + nextAt)) {
      if (this.#isLost(place)) continue;
      if (store.stateOf(place) === SENDING) {
        if (this.#win(place, choice, false)) return place;
      } else if (inOrder) return 0;
    }
    return 0;
  }

  /** Serves those who wait to send, from the head of their line, as far as there is room or somebody who receives. */
  admit(): void {
    const { store } = this;
    for (let place = store.get(sendLineAt); place !== 0; ) {
      const next = store.get(place + nextAt);
      if (this.#isLost(place)) {
        place = next;
        continue;
      }
      if (store.stateOf(place) === RESERVING) {
        if (!this.hasPlace) return;
        this.grant(place);
      } else {
        const choice = store.get(place + choiceAt);
        if (choice === 0 ? !this.#admitPlain(place) : !this.#admitCase(place, choice)) return;
      }
      place = next;
    }
  }

  #admitPlain(place: number): boolean {
    if (!this.accept(this.store.get(place + placeValueAt), 0, true)) return false;
    this.store.settle(place, SENT);
    return true;
  }

  /** False when it cannot be served; true when it was, or is passed over. */
  #admitCase(place: number, choice: number): boolean {
    const { store } = this;
    const value = store.get(place + placeValueAt);
    if (!this.choices.isOpen(choice)) {
      // Held: it looks again.
      this.choices.remind(choice);
      return true;
    }
    if (this.hasRoom && store.get(receiveLineAt) === 0) {
      if (!this.choices.win(choice, store.get(place + caseAt))) return true;
      this.push(value);
      store.settle(place, SENT);
      return true;
    }
    if (store.get(receiveLineAt) === 0) return false;
    // There is somebody: let it look for itself, which may win the other.
    if (this.choices.remind(choice)) store.wake(place);
    return true;
  }

  /** One that waits for a permit gets it. */
  grant(place: number): void {
    this.store.settle(place, PERMIT);
    this.store.count(reservedAt, 1);
  }

  /** Whoever can be served is. */
  serve(): void {
    const { store } = this;
    while (store.get(bufferedAt) > 0 && store.get(receiveLineAt) !== 0) {
      const value = store.get(valuesAt);
      if (!this.hand(value, 0, false)) break;
      store.remove(valuesAt, value);
      store.count(bufferedAt, -1);
    }
    if (store.get(sendLineAt) !== 0) this.admit();
  }

  // ---- the end ----

  /** What a send finds in its way; 0 when it is nothing. */
  refusal(end: number, ticket: number): number {
    const { store } = this;
    if (store.get(closedAt) === 1) return REFUSED_CLOSED;
    if (!this.isOpenEnd(end, ticket)) return REFUSED_END;
    return store.get(brokenAt) === 1 ? REFUSED_BROKEN : 0;
  }

  close(): void {
    this.store.set(closedAt, 1);
    this.#sendAway(sendLineAt, REFUSED_CLOSED, 0);
    this.#sendAway(receiveLineAt, ENDED, 0);
  }

  break(): void {
    this.store.set(brokenAt, 1);
    this.#sendAway(sendLineAt, REFUSED_BROKEN, 0);
  }

  /** An end is closed; with the last one the queue closes or breaks. */
  closeEnd(end: number): void {
    const { store } = this;
    const sends = store.stateOf(end) === SENDING_END;
    const at = sends ? sendersAt : receiversAt;
    // Before the end is gone: whoever repairs sees that it was the last.
    if (store.get(at) === 1) store.set(sends ? closedAt : brokenAt, 1);
    for (const block of store.heap.blocks()) {
      if (store.stateOf(block) === HOLD && store.get(block + heldEndAt) === end) store.heap.free(block);
    }
    if (sends) this.#sendAway(sendLineAt, REFUSED_END, end);
    else this.#sendAway(receiveLineAt, ENDED, end);
    store.heap.free(end);
    store.count(at, -1);
    if (store.get(at) > 0) return;
    if (sends) this.close();
    else this.break();
  }

  /** Those whose end is closed, and all if it is over; for repairs. */
  sendAwayAll(): void {
    const { store } = this;
    for (const line of [sendLineAt, receiveLineAt]) {
      for (const place of store.in(line)) {
        if (this.isOpenEnd(store.get(place + placeEndAt), store.get(place + placeEndTicketAt))) continue;
        this.#sendPlaceAway(place, line === sendLineAt ? REFUSED_END : ENDED);
      }
    }
    if (store.get(closedAt) === 1) this.close();
    else if (store.get(brokenAt) === 1) this.break();
  }

  /** `end`: those who wait on it; all when 0. */
  #sendAway(line: number, state: number, end: number): void {
    for (const place of this.store.in(line)) {
      if (end === 0 || this.store.get(place + placeEndAt) === end) this.#sendPlaceAway(place, state);
    }
  }

  #sendPlaceAway(place: number, state: number): void {
    const { store } = this;
    const choice = store.get(place + choiceAt);
    // One that is held finds out for itself.
    if (choice !== 0 && !this.choices.win(choice, store.get(place + caseAt))) return;
    const value = store.get(place + placeValueAt);
    store.settle(place, state);
    if (value !== 0) store.heap.free(value);
    store.set(place + placeValueAt, 0);
  }

  /** A thread is dead: takes it out of the lines, gives back what it had not seen, and counts its ends as closed. */
  bury(thread: number): void {
    const { store } = this;
    const ends = new Set<number>();
    for (const block of store.heap.blocks()) {
      if (store.stateOf(block) === FETCHING) {
        if (store.get(block + fetcherAt) === thread) store.heap.free(block);
      } else if (store.get(block + threadAt) === thread) this.#buryBlock(block, ends);
    }
    for (const block of store.heap.blocks()) if (store.stateOf(block) === HOLD) ends.delete(store.get(block + heldEndAt));
    for (const end of ends) this.closeEnd(end);
    this.serve();
    // Last: as long as the dead one is listed, whoever repairs buries the rest of it.
    for (const block of store.in(threadsAt)) {
      if (store.get(block + threadAt) !== thread) continue;
      store.remove(threadsAt, block);
      store.heap.free(block);
    }
  }

  #buryBlock(block: number, ends: Set<number>): void {
    const { store } = this;
    const state = store.stateOf(block);
    if (state === SENDING) store.heap.free(store.get(block + placeValueAt));
    else if (state === HANDED) this.#takeBack(block);
    else if (state === PERMIT) store.count(reservedAt, -1);
    else if (state === HOLD) ends.add(store.get(block + heldEndAt));
    else if (state === 0 || state > PERMIT) return;
    if (isWaiting(state)) store.remove(state === RECEIVING ? receiveLineAt : sendLineAt, block);
    store.heap.free(block);
  }
}
