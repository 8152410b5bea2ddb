// Segment: memory without a name that several processes map. It is found through a descriptor of a process that has it open
// (`/proc/PID/fd/N`, which the system opens for the same user only), so nothing is left behind, whoever crashes: the memory is free when
// the last descriptor and the last mapping are gone.
//
// Header, words of 32 bits: a number that no other segment has (two words, compared after opening: descriptors are used again), then the
// parties (parties.ts).
//
// Invariants
// - A mapping ends when its buffer is collected, so never under a live view.
// - Whoever has sent a segment keeps it open until as many have opened it: its own program may have forgotten it by then.
import { closeSync, openSync } from "node:fs";
import { UnsupportedError } from "../../contract/errors.ts";
import { load, type SharedWords, store } from "../atomics.ts";
import { setParty } from "../party.ts";
import { setExternalWords } from "./external-words.ts";
import { nativeMemory } from "./native.ts";
import { Parties, partyWords } from "./parties.ts";
import { pollWord } from "./polled-waits.ts";
import { type SegmentReference, setOpener, setReference } from "./travel.ts";

const tokenAt = 0;
const partiesAt = 4;
/** Bytes before those that are given out. */
export const segmentHeaderBytes = (partiesAt + partyWords) * Int32Array.BYTES_PER_ELEMENT;

class Segment {
  readonly bytes: number;
  readonly descriptor: number;
  readonly address: bigint;
  readonly parties: Parties;
  readonly words: SharedWords;
  /** References that were given out. */
  sent = 0;

  constructor(descriptor: number, bytes: number, buffer: ArrayBuffer, address: bigint) {
    this.descriptor = descriptor;
    this.address = address;
    this.bytes = bytes;
    this.words = new Int32Array(buffer) as unknown as SharedWords;
    this.parties = new Parties(this.words, partiesAt);
    setParty(buffer, this.parties);
    setExternalWords(buffer, {
      wait: (at, value, timeoutMs) => nativeMemory().wait(address + BigInt(at), value, timeoutMs),
      waitAsync: pollWord,
      wake: (at, count) => nativeMemory().wake(address + BigInt(at), count),
    });
  }

  get number(): string {
    return numberOf(load(this.words, tokenAt), load(this.words, tokenAt + 1));
  }
}

const numberOf = (low: number, high: number): string => `${low}:${high}`;

const segments = new WeakMap<ArrayBufferLike, Segment>();
/** Buffers of this thread by the number of their segment. */
const known = new Map<string, WeakRef<ArrayBuffer>>();
/** Sent, and not opened as often. */
const travelling = new Set<ArrayBuffer>();

interface Mapping {
  readonly address: bigint;
  readonly bytes: number;
  readonly descriptor: number;
  readonly number: string;
}

const mappings = new FinalizationRegistry<Mapping>(({ address, bytes, descriptor, number }) => {
  if (known.get(number)?.deref() === undefined) known.delete(number);
  nativeMemory().unmap(address, bytes);
  closeSync(descriptor);
});

/** A fresh segment with room for so many bytes behind its header. Throws `UnsupportedError` where it cannot be had. */
export function createSegment(bytes: number): SharedArrayBuffer {
  const total = segmentHeaderBytes + bytes;
  const descriptor = nativeMemory().create(total);
  const buffer = mapped(descriptor, total);
  const words = new Int32Array(buffer) as unknown as SharedWords;
  // A descriptor that is used again belongs to a segment made at another time.
  const born = process.hrtime.bigint();
  store(words, tokenAt, Number(BigInt.asIntN(32, born)));
  store(words, tokenAt + 1, Number(BigInt.asIntN(32, born >> 32n)) ^ process.pid);
  enter(buffer);
  return asShared(buffer);
}

/** The segment that a reference means, the same buffer each time on one thread. Throws `UnsupportedError` when it is gone, or not to be
 *  had here. */
export function openSegment(reference: SegmentReference): SharedArrayBuffer {
  const number = numberOf(reference.low, reference.high);
  let buffer = known.get(number)?.deref();
  if (buffer === undefined) {
    buffer = mapped(openDescriptor(reference), reference.bytes);
    const words = new Int32Array(buffer);
    const isIt = words[tokenAt] === reference.low && words[tokenAt + 1] === reference.high;
    // Unmapped in either case when it is collected.
    enter(buffer);
    if (!isIt) throw gone(reference);
  }
  (segments.get(buffer) as Segment).parties.opened(reference.party);
  return asShared(buffer);
}

/** A reference to hand out. The segment stays open until it has been opened. */
function refer(buffer: ArrayBufferLike): SegmentReference {
  const segment = segments.get(buffer) as Segment;
  sweep();
  segment.sent++;
  travelling.add(buffer as ArrayBuffer);
  const { words, descriptor, bytes, parties } = segment;
  return { pid: process.pid, descriptor, bytes, low: load(words, tokenAt), high: load(words, tokenAt + 1), party: parties.me };
}

/** Whether a buffer is a segment. */
export function isSegment(buffer: ArrayBufferLike): boolean {
  return segments.has(buffer);
}

/** It is shared, whatever the engine calls it. */
const asShared = (buffer: ArrayBuffer): SharedArrayBuffer => buffer as unknown as SharedArrayBuffer;

/** Lets go of those that have arrived. */
function sweep(): void {
  for (const buffer of travelling) {
    const segment = segments.get(buffer) as Segment;
    if (segment.parties.openedOfMine >= segment.sent) travelling.delete(buffer);
  }
}

function mapped(descriptor: number, bytes: number): ArrayBuffer {
  try {
    const { address, buffer } = nativeMemory().map(descriptor, bytes);
    const segment = new Segment(descriptor, bytes, buffer, address);
    segments.set(buffer, segment);
    setReference(buffer, () => refer(buffer));
    return buffer;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** From here on it is found by its number, and unmapped when it is collected. */
function enter(buffer: ArrayBuffer): void {
  const { address, bytes, descriptor, number } = segments.get(buffer) as Segment;
  known.set(number, new WeakRef(buffer));
  mappings.register(buffer, { address, bytes, descriptor, number });
}

function openDescriptor(reference: SegmentReference): number {
  try {
    return openSync(`/proc/${reference.pid}/fd/${reference.descriptor}`, "r+");
  } catch (cause) {
    throw gone(reference, cause);
  }
}

function gone({ pid }: SegmentReference, cause?: unknown): UnsupportedError {
  const message = `The shared memory of process ${pid} is gone, or this process may not open it: keep its arena for as long as others are to find it.`;
  return new UnsupportedError(message, "shared memory between processes", cause === undefined ? undefined : { cause });
}

setOpener(openSegment);
