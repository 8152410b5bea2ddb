// The receivers of a shared ring in this thread.
import { notReady } from "../../core/clause.ts";
import type { ChangeWord } from "../../memory/change-word.ts";
import { CLOSED, NO_ROUNDS, NOT_NOW, type SlotRing } from "../../memory/slot-ring.ts";
import type { Change } from "./change-line.ts";
import { codec, errorWithin } from "./value-codec.ts";

/** What is wanted: the value, or the step of an iteration. */
export type Request = "value" | "step";

/** A value that was taken out. */
interface Taken {
  readonly value: unknown;
}

const nothing = new Uint8Array(0);

export class Receiving implements Change<unknown, Request> {
  readonly waitingFor = "a value from a shared ring";
  readonly word: ChangeWord;
  readonly #ring: SlotRing;
  /** Taken out for somebody who left meanwhile: the next ones get it. */
  readonly #ahead: Taken[] = [];

  constructor(ring: SlotRing) {
    this.#ring = ring;
    this.word = ring.filled;
  }

  seen(): number {
    return this.#ring.seen;
  }

  attempt(request: Request, rounds: number): unknown {
    const taken = this.#take(rounds !== NO_ROUNDS);
    if (taken === notReady) return notReady;
    if (request === "value") return taken?.value;
    return taken === undefined ? { value: undefined, done: true } : { value: taken.value, done: false };
  }

  putBack(result: unknown): void {
    // Of the end of the values everybody is told anew.
    this.#ahead.push({ value: result });
  }

  giveUp(): void {}

  /** The value, `undefined` at the end, `notReady` when the time ran out. */
  receiveSync(timeoutMs: number): unknown {
    const outcome = this.#ring.waitSync(this.word, timeoutMs, () => {
      const taken = this.#take(true);
      return taken === notReady ? NOT_NOW : { taken };
    });
    return outcome === NOT_NOW ? notReady : outcome.taken?.value;
  }

  close(error: unknown): void {
    this.#ring.close(error === undefined ? nothing : errorWithin(error, this.#ring.longestLast));
  }

  /** `undefined` at the end. Throws the error that was given to `close`. */
  #take(waits: boolean): Taken | undefined | typeof notReady {
    const ahead = this.#ahead.shift();
    if (ahead !== undefined) return ahead;
    const record = this.#ring.take(waits);
    if (record === NOT_NOW) return notReady;
    if (record !== CLOSED) return { value: codec().decode(record) };
    const last = this.#ring.last as Uint8Array;
    if (last.length > 0) throw codec().decodeError(last);
    return undefined;
  }
}
