// Who this thread is in a piece of shared memory, and what it knows of the others there: between threads the thread of the program, in a
// segment a party of its own (segment/parties.ts).
import type { Deaths } from "./obituary.ts";
import { nameOfThread, obituary, thisThread } from "./this-thread.ts";

export interface Party {
  /** The number of this thread there, from 1. */
  readonly me: number;
  readonly deaths: Deaths;
  /** How messages call one of the others. */
  nameOf(number: number): string;
}

let threads: Party | undefined;
const elsewhere = new WeakMap<ArrayBufferLike, Party>();

/** Says who this thread is in memory that others than threads of this program share. */
export function setParty(buffer: ArrayBufferLike, party: Party): void {
  elsewhere.set(buffer, party);
}

/** Who this thread is in the memory of a buffer. */
export function partyIn(buffer: ArrayBufferLike): Party {
  const party = elsewhere.get(buffer);
  if (party !== undefined) return party;
  threads ??= { me: thisThread(), deaths: obituary(), nameOf: nameOfThread };
  return threads;
}
