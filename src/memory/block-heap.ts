// Blocks of shared memory: given out, taken back, given out again, by whoever holds the guard of the structure that lives in them. Sizes
// are powers of two with a list of free blocks for each (Knuth's buddy system without the joining): a block once cut stays one, so the
// heap can be walked from its beginning at any time, and its lists made anew when a thread has died in the middle of a step.
//
// A buffer that may grow does so in place. Views of a fixed length are laid over it and renewed, since those that follow the length
// of their buffer cost eight times as much per access.
//
// Layout of a block: its class (the power of two, in words), its state, then twelve words that belong to the kind of block, then bytes.
// Blocks are named by the index of their first word; 0 means none.
import { type SharedWords, store } from "./atomics.ts";

/** The state of a block that nobody uses. */
export const FREE = 0;

/** Where the state of a block stands: one store changes it, so it is the truth whatever else is half done. */
export const stateAt = 1;
/** The neighbours in whichever list it is in. */
export const previousAt = 2;
export const nextAt = 3;
/** Words of a block before its bytes. */
export const blockHeader = 14;

const smallestClass = 4;
const largestClass = 27;

/** Younger than the library that this is written against. */
interface GrowableBuffer {
  readonly growable?: boolean;
  readonly maxByteLength?: number;
  grow?(byteLength: number): void;
}

export class BlockHeap {
  words: SharedWords;
  bytes: Uint8Array<SharedArrayBuffer>;
  readonly #endAt: number;
  readonly #freeAt: number;
  readonly #start: number;

  /** The heap behind the first `headerWords` of a buffer. The word at `endAt` and the `BlockHeap.lists` from `freeAt` belong to it. */
  constructor(buffer: SharedArrayBuffer, headerWords: number, endAt: number, freeAt: number) {
    this.words = new Int32Array(buffer, 0, Math.floor(buffer.byteLength / 4));
    this.bytes = new Uint8Array(buffer, 0, buffer.byteLength);
    this.#start = headerWords;
    this.#endAt = endAt;
    this.#freeAt = freeAt;
  }

  /** How many lists of free blocks there are: a word for each. */
  static readonly lists: number = largestClass + 1;

  /** Call it under the guard, before anything else: another thread may have made the buffer grow. */
  renew(): void {
    if (this.#end > this.words.length) this.#lay();
  }

  /** A block with room for so many bytes, in no state yet. `RangeError` when the buffer cannot grow any more. */
  allocate(byteLength: number): number {
    const size = blockHeader + Math.ceil(byteLength / 4);
    const sizeClass = Math.max(smallestClass, 32 - Math.clz32(size - 1));
    if (sizeClass > largestClass) throw new RangeError(`A value of ${byteLength} bytes is too large for shared memory; send it in parts.`);
    const listAt = this.#freeAt + sizeClass;
    const reused = this.words[listAt] as number;
    if (reused === 0) return this.#cut(sizeClass);
    this.words[listAt] = this.words[reused + nextAt] as number;
    return reused;
  }

  /** Takes a block back, which is in no list. */
  free(block: number): void {
    store(this.words, block + stateAt, FREE);
    this.#keep(block);
  }

  /** All blocks, in order of memory. */
  *blocks(): Generator<number> {
    const end = this.#end;
    for (let block = this.#start; block < end; block += 1 << (this.words[block] as number)) yield block;
  }

  /** Makes the lists of free blocks anew. */
  rebuild(): void {
    for (let list = 0; list < BlockHeap.lists; list++) this.words[this.#freeAt + list] = 0;
    for (const block of this.blocks()) if (this.words[block + stateAt] === FREE) this.#keep(block);
  }

  get #end(): number {
    // Fresh memory says 0.
    return Math.max(this.#start, this.words[this.#endAt] as number);
  }

  #keep(block: number): void {
    const listAt = this.#freeAt + (this.words[block] as number);
    this.words[block + nextAt] = this.words[listAt] as number;
    this.words[listAt] = block;
  }

  #cut(sizeClass: number): number {
    const block = this.#end;
    const end = block + (1 << sizeClass);
    if (end > this.words.length) this.#grow(end * 4);
    this.words[block] = sizeClass;
    // The last step: until now the block is not there.
    this.words[this.#endAt] = end;
    return block;
  }

  #grow(byteLength: number): void {
    const { buffer } = this.words;
    const growable = buffer as SharedArrayBuffer & GrowableBuffer;
    const largest = growable.maxByteLength ?? buffer.byteLength;
    if (byteLength > largest) {
      throw new RangeError(`What waits in shared memory would take more than ${largest} bytes: bound the channel, or receive faster.`);
    }
    growable.grow?.(Math.min(largest, Math.max(byteLength, buffer.byteLength * 2)));
    this.#lay();
  }

  #lay(): void {
    const { buffer } = this.words;
    this.words = new Int32Array(buffer, 0, Math.floor(buffer.byteLength / 4));
    this.bytes = new Uint8Array(buffer, 0, buffer.byteLength);
  }
}
