// Parties: the threads, of whichever process, that use a segment, each with a number of its own, by which locks name their holders. The
// number of a thread in its program would not do: every program counts its own.
//
// A party is four words: **free** 0 or the process, when that was started, the thread in it, how often a reference that it gave out was
// opened. It is claimed by exchanging the first word and never given back, since a lock may still name it. It is **dead** when its
// process is (the system says so; a number that has come round again is told by the time of its start), when it is a zombie, or when its
// thread has ended, as far as this program can know.
import { readFileSync } from "node:fs";
import { add, compareExchange, load, type SharedWords, store } from "../atomics.ts";
import type { Deaths } from "../obituary.ts";
import type { Party } from "../party.ts";
import { nameOfThread, obituary, thisThread } from "../this-thread.ts";

const most = 1024;
const pidAt = 0;
const startedAt = 1;
const threadAt = 2;
const openedAt = 3;
const wordsEach = 4;

/** Words that the parties of a segment take. */
export const partyWords = most * wordsEach;

/** How long an answer of the system holds: asking it takes some ten microseconds. */
const freshMs = 20;

export class Parties implements Party, Deaths {
  readonly deaths: Deaths = this;
  readonly #words: SharedWords;
  readonly #at: number;
  #me = 0;
  /** When a party was last found alive. */
  readonly #seenMs = new Map<number, number>();
  readonly #dead = new Set<number>();

  /** The parties at `words[at]`, all 0 at first. */
  constructor(words: SharedWords, at: number) {
    this.#words = words;
    this.#at = at;
  }

  /** The number of this thread, from 1. Throws a `RangeError` when too many have come before. */
  get me(): number {
    if (this.#me === 0) this.#me = this.#claim();
    return this.#me;
  }

  /** A reference that a party gave out has been opened. */
  opened(party: number): void {
    if (party >= 1 && party <= most) add(this.#words, this.#word(party, openedAt), 1);
  }

  /** How many of those that this thread gave out have been opened. */
  get openedOfMine(): number {
    return load(this.#words, this.#word(this.me, openedAt));
  }

  // ---- the obituary of a segment ----

  /** Whether a party is dead, up to 20 ms late. */
  has(party: number): boolean {
    if (party === this.#me) return false;
    if (this.#dead.has(party)) return true;
    const now = performance.now();
    if (now - (this.#seenMs.get(party) ?? Number.NEGATIVE_INFINITY) < freshMs) return false;
    if (!this.#isDead(party)) {
      this.#seenMs.set(party, now);
      return false;
    }
    this.#dead.add(party);
    return true;
  }

  /** How messages call a party. */
  nameOf(party: number): string {
    const thread = load(this.#words, this.#word(party, threadAt));
    return `${nameOfThread(thread)} of process ${load(this.#words, this.#word(party, pidAt))}`;
  }

  #isDead(party: number): boolean {
    const pid = load(this.#words, this.#word(party, pidAt));
    if (pid === 0) return false;
    if (pid === process.pid) return obituary().has(load(this.#words, this.#word(party, threadAt)));
    const found = startOf(pid);
    if (found === undefined) return true;
    const started = load(this.#words, this.#word(party, startedAt));
    // 0: claimed, and not written yet.
    return started !== 0 && found !== started;
  }

  #claim(): number {
    const started = startOf(process.pid) ?? 0;
    for (let party = 1; party <= most; party++) {
      if (compareExchange(this.#words, this.#word(party, pidAt), 0, process.pid) !== 0) continue;
      store(this.#words, this.#word(party, threadAt), thisThread());
      store(this.#words, this.#word(party, startedAt), started);
      return party;
    }
    throw new RangeError(`An arena between processes serves ${most} threads in its life, and as many have used this one: create another.`);
  }

  #word(party: number, field: number): number {
    return this.#at + (party - 1) * wordsEach + field;
  }
}

/** When a process was started, in the system's ticks (never 0); `undefined` when it is dead, a zombie included. */
function startOf(pid: number): number | undefined {
  let line: string;
  try {
    line = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The name comes in brackets and may hold anything, brackets too.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return undefined;
  return Number(fields[19]) | 0 || 1;
}
