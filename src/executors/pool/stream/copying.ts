// In place of a worker's way out: each item goes through the codec and comes back, as it would have arrived.

import type { StreamInlet } from "./inlet.ts";
import type { StreamOutlet } from "./producer.ts";

/** An item and its weight in bytes. */
export interface ItemCopy {
  readonly value: unknown;
  readonly bytes: number;
}

/** Puts a copy of each item into a stream of this thread. */
export function copyingInto(stream: StreamInlet, copy: (item: unknown) => ItemCopy): StreamOutlet {
  return {
    put(item) {
      const { value, bytes } = copy(item);
      return stream.put(value, bytes);
    },
    flush: (wanting) => stream.flush(wanting),
  };
}
