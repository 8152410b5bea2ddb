// Shapes: the lists of keys that decoders meet, each with the way to make an object of it. What has been met before is found by the hash
// that the bytes say, and compared byte by byte, so a wrong hash costs time and nothing else. A shape that comes often gets a constructor
// generated for it, an object literal: five times as fast as defining its properties one by one. (Literals with computed keys, built by
// closures, would need no code generation; they are slower than defining one by one as soon as there are three of them.)
//
// What bounds it: the table has a fixed number of places; a shape leaves its place to another only when it has not been used for as long
// as it was used before; code is generated only after a hundred objects. Keys of any kind are safe: they stand in the code as string
// literals, and a list with `__proto__`, which a literal takes for the prototype, gets no code.
import { setOwn } from "./own-property.ts";
import type { Reader } from "./reader.ts";

/** Places of the table, a power of two. */
const places = 1_024;
/** Longer lists are read anew each time. */
const longestList = 2_048;
/** Objects of a shape until code is generated for it. */
const hotAfter = 100;
/** Uses that can be told; a shape that is replaced by another has lost half of them at each try. */
const mostUses = 1 << 20;

type Make = (values: readonly unknown[], from: number) => object;

/** A list of keys. */
export class Shape {
  readonly keys: readonly string[];
  readonly #list: Uint8Array;
  readonly #hash: number;
  #uses = 0;
  #make: Make | undefined;

  constructor(keys: readonly string[], list: Uint8Array, hash: number) {
    this.keys = keys;
    this.#list = list;
    this.#hash = hash;
  }

  /** An object with these keys as own properties, and as many values beginning at `from`. */
  make(values: readonly unknown[], from: number): object {
    if (this.#make !== undefined) return this.#make(values, from);
    if (this.#uses < mostUses && ++this.#uses === hotAfter) this.#make = generate(this.keys);
    return makeSlowly(this.keys, values, from);
  }

  /** Whether it is the list in the next bytes; then the reader goes on behind them. */
  is(hash: number, length: number, reader: Reader): boolean {
    return this.#hash === hash && this.#list.length === length && reader.skip(this.#list);
  }

  /** Another shape wants its place: whether it has had its time. */
  yields(): boolean {
    this.#uses >>= 1;
    return this.#uses === 0;
  }
}

const table: (Shape | undefined)[] = new Array<undefined>(places).fill(undefined);

/** Reads the definition of a shape, whose tag has been read. */
export function readShape(reader: Reader): Shape {
  const hash = reader.u32();
  const length = reader.length(1);
  const end = reader.position + length;
  const place = hash & (places - 1);
  const known = table[place];
  if (known?.is(hash, length, reader)) return known;
  const list = reader.peek(length);
  const keys: string[] = [];
  for (let left = reader.length(1); left > 0; left--) keys.push(reader.string());
  if (reader.position !== end) reader.corrupt("a list of keys is longer or shorter than it says");
  const shape = new Shape(keys, list.slice(), hash);
  if (length <= longestList && (known === undefined || known.yields())) table[place] = shape;
  return shape;
}

function makeSlowly(keys: readonly string[], values: readonly unknown[], from: number): object {
  const object = {};
  for (let index = 0; index < keys.length; index++) setOwn(object, keys[index] as string, values[from + index]);
  return object;
}

/** Whether this program may generate code; known after the first try. */
let mayGenerate = true;

function generate(keys: readonly string[]): Make | undefined {
  if (!mayGenerate || keys.includes("__proto__")) return undefined;
  const members = keys.map((key, index) => `${JSON.stringify(key)}:values[from+${index}]`);
  try {
    return new Function("values", "from", `return {${members.join(",")}}`) as Make;
  } catch {
    // --disallow-code-generation-from-strings
    mayGenerate = false;
    return undefined;
  }
}
