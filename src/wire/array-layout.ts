// How an array is laid out: densely, or with holes or extra properties. Listing the keys tells, but costs ten times the
// encoding of a long array of numbers; so long arrays are scanned for holes and asked for their extra properties through
// `inspect`, the one public call that lists these without listing every index.
import { inspect, types } from "node:util";

/** Up to this length the keys are listed. */
const SHORT_LENGTH = 256;

/** The own enumerable keys of an array that is not dense. */
export interface SparseLayout {
  readonly indices: readonly string[];
  readonly extras: readonly string[];
}

/** `undefined` for an array without holes and extra properties. */
export function layoutOf(array: readonly unknown[]): SparseLayout | undefined {
  const { length } = array;
  if (length > SHORT_LENGTH && !types.isProxy(array) && isDenseAndPlain(array)) return undefined;
  const keys = Object.keys(array);
  // Indices come first and in order, so the last one tells about all.
  if (keys.length === length && (length === 0 || keys[length - 1] === String(length - 1))) return undefined;
  let split = 0;
  while (split < keys.length && isIndex(keys[split] as string, length)) split++;
  return { indices: keys.slice(0, split), extras: keys.slice(split) };
}

function isIndex(key: string, length: number): boolean {
  const index = Number(key);
  return Number.isInteger(index) && index >= 0 && index < length && String(index) === key;
}

function isDenseAndPlain(array: readonly unknown[]): boolean {
  for (let index = 0; index < array.length; index++) {
    if (array[index] === undefined && !Object.hasOwn(array, index)) return false;
  }
  // A runtime that prints this otherwise takes the slow way, which is right as well.
  const shown = inspect(array, { maxArrayLength: 0, depth: 0, customInspect: false, breakLength: Number.POSITIVE_INFINITY });
  return shown === `[ ... ${array.length} more items ]`;
}
