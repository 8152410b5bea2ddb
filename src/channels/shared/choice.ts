// The choice of a select among cases that other threads can serve, as its own thread sees it (`memory/choices.ts` is the word).
//
// Invariants
// - While nothing is open nobody serves it. Whatever this thread does to a case, it does with the choice held.
// - Held without being served, it is opened again at the end of the synchronous stretch: a case was only looked at.
// - Before it opens it looks at all its cases, again and again until nobody was passed over meanwhile. So whoever comes to a queue after
//   that look finds it open, and whoever came before is found by it.
import { choices, returnChoice, takeChoice } from "../../memory/choice-table.ts";
import type { WaitingNode } from "../elsewhere.ts";
import type { SharedLine } from "./line.ts";

/** A case in a line of a channel between threads. */
interface Standing {
  readonly line: SharedLine;
  readonly node: WaitingNode;
}

export class SharedChoice {
  readonly #isOpen: () => boolean;
  readonly #standing = new Map<number, Standing>();
  #word = 0;
  #cases = 0;
  #held = false;
  /** What other threads have chosen is being told. */
  #telling = false;

  /** `isOpen`: the select waits. */
  constructor(isOpen: () => boolean) {
    this.#isOpen = isOpen;
  }

  /** The word, for a place of this choice. */
  get word(): number {
    if (this.#word === 0) {
      this.#word = takeChoice();
      choices().hold(this.#word);
      this.#held = true;
    }
    return this.#word;
  }

  /** A number for a case that goes into line. */
  nextCase(): number {
    this.#cases = (this.#cases + 1) & 0xff_ffff;
    return this.#cases;
  }

  /** A case has gone into line. */
  join(which: number, line: SharedLine, node: WaitingNode): void {
    this.#standing.set(which, { line, node });
    this.#held = choices().hold(this.word);
  }

  /** It has left, and no place mentions it. */
  leave(which: number): void {
    this.#standing.delete(which);
    if (this.#standing.size > 0 || this.#word === 0) return;
    choices().close(this.#word);
    returnChoice(this.#word);
    this.#word = 0;
    this.#held = false;
  }

  /** Keeps other threads from serving it, for this synchronous stretch; false when one of them has. */
  hold(): boolean {
    if (this.#word === 0 || this.#held || this.#telling) return true;
    if (!choices().hold(this.#word)) return false;
    this.#held = true;
    queueMicrotask(() => {
      if (this.#held && this.#isOpen()) this.open();
    });
    return true;
  }

  /** Looks at all cases, and lets other threads serve them. That may end the round. */
  open(): void {
    if (this.#word === 0) return;
    if (!choices().hold(this.#word)) return;
    this.#held = true;
    do {
      for (const { line, node } of [...this.#standing.values()]) {
        if (line.lookAt(node)) return;
      }
    } while (!choices().open(this.#word));
    this.#held = false;
    for (const { line } of [...this.#standing.values()]) line.arrived();
  }

  /** The select waits. */
  get isOpen(): boolean {
    return this.#isOpen();
  }

  /** Another thread has told it to look again. */
  get reminded(): boolean {
    return this.#word !== 0 && choices().isReminded(this.#word);
  }

  /** Another thread has chosen: tells the select. */
  collect(): boolean {
    for (const [which, { line, node }] of this.#standing) if (choices().isWonBy(this.#word, which)) return line.collect(node);
    return false;
  }

  /** Tells the select what other threads have chosen, or what it has found itself. */
  tell(fn: () => void): void {
    this.#telling = true;
    try {
      fn();
    } finally {
      this.#telling = false;
    }
  }

  /** The round is over. */
  close(): void {
    if (this.#word !== 0) choices().close(this.#word);
    this.#held = false;
  }
}
