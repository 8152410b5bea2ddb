// Ways to fail that no exception describes.
import { setFlagsFromString } from "node:v8";

/** Runs into a trap of the processor, in native code: what a bug in an addon does. The engine's own means, since Node has no other
 *  that needs no compiler. */
export function crashNatively(): never {
  setFlagsFromString("--allow-natives-syntax");
  new Function("%SystemBreak()")();
  throw new RangeError("The processor did not trap.");
}
