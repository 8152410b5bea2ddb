// The far side of a channel: numbers go back at once; of bytes it says how many have come when it is asked.
import type { Receiver, Sender } from "../../../contract/channel.ts";

/** Answers until the channel is closed. */
export async function answerChannel(incoming: Receiver<unknown>, outgoing: Sender<number>): Promise<void> {
  let bytes = 0;
  for await (const value of incoming) {
    if (value instanceof Uint8Array) bytes += value.byteLength;
    else {
      await outgoing.send(value === "how much?" ? bytes : Number(value));
      if (value === "how much?") bytes = 0;
    }
  }
}
