// atomicCell: one value that threads replace whole, over the cell of versions of memory/.
import { checkCount } from "../../core/durations.ts";
import { allocateWords, type SharedWords } from "../../memory/atomics.ts";
import { partyIn } from "../../memory/party.ts";
import { VersionCell } from "../../memory/version-cell.ts";
import { type SharedArena, takePart } from "./arena.ts";
import { codec } from "./value-codec.ts";

/** Settings of a cell. */
export interface AtomicCellOptions {
  /** Where it lies; without one, in memory of its own. */
  readonly arena?: SharedArena | undefined;
  /** Largest encoded value; default 256. */
  readonly maxBytes?: number | undefined;
}

/** One value that threads share. It travels as an argument without a copy. */
export interface AtomicCell<in out T> {
  /** The value. Waits for nobody. */
  load(): T;
  /** Throws `NotSerializableError`, and `RangeError` for a value that is too large; then nothing has changed. */
  store(value: T): void;
  /** Stores and returns the old value. */
  exchange(value: T): T;
  /** Stores `fn(current)`, again from the start when another thread was faster; returns what it stored. */
  update(fn: (current: T) => T): T;
}

/** Where a cell lies. */
export interface CellPlace {
  readonly buffer: SharedArrayBuffer;
  readonly offset: number;
  readonly maxBytes: number;
}

const defaultMaxBytes = 256;

/** A cell, also one that has travelled. @internal */
export class SharedCell<T> implements AtomicCell<T> {
  readonly #place: CellPlace;
  readonly #cell: VersionCell;

  constructor(place: CellPlace) {
    this.#place = place;
    const words: SharedWords = new Int32Array(place.buffer);
    const { me, deaths } = partyIn(place.buffer);
    this.#cell = new VersionCell(words, place.offset / Int32Array.BYTES_PER_ELEMENT, place.maxBytes, me, deaths);
  }

  static placeOf(cell: SharedCell<unknown>): CellPlace {
    return cell.#place;
  }

  load(): T {
    return codec().decode(this.#cell.load().bytes) as T;
  }

  store(value: T): void {
    this.#cell.store(this.#pack(value));
  }

  exchange(value: T): T {
    return codec().decode(this.#cell.exchange(this.#pack(value))) as T;
  }

  update(fn: (current: T) => T): T {
    for (;;) {
      const { number, bytes } = this.#cell.load();
      const value = fn(codec().decode(bytes) as T);
      if (this.#cell.store(this.#pack(value), number)) return value;
    }
  }

  #pack(value: T): Uint8Array {
    const bytes = codec().encode(value);
    if (bytes.length <= this.#place.maxBytes) return bytes;
    throw new RangeError(
      `The value takes ${bytes.length} bytes, and this cell holds ${this.#place.maxBytes}: make it with a larger maxBytes.`,
    );
  }
}

/** One serializable value that threads read and replace whole, never torn: `load` gives a copy of its own.
 *
 *  @example
 *  ```ts
 *  const settings = atomicCell({ theme: "dark", zoom: 1 });
 *  settings.update((current) => ({ ...current, zoom: current.zoom + 1 }));
 *  console.log(settings.load().zoom); // 2
 *  ```
 */
export function atomicCell<T>(initial: T, options?: AtomicCellOptions): AtomicCell<T> {
  const maxBytes = checkCount("The option maxBytes", options?.maxBytes ?? defaultMaxBytes, 1);
  const words = VersionCell.size(maxBytes);
  const place = options?.arena === undefined ? { buffer: allocateWords(words).buffer, offset: 0 } : takePart(options.arena, 4 * words);
  const cell = new SharedCell<T>({ ...place, maxBytes });
  cell.store(initial);
  return cell;
}
