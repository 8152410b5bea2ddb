// The far side of memory in common: it copies out what lies there when the flag goes up, and puts up the other flag.
import type { SharedGround } from "../shared-ground.ts";

/** Answers until the first byte is 255. Blocks the thread. */
export function answerGround(bytes: SharedGround["bytes"], there: SharedGround["there"], back: SharedGround["back"]): void {
  const own = new Uint8Array(bytes.byteLength);
  for (;;) {
    there.waitSync();
    there.clear();
    const kind = bytes[0];
    // a small message is its first byte, a large one the whole of it
    if (kind === 2) own.set(bytes);
    back.set();
    if (kind === 255) return;
  }
}
