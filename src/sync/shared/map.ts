// SharedMap: a hash map of bounded entries for all threads that have it, over the record map of memory/.
import { DeadlockError } from "../../contract/errors.ts";
import { partyIn } from "../../memory/party.ts";
import { ABSENT, FULL, type MapShape, PUT, RecordMap } from "../../memory/record-map.ts";
import { codec } from "./value-codec.ts";

/** Settings of a map. */
export interface MapOptions {
  /** Bytes of a key and its value together, encoded, at most. Default 256. */
  readonly entryBytes?: number | undefined;
}

/** How often `update` is overtaken before it keeps the others out. */
const patience = 8;

/** A hash map of fixed capacity for all threads that have it: pass it as an argument. Keys and values are copies, found by what they are. Every
 *  operation is one step in the eyes of others; it blocks the thread for the few steps that others take, never for their code.
 *
 *  @example
 *  ```ts
 *  const stock = SharedArena.create(65_536).map<string, number>(100);
 *  stock.set("apples", 3);
 *  stock.update("apples", (count) => (count ?? 0) + 1);
 *  console.log([...stock]); // [ [ 'apples', 4 ] ]
 *  ```
 */
export class SharedMap<in out K extends string | number | bigint, in out V> implements Iterable<[K, V]> {
  readonly #shape: MapShape;
  readonly #map: RecordMap;
  #updating = false;

  /** @internal */
  constructor(shape: MapShape) {
    this.#shape = shape;
    const { me, deaths } = partyIn(shape.buffer);
    this.#map = new RecordMap(shape, me, deaths);
  }

  /** How it travels. @internal */
  static placeOf(map: SharedMap<string | number | bigint, unknown>): MapShape {
    return map.#shape;
  }

  /** Entries. */
  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    const found = this.#open().get(packKey(key));
    return found && (codec().decode(found.value) as V);
  }

  has(key: K): boolean {
    return this.#open().has(packKey(key));
  }

  /** `RangeError` for a new key when it is full, and for an entry that is too large; `NotSerializableError` for what cannot travel. Then
   *  nothing has changed. */
  set(key: K, value: V): void {
    const bytes = packKey(key);
    if (this.#open().put(bytes, this.#pack(key, bytes, value)) === FULL) throw this.#full(key);
  }

  /** False when it was not there. */
  delete(key: K): boolean {
    return this.#open().delete(packKey(key));
  }

  /** Replaces the value by what `fn` makes of it, atomically, and returns it: `fn` is called again when another thread was faster, and when that
   *  happens often, once more while all others wait. So it must be quick and pure; it cannot use the map itself (`DeadlockError`). What
   *  it throws is thrown, and nothing has changed. */
  update(key: K, fn: (value: V | undefined) => V): V {
    const map = this.#open();
    const bytes = packKey(key);
    let value: V | undefined;
    const make = (before: Uint8Array | undefined): Uint8Array => {
      this.#updating = true;
      try {
        value = fn(before && (codec().decode(before) as V));
        return this.#pack(key, bytes, value);
      } finally {
        this.#updating = false;
      }
    };
    for (let tries = 0; ; tries++) {
      const found = map.get(bytes);
      const outcome = tries < patience ? map.put(bytes, make(found?.value), found?.version ?? ABSENT) : map.putInside(bytes, make);
      if (outcome === PUT) return value as V;
      if (outcome === FULL) throw this.#full(key);
    }
  }

  clear(): void {
    this.#open().clear();
  }

  /** The entries of the moment in which the iteration begins, in no order. */
  *[Symbol.iterator](): Iterator<[K, V]> {
    for (const [key, value] of this.#open().entries()) yield [codec().decode(key) as K, codec().decode(value) as V];
  }

  #open(): RecordMap {
    if (!this.#updating) return this.#map;
    throw new DeadlockError("The function given to `update` uses the same map. Read what it needs before, or change the rest after it.", [
      "update of a shared map",
    ]);
  }

  #pack(key: K, keyBytes: Uint8Array, value: V): Uint8Array {
    const bytes = codec().encode(value);
    if (keyBytes.length + bytes.length <= this.#shape.entryBytes) return bytes;
    throw new RangeError(
      `The entry ${show(key)} takes ${keyBytes.length} bytes for its key and ${bytes.length} for its value, and this map holds ${this.#shape.entryBytes} for both: make it with larger entryBytes.`,
    );
  }

  #full(key: K): RangeError {
    return new RangeError(
      `The shared map is full: it holds ${this.#shape.capacity} entries, and ${show(key)} is not among them. Delete some, or make it larger.`,
    );
  }
}

/** The bytes of a key. Equal keys have equal bytes, as keys of a `Map` are equal: 0 is -0. */
function packKey(key: string | number | bigint): Uint8Array {
  if (typeof key === "string" || typeof key === "bigint") return codec().encode(key);
  if (typeof key === "number") return codec().encode(key === 0 ? 0 : key);
  throw new TypeError(`The keys of a shared map are strings, numbers and bigints, not ${key === null ? "null" : typeof key}.`);
}

function show(key: string | number | bigint): string {
  const text = typeof key === "string" ? JSON.stringify(key) : typeof key === "bigint" ? `${key}n` : String(key);
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}
