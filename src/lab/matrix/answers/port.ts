// The far side of a message port, as of any object that says `message` and can `postMessage`.
import { once } from "node:events";
import type { MessagePort } from "node:worker_threads";

/** The answer to one message: numbers go back; bytes are counted, and told when asked for. `undefined`: nothing to say. */
export function portAnswer(): (message: unknown) => number | undefined {
  let bytes = 0;
  return (message) => {
    if (message instanceof Uint8Array) {
      bytes += message.byteLength;
      return undefined;
    }
    if (message !== "how much?") return Number(message);
    const told = bytes;
    bytes = 0;
    return told;
  };
}

/** Answers until the port is closed. */
export async function answerPort(port: MessagePort): Promise<void> {
  const answer = portAnswer();
  port.on("message", (message: unknown) => {
    const reply = answer(message);
    if (reply !== undefined) port.postMessage(reply);
  });
  await once(port, "close");
}
