// From nothing to the first result: a pool of one thread is opened, adds once, and is closed again, which is not counted.
import type { Add } from "./adders.ts";
import { repeated } from "./repeated.ts";

/** A pool that adds. */
export interface Adder {
  readonly add: Add;
  readonly close: () => PromiseLike<unknown>;
}

/** `open` opens a pool of one worker. */
export const firstResult = (open: () => Adder) =>
  repeated(async () => {
    const startedMs = performance.now();
    const { add, close } = open();
    const sum = await add(1, 2);
    const tookMs = performance.now() - startedMs;
    if (sum !== 3) throw new RangeError(`1 + 2 came back as ${sum}.`);
    await close();
    return tookMs;
  });
