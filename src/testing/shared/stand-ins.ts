// What the code under test finds on the global object while it is explored: an `Atomics`, a `SharedArrayBuffer`, typed arrays and
// clocks that belong to the model. They stand there only while a body, a set-up or a check runs, synchronously, so nothing else in
// the program ever meets them.
//
// Typed arrays over modelled memory are proxies, so that a plain access is a step as an atomic one is. The methods that go through
// the whole array are those of `Array`, which are generic and so make one step of each element.
import { UnsupportedError } from "../../contract/errors.ts";
import { type AtomicsTable, exchangeAtomics } from "../../memory/atomics.ts";
import { type Access, type ModelledMemory, type View, viewTypes } from "./modelled-memory.ts";

/** Who takes the steps of the body that runs. */
export interface StepTaker {
  /** The result of the access, or a throw that ends this execution of the body. */
  take(access: Access): unknown;
  /** The time of the thread: it moves only when a wait times out. */
  readonly nowMs: number;
  /** A wait on memory that nobody else has: nothing but time can end it. */
  pass(timeoutMs: number): void;
}

interface Place {
  readonly target: View;
  readonly type: number;
  /** Of its first element, counted in the whole block. */
  readonly start: number;
}

const names = ["load", "store", "add", "sub", "and", "or", "xor", "exchange", "compareExchange"] as const;
const replaced = [...viewTypes.map(({ name }) => name), "SharedArrayBuffer", "DataView"];

export class StandIns {
  readonly #memory: ModelledMemory;
  readonly #real: AtomicsTable;
  readonly #places = new WeakMap<object, Place>();
  readonly #table: AtomicsTable;
  readonly #globals = new Map<string, unknown>();
  readonly #elements: ProxyHandler<View>;
  /** `undefined` during set-up and check, which work on the buffers themselves. */
  #taker: StepTaker | undefined;

  constructor(memory: ModelledMemory, real: AtomicsTable) {
    this.#memory = memory;
    this.#real = real;
    this.#table = this.#makeTable();
    this.#elements = { get: (target, key) => this.#get(target, key), set: (target, key, value) => this.#set(target, key, value) };
    viewTypes.forEach((type, index) => {
      this.#globals.set(type.name, new Proxy(type, { construct: (_, values, asked) => this.#construct(index, values, asked) }));
    });
    this.#globals.set("SharedArrayBuffer", this.#makeBufferType());
    this.#globals.set("DataView", this.#makeDataViewType());
  }

