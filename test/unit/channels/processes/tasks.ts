// What the processes of the channel tests do.
import { type Channel, portable } from "../../../../src/runtime/index.ts";

/** Passes on what it gets, changed; closes behind itself. */
export const double = portable("double", async (from: Channel<number>, to: Channel<number>) => {
  for await (const value of from) await to.send(value * 2);
  to.close();
});
