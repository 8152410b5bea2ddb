// Where a shared lock lies in memory. It is what travels, and what an arena hands to a constructor in place of options: a private door,
// so that the public constructors take `LockOptions` and nothing else.
import type { SharedWords } from "../../memory/atomics.ts";

export interface Place {
  readonly words: SharedWords;
  readonly base: number;
  readonly name: string | undefined;
}

const places = new WeakMap<object, Place>();

const locks = new WeakMap<object, Place>();

/** Notes where a lock lies, so that it can travel. */
export function settle<P extends Place>(lock: object, place: P): P {
  locks.set(lock, place);
  return place;
}

/** Where a lock lies. */
export function placeOfLock(lock: object): Place {
  return locks.get(lock) as Place;
}

/** Options that put a lock at this place. */
export function atPlace<P extends Place>(place: P): { readonly name: string | undefined } {
  const options = { name: place.name };
  places.set(options, place);
  return options;
}

/** The place that the options stand for. */
export function placeOf(options: object | undefined): Place | undefined {
  return options === undefined ? undefined : places.get(options);
}
