// The cases of one select that wait upstream: all of them are one operation there, so that exactly one of them can happen.
//
// A case that waits here must not be served while that operation stands, since it may have happened already. Whoever meets such a case
// passes it over and makes the select come back: the operation is withdrawn, and when the answer says that it did not happen the select
// tries its cases here. Two selects that meet like that on one channel of this thread come back one after the other: who is back first stays
// until no other is on its way.
import type { WaitingNode } from "../elsewhere.ts";
import { Answer, BIASED, ONCE } from "./messages.ts";
import type { FarAnswer, FarCase, UpperLink } from "./upper-link.ts";

/** The channel of a case. */
export interface FarTeller {
  tell(node: WaitingNode, answer: FarAnswer): void;
}

/** The select. */
export interface FarOwner {
  /** Nothing has happened upstream, and nothing can. */
  cameBack(): void;
  /** One of its cases can be served by other threads, which cannot make it come back. */
  readonly mustLook: boolean;
}

interface Standing {
  readonly teller: FarTeller;
  readonly far: FarCase;
}

const lookMs = 20;
/** Selects on their way back, and those that wait for them. */
let comingBack = 0;
let waiting: (() => void)[] = [];

function back(): void {
  comingBack--;
  const now = waiting;
  waiting = [];
  for (const each of now) each();
}

export class FarChoice {
  readonly #owner: FarOwner;
  readonly #biased: boolean;
  readonly #cases = new Map<WaitingNode, Standing>();
  #upper: UpperLink | undefined;
  #operation = 0;
  #isComingBack = false;
  #looking: NodeJS.Timeout | undefined;

  constructor(owner: FarOwner, biased: boolean) {
    this.#owner = owner;
    this.#biased = biased;
  }

  /** It stands upstream: nobody may serve a case here. */
  get busy(): boolean {
    return this.#operation !== 0;
  }

  get isEmpty(): boolean {
    return this.#cases.size === 0;
  }

  join(node: WaitingNode, upper: UpperLink, far: FarCase, teller: FarTeller): void {
    this.#upper = upper;
    this.#cases.set(node, { teller, far });
  }

  leave(node: WaitingNode): void {
    this.#cases.delete(node);
  }

  /** Does what is ready upstream, if anything; `cameBack` otherwise. */
  attempt(): void {
    this.#begin(ONCE);
  }

  /** Waits upstream. */
  open(): void {
    if (this.busy || this.isEmpty) return;
    this.#begin(0);
    if (this.#owner.mustLook) this.#looking = setTimeout(() => this.recall(), lookMs);
  }

  #begin(flags: number): void {
    const standing = [...this.#cases];
    const all = flags | (this.#biased ? BIASED : 0);
    this.#operation = (this.#upper as UpperLink).begin(
      standing.map(([, { far }]) => far),
      all,
      (answer) => this.#answered(standing, answer),
    );
  }

  /** Makes it come back, unless it has happened. */
  recall(): void {
    if (!this.busy || this.#isComingBack) return;
    this.#isComingBack = true;
    comingBack++;
    this.#upper?.withdraw(this.#operation);
  }

  /** Whether a case of it may be served here now; it comes back otherwise. */
  get yields(): boolean {
    this.recall();
    return !this.busy;
  }

  /** Goes on when those that are on their way back now have come; false when there are none. */
  static afterOthers(goOn: () => void): boolean {
    if (comingBack === 0) return false;
    waiting.push(goOn);
    return true;
  }

  #answered(standing: readonly (readonly [WaitingNode, Standing])[], answer: FarAnswer): void {
    this.#operation = 0;
    clearTimeout(this.#looking);
    const wasComingBack = this.#isComingBack;
    this.#isComingBack = false;
    const chosen = standing[answer.which];
    if (answer.kind === Answer.WITHDRAWN || answer.kind === Answer.NOT_READY || chosen === undefined) this.#owner.cameBack();
    else {
      this.#cases.delete(chosen[0]);
      chosen[1].teller.tell(chosen[0], answer);
    }
    if (wasComingBack) back();
  }
}