  /** Runs `fn` with the stand-ins in place. */
  around<R>(fn: () => R): R {
    const originals = replaced.map((name) => [name, Reflect.get(globalThis, name)] as const);
    const realNow = Date.now;
    const previous = exchangeAtomics(this.#table);
    for (const name of replaced) Reflect.set(globalThis, name, this.#globals.get(name));
    // An own property hides the method of the prototype, and deleting it brings that back.
    Object.defineProperty(performance, "now", { value: () => this.#taker?.nowMs ?? 0, configurable: true, writable: true });
    Date.now = () => this.#taker?.nowMs ?? 0;
    try {
      return fn();
    } finally {
      Date.now = realNow;
      Reflect.deleteProperty(performance, "now");
      for (const [name, original] of originals) Reflect.set(globalThis, name, original);
      exchangeAtomics(previous);
      this.#taker = undefined;
    }
  }

  /** From here to the end of `around`, accesses are steps. */
  takeSteps(taker: StepTaker): void {
    this.#taker = taker;
  }

  #makeBufferType(): typeof SharedArrayBuffer {
    return new Proxy(SharedArrayBuffer, {
      construct: (target, [byteLength, options], asked) => {
        // A buffer that a body makes is its own: no other thread can get hold of it.
        if (this.#taker !== undefined || options !== undefined) return Reflect.construct(target, [byteLength, options], asked);
        return this.#memory.allocate(Number(byteLength ?? 0));
      },
    });
  }

  #makeDataViewType(): typeof DataView {
    return new Proxy(DataView, {
      construct: (target, values, asked) => {
        if (this.#memory.startOf(values[0] as ArrayBufferLike) === undefined) return Reflect.construct(target, values, asked);
        throw new UnsupportedError("A DataView over modelled memory cannot be explored; use a typed array.", "DataView");
      },
    });
  }

  #construct(type: number, values: readonly unknown[], asked: unknown): object {
    const viewType = viewTypes[type] as (typeof viewTypes)[number];
    const newTarget = asked === this.#globals.get(viewType.name) ? viewType : (asked as typeof viewType);
    const target = Reflect.construct(viewType, this.#plainValues(values), newTarget) as View;
    const start = this.#memory.startOf(target.buffer);
    if (start === undefined) return target;
    const place = { target, type, start: (start + target.byteOffset) / viewType.BYTES_PER_ELEMENT };
    const proxy = new Proxy(target, this.#elements);
    this.#places.set(target, place);
    this.#places.set(proxy, place);
    return proxy;
  }

  /** A modelled view as the source of a copy is read element by element. */
  #plainValues(values: readonly unknown[]): readonly unknown[] {
    const [first, ...rest] = values;
    return this.#places.has(first as object) ? [Array.from(first as Iterable<unknown>), ...rest] : values;
  }

  #get(target: View, key: string | symbol): unknown {
    if (this.#taker !== undefined && isIndex(key))
      return Number(key) < target.length ? this.#element("read", target, Number(key), []) : undefined;
    const value: unknown = Reflect.get(target, key, target);
    if (typeof value !== "function" || key === "constructor") return value;
    if (key === "subarray") {
      const { name, BYTES_PER_ELEMENT } = viewTypes[this.#place(target).type] as typeof Int32Array;
      return (begin?: number, end?: number) => {
        const part = (target as Int32Array).subarray(begin, end);
        const type = this.#globals.get(name) as typeof Int32Array;
        return new type(part.buffer as ArrayBuffer, part.byteOffset, part.byteLength / BYTES_PER_ELEMENT);
      };
    }
    if (key === "set") return setElements;
    const generic: unknown = Reflect.get(Array.prototype, key);
    if (typeof generic === "function") return generic;
    throw new UnsupportedError(`${String(key)} of an array over modelled memory cannot be explored; go element by element.`, String(key));
  }

  #set(target: View, key: string | symbol, value: unknown): boolean {
    if (this.#taker === undefined || !isIndex(key)) return Reflect.set(target, key, value, target);
    if (Number(key) < target.length) this.#element("write", target, Number(key), [value as number]);
    return true;
  }

  #element(name: string, view: object, index: number, values: readonly (number | bigint)[]): unknown {
    const { type, start } = this.#place(view);
    return (this.#taker as StepTaker).take({ name, type, at: start + index, values });
  }

  #place(view: object): Place {
    return this.#places.get(view) as Place;
  }

  #makeTable(): AtomicsTable {
    const real = this.#real as unknown as Readonly<Record<string, (...values: readonly unknown[]) => unknown>>;
    const step = (name: string, private_: (view: object, index: number, ...values: readonly number[]) => unknown) => {
      return (view: object, index: number, ...values: readonly number[]): unknown => {
        const place = this.#places.get(view);
        if (this.#taker === undefined || place === undefined) return private_(place?.target ?? view, index, ...values);
        if (!(index >= 0 && index < place.target.length)) throw new RangeError("Invalid atomic access index");
        return this.#element(name, view, index, values);
      };
    };
    const table: Record<string, unknown> = { isLockFree: real["isLockFree"], pause: () => {}, [Symbol.toStringTag]: "Atomics" };
    for (const name of names) table[name] = step(name, (view, index, ...values) => real[name]?.(view, index, ...values));
    table["notify"] = step("notify", () => 0);
    table["wait"] = step("wait", (view, index, value, timeoutMs = Number.POSITIVE_INFINITY) => {
      if (real["load"]?.(view, index) !== value) return "not-equal";
      this.#taker?.pass(timeoutMs);
      return "timed-out";
    });
    table["waitAsync"] = () => {
      throw new UnsupportedError("waitAsync cannot be explored: a body is synchronous. Model the same steps with wait.", "waitAsync");
    };
    return table as unknown as AtomicsTable;
  }
}

function isIndex(key: string | symbol): key is string {
  if (typeof key !== "string") return false;
  const first = key.charCodeAt(0);
  return first >= 48 && first <= 57;
}

function setElements(this: Record<number, unknown>, source: ArrayLike<unknown>, offset = 0): void {
  for (let index = 0; index < source.length; index++) this[offset + index] = source[index];
}
