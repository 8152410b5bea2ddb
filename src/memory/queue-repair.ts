// A thread has died while it held the guard of a shared queue. Half a step is left: this finishes it or undoes it, and makes everything
// that follows from the states of the blocks anew. Which of both, the table in README.md says for each step.
import { FREE } from "./block-heap.ts";
import type { QueueServing } from "./queue-serving.ts";
import {
  ASSIGNED,
  ATTACHED,
  BUFFERED,
  blockTicketAt,
  bufferedAt,
  caseAt,
  choiceAt,
  ENDED,
  ERROR,
  errorAt,
  FRESH,
  HANDED,
  HOLD,
  heldEndAt,
  isWaiting,
  OFFERED,
  ownerAt,
  PERMIT,
  placeEndAt,
  placeEndTicketAt,
  placeValueAt,
  type QueueStore,
  RECEIVING,
  RECEIVING_END,
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

/** Makes a queue whole again. Under the guard. */
export function repairQueue(serving: QueueServing): void {
  const { store } = serving;
  for (const list of [valuesAt, sendLineAt, receiveLineAt, threadsAt]) {
    store.set(list, 0);
    store.set(list + 1, 0);
  }
  for (const at of [bufferedAt, reservedAt, sendersAt, receiversAt]) store.set(at, 0);
  for (const block of store.heap.blocks()) if (store.stateOf(block) === ASSIGNED) settleAssigned(serving, block);
  for (const block of store.heap.blocks()) if (isWaiting(store.stateOf(block))) settlePlace(serving, block);
  const lists = new Map<number, number[]>();
  for (const block of store.heap.blocks()) sortOut(store, block, lists);
  for (const [list, blocks] of lists) {
    blocks.sort((one, other) => (store.get(one + blockTicketAt) - store.get(other + blockTicketAt)) | 0);
    for (const block of blocks) store.append(list, block);
  }
  store.heap.rebuild();
  for (const end of endsOfNobody(store)) serving.closeEnd(end);
  serving.sendAwayAll();
  const lost = [...store.in(threadsAt)].filter((attached) => store.isLost(attached)).map((attached) => store.get(attached + threadAt));
  for (const thread of lost) serving.bury(thread);
  serving.serve();
}

/** Ends that were being opened or closed. */
function endsOfNobody(store: QueueStore): ReadonlySet<number> {
  const ends = new Set<number>();
  for (const block of store.heap.blocks()) {
    const state = store.stateOf(block);
    if (state === SENDING_END || state === RECEIVING_END) ends.add(block);
  }
  for (const block of store.heap.blocks()) if (store.stateOf(block) === HOLD) ends.delete(store.get(block + heldEndAt));
  return ends;
}

/** A value on its way to a place: it has arrived, or it is where it came from. */
function settleAssigned({ store, choices }: QueueServing, value: number): void {
  const place = store.get(value + ownerAt);
  const state = store.stateOf(place);
  if (state === HANDED && store.get(place + placeValueAt) === value) return;
  const choice = store.get(place + choiceAt);
  const arrives = state === RECEIVING && (choice === 0 || choices.isWonBy(choice, store.get(place + caseAt)));
  if (arrives) {
    store.set(place + placeValueAt, value);
    store.setState(place, HANDED);
    store.wake(place);
    return;
  }
  const sender = store.get(value + senderAt);
  const offered = sender !== 0 && store.stateOf(sender) === SENDING && store.get(sender + placeValueAt) === value;
  store.setState(value, offered ? OFFERED : BUFFERED);
}

/** A place in line that was served all the same: its value has gone on, or its choice is won. */
function settlePlace(serving: QueueServing, place: number): void {
  const { store, choices } = serving;
  const choice = store.get(place + choiceAt);
  const won = choice !== 0 && choices.isWonBy(choice, store.get(place + caseAt));
  const state = store.stateOf(place);
  if (state === RECEIVING) {
    // It was won to be told of the end, or for a value that its bringer could not note down any more.
    if (won) store.setState(place, ENDED);
  } else if (state === SENDING) {
    const value = store.get(place + placeValueAt);
    const offers = store.stateOf(value) === OFFERED && store.get(value + senderAt) === place;
    if (offers && !won) return;
    const refusal = serving.refusal(store.get(place + placeEndAt), store.get(place + placeEndTicketAt));
    if (offers) store.setState(value, refusal === 0 ? BUFFERED : FREE);
    store.setState(place, offers && refusal !== 0 ? refusal : SENT);
  }
  if (!isWaiting(store.stateOf(place))) store.wake(place);
}

/** A value whose sender does not wait any more: it was taken by somebody who died over it, or refused. */
function settleOffered(store: QueueStore, value: number): number {
  const sender = store.get(value + senderAt);
  const state = store.stateOf(sender);
  if (state === SENDING && store.get(sender + placeValueAt) === value) return OFFERED;
  const next = state === SENT && store.get(sender + placeValueAt) === value ? BUFFERED : FREE;
  store.setState(value, next);
  return next;
}

/** Counts a block and finds its list. */
function sortOut(store: QueueStore, block: number, lists: Map<number, number[]>): void {
  let state = store.stateOf(block);
  if (state === OFFERED) state = settleOffered(store, block);
  if (state === FRESH || (state === ERROR && store.get(errorAt) !== block)) store.setState(block, FREE);
  if (state === PERMIT) store.count(reservedAt, 1);
  if (state === SENDING_END) store.count(sendersAt, 1);
  if (state === RECEIVING_END) store.count(receiversAt, 1);
  if (state === BUFFERED) store.count(bufferedAt, 1);
  const list = listOf(state);
  if (list !== 0) lists.set(list, [...(lists.get(list) ?? []), block]);
}

function listOf(state: number): number {
  if (state === BUFFERED) return valuesAt;
  if (state === RECEIVING) return receiveLineAt;
  if (isWaiting(state)) return sendLineAt;
  return state === ATTACHED ? threadsAt : 0;
}
