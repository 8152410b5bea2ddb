// Records in shared memory: a long word for each field, whatever its type, so that each read and write is one atomic access and no
// field shares a word with another. Floating-point values are stored by their bits.
import { load, loadLong, type SharedLongs, type SharedWords, store, storeLong } from "./atomics.ts";

/** Types of struct fields. */
export type FieldType = "i8" | "u8" | "i16" | "u16" | "i32" | "u32" | "i64" | "u64" | "f32" | "f64" | "bool";
/** A field in JavaScript. */
export type FieldValue<F extends FieldType> = F extends "i64" | "u64" ? bigint : F extends "bool" ? boolean : number;

/** Where the fields lie. */
export interface RecordPlace {
  readonly longs: SharedLongs;
  readonly words: SharedWords;
  /** The long word of the first field. */
  readonly at: number;
}

const bits = new DataView(new ArrayBuffer(8));

/** How a type is read from and written to the long word `at`. */
interface Access {
  read(place: RecordPlace, at: number): number | bigint | boolean;
  write(place: RecordPlace, at: number, value: never): void;
}

/** A type that fits in a word: `fit` brings a value into its range as a typed array would. */
const small = (fit: (value: number) => number): Access => ({
  read: ({ words }, at) => fit(load(words, 2 * at)),
  write: ({ words }, at, value) => store(words, 2 * at, fit(value)),
});

const accesses: Readonly<Record<FieldType, Access>> = {
  i8: small((value) => (value << 24) >> 24),
  u8: small((value) => value & 0xff),
  i16: small((value) => (value << 16) >> 16),
  u16: small((value) => value & 0xffff),
  i32: small((value) => value | 0),
  u32: small((value) => value >>> 0),
  bool: {
    read: ({ words }, at) => load(words, 2 * at) !== 0,
    write: ({ words }, at, value) => store(words, 2 * at, value ? 1 : 0),
  },
  i64: { read: ({ longs }, at) => loadLong(longs, at), write: ({ longs }, at, value) => storeLong(longs, at, value) },
  u64: {
    read: ({ longs }, at) => BigInt.asUintN(64, loadLong(longs, at)),
    write: ({ longs }, at, value) => storeLong(longs, at, BigInt.asIntN(64, value)),
  },
  f32: {
    read: ({ words }, at) => {
      bits.setInt32(0, load(words, 2 * at));
      return bits.getFloat32(0);
    },
    write: ({ words }, at, value) => {
      bits.setFloat32(0, value);
      store(words, 2 * at, bits.getInt32(0));
    },
  },
  f64: {
    read: ({ longs }, at) => {
      bits.setBigInt64(0, loadLong(longs, at));
      return bits.getFloat64(0);
    },
    write: ({ longs }, at, value) => {
      bits.setFloat64(0, value);
      storeLong(longs, at, bits.getBigInt64(0));
    },
  },
};

/** Refuses a type that is none. */
export function checkFields(fields: Readonly<Record<string, FieldType>>): void {
  for (const [name, type] of Object.entries(fields)) {
    if (Object.hasOwn(accesses, type)) continue;
    throw new TypeError(
      `The field ${JSON.stringify(name)} of a struct has the type ${String(type)}; there are ${Object.keys(accesses).join(", ")}.`,
    );
  }
}

/** Gives an object an accessor for each field, in order, and closes it to others. */
export function defineFields(target: object, place: RecordPlace, fields: Readonly<Record<string, FieldType>>): void {
  Object.entries(fields).forEach(([name, type], index) => {
    const at = place.at + index;
    const { read, write } = accesses[type];
    Object.defineProperty(target, name, { enumerable: true, get: () => read(place, at), set: (value: never) => write(place, at, value) });
  });
  Object.preventExtensions(target);
}
