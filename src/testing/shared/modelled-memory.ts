// Shared memory as the explorer sees it: all buffers of one set-up side by side in one block, which is saved, restored and
// changed one access at a time.
//
// `setup` runs anew for each execution of a body, since a thread has its own copies of all objects and shares memory alone. The
// n-th buffer that it makes is the same buffer each time. Set-up works on those buffers as usual (*scratch*); from then on nobody
// looks at them, and every access is a step on the block, until `check` is shown the final memory in them.

/** Arrays that can lie in shared memory. */
type TypedArrayType = (typeof viewTypes)[number];
export const viewTypes = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;
export type View = InstanceType<TypedArrayType>;

/** One access to the memory: a step of a thread. */
export interface Access {
  /** A method of `Atomics`, or a plain `read` or `write`. */
  readonly name: string;
  /** Index in `viewTypes`. */
  readonly type: number;
  /** The element, counted in the whole block. */
  readonly at: number;
  readonly values: readonly (number | bigint)[];
}

type RealAtomics = Readonly<Record<string, (view: View, at: number, ...values: readonly (number | bigint)[]) => number | bigint>>;

// By their own names, because the code below also runs while stand-ins have taken the global ones.
const Bytes = Uint8Array;
const RealSharedArrayBuffer = SharedArrayBuffer;

/** Buffers begin at multiples of this, so that each kind of array can be laid over the block. */
const alignment = 8;

export class ModelledMemory {
  readonly #real: RealAtomics;
  readonly #buffers: SharedArrayBuffer[] = [];
  readonly #starts = new Map<ArrayBufferLike, number>();
  /** Buffers handed out in this set-up. */
  #taken = 0;
  #size = 0;
  #block = new Bytes(0);
  #views: readonly View[] = [];

  constructor(real: unknown) {
    this.#real = real as RealAtomics;
  }

  /** A buffer of zeros for the set-up that runs: the same one each time. */
  allocate(byteLength: number): SharedArrayBuffer {
    const known = this.#buffers[this.#taken];
    if (known !== undefined && known.byteLength === byteLength) {
      new Bytes(known).fill(0);
      this.#taken++;
      return known;
    }
    if (this.#views.length > 0) throw new TypeError("setup must allocate the same shared memory each time it runs.");
    const buffer = new RealSharedArrayBuffer(byteLength);
    this.#starts.set(buffer, this.#size);
    this.#size += Math.ceil(byteLength / alignment) * alignment;
    this.#taken = this.#buffers.push(buffer);
    return buffer;
  }

  /** A set-up begins. */
  rewind(): void {
    this.#taken = 0;
  }

  /** The first set-up is over: what it has left in the buffers is the initial memory, which is returned. */
  seal(): Uint8Array {
    const block = new ArrayBuffer(this.#size);
    this.#block = new Bytes(block);
    for (const [buffer, start] of this.#starts) this.#block.set(new Bytes(buffer), start);
    this.#views = viewTypes.map((type) => new type(block, 0, Math.floor(block.byteLength / type.BYTES_PER_ELEMENT)));
    return this.save();
  }

  /** Where a buffer begins in the block; `undefined` for one that no set-up has made. */
  startOf(buffer: ArrayBufferLike): number | undefined {
    return this.#starts.get(buffer);
  }

  save(): Uint8Array {
    return this.#block.slice();
  }

  restore(bytes: Uint8Array): void {
    this.#block.set(bytes);
  }

  /** Shows memory in the buffers, for code that runs outside the search. */
  expose(bytes: Uint8Array): void {
    for (const [buffer, start] of this.#starts) new Bytes(buffer).set(bytes.subarray(start, start + buffer.byteLength));
  }

  /** What an element holds. */
  peek({ type, at }: Access): number | bigint {
    return this.#views[type]?.[at] as number | bigint;
  }

  /** Does what the access says and returns what it gives. Not for `wait` and `notify`, which change no memory. */
  apply({ name, type, at, values }: Access): number | bigint | undefined {
    const view = this.#views[type] as View;
    if (name === "read") return view[at];
    if (name === "write") {
      (view as unknown as { [at: number]: unknown })[at] = values[0];
      return undefined;
    }
    return this.#real[name]?.(view, at, ...values);
  }
}

/** An access in words, such as `compareExchange(Int32Array[3], 0, 1)`. */
export function describeAccess({ name, type, at, values }: Access): string {
  return `${name}(${[`${viewTypes[type]?.name}[${at}]`, ...values.map(String)].join(", ")})`;
}
