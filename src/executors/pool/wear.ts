// Wear of a worker that has a memory limit: what it still holds when it does nothing. A task that leaves something behind each time
// would in the end bring down one that has done no harm; so a worker that has filled most of its limit says so between two tasks, and
// is replaced.
//
// What a heap uses is mostly garbage, which says nothing. So the figure that costs nothing only raises a suspicion, and the garbage is
// collected to find out. The tempting alternative, to watch the runtime's own collections, takes what a task held in the middle of
// one for what it left behind.
import { getHeapStatistics, setFlagsFromString } from "node:v8";

/** A worker is worn that holds this share of its limit. The rest is for the task that is under way when that is found. */
const wornShare = 0.75;
/** Who came close to the limit with its first task needs that much, and a new one would too: it is worn when it has grown by this share. */
const grownShare = 0.1;
/** After a look that found garbage the next is due when this share of what was free then has been filled: about as often as the runtime
 *  would collect by itself, so close to its limit. */
const filledShare = 0.25;

/** The collector of this thread; told to appear for a moment, so that no code finds it among its globals. */
function findCollector(): () => void {
  setFlagsFromString("--expose-gc");
  try {
    // Loaded when it is needed, which is hardly ever.
    return process.getBuiltinModule("node:vm").runInNewContext("gc") as () => void;
  } finally {
    setFlagsFromString("--no-expose-gc");
  }
}

/** Bytes of values, and of buffers that belong to them. Memory that threads share is nobody's and not among them. */
function heldBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics() as ReturnType<typeof getHeapStatistics> & { external_memory: number };
  return used_heap_size + external_memory;
}

export class Wear {
  readonly #limitBytes: number;
  /** Above it the worker is worn; not a number before its first task. */
  #wornBytes = Number.NaN;
  /** Above it a look is due. */
  #suspectBytes = Number.NaN;
  #collect: (() => void) | undefined;

  constructor(limitMegabytes: number) {
    this.#limitBytes = limitMegabytes * 2 ** 20;
  }

  /** Called after each task; true when it is worth a `look`. */
  suspects(): boolean {
    const held = heldBytes();
    if (Number.isNaN(this.#wornBytes)) {
      this.#wornBytes = Math.max(this.#limitBytes * wornShare, held + this.#limitBytes * grownShare);
      this.#suspectBytes = this.#wornBytes;
    }
    return held > this.#suspectBytes;
  }

  /** Whether it is worn; takes as long as a full collection, or two. */
  look(): boolean {
    this.#collect ??= findCollector();
    this.#collect();
    // Buffers are given back beside the collection, at the latest by the next.
    if (heldBytes() > this.#wornBytes) this.#collect();
    const held = heldBytes();
    this.#suspectBytes = Math.max(this.#wornBytes, held + (this.#limitBytes - held) * filledShare);
    return held > this.#wornBytes;
  }
}
